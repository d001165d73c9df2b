"""Themes in a browser: trained by a click in a worker, named by their words, and leading to their needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, Open

SUBJECTS = (
    "reading lamp|desk lamp|lamp flicker|lamp socket|dimmable lamp",
    "invoice address|invoice receipt|invoice copy|invoice tax|corrected invoice",
    "parcel tracking|parcel delay|parcel depot|parcel courier|late parcel",
    "office chair|chair castor|chair armrest|chair cushion|swivel chair",
)


def _collect(page: Page) -> None:
    """Import needs about four subjects, one every twelve hours until today."""
    today, lines = datetime.now(UTC), ["need_type,text,value,created_on"]
    for at in range(128):
        words = SUBJECTS[at % 4].split("|")
        text = f"{words[at // 4 % 5]} and {words[at // 20 % 5]} for room {at}"
        lines.append(f"themed,{text},10,{(today - timedelta(hours=12 * (128 - at))).date()}")
    desk.answer(page, "POST", "/api/v1/needs/import", data={"csv": "\n".join(lines) + "\n"})


def test_themes_are_found_by_a_click_and_lead_to_their_needs(open_page: Open) -> None:
    mia, olga = open_page("mia", "/themes"), open_page("olga", "/models/themes")
    expect(mia.get_by_role("heading", name="No themes yet")).to_be_visible()
    assert violations(mia) == []
    _collect(mia)
    olga.get_by_role("button", name="Train now").click()
    expect(olga.locator("#progress")).to_contain_text("done", timeout=60_000)

    mia.goto("/themes")

    row = mia.get_by_role("row", name="lamp")
    expect(row.get_by_role("img")).to_be_visible()
    assert violations(mia) == []
    mia.set_viewport_size(NARROW)
    assert mia.evaluate("document.documentElement.scrollWidth <= 390")
    assert violations(mia) == []
    row.get_by_role("rowheader").get_by_role("link").click()
    expect(mia.get_by_role("link", name="lamp").first).to_be_visible()
    expect(mia.get_by_role("link", name="parcel")).to_have_count(0)
