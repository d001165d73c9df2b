"""The board and the funnel of needs in a browser: moved by pointer and by keys, narrow and wide."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations


def _a_need(page: Page, kind: str) -> str:
    body = {"need_type": kind, "text": f"Lamps, {kind}", "value": "10", "currency": "EUR"}
    return str(desk.answer(page, "POST", "/api/v1/needs", data=body)["id"])


def test_a_card_goes_to_another_stage_by_pointer_and_by_keys(mia: Page) -> None:
    kind = desk.unique("dragged lamps")
    need = _a_need(mia, kind)
    mia.goto(f"/needs/board?type={kind}")
    card = mia.locator(f"[data-need='{need}']")

    card.drag_to(mia.locator("[data-stage=qualified]"))
    expect(mia.locator("[data-stage=qualified]").locator(f"[data-need='{need}']")).to_be_visible()
    card.get_by_role("button", name="Take").focus()
    mia.keyboard.press("Space")
    expect(mia.locator("#said")).to_contain_text("is taken")
    mia.keyboard.press("ArrowRight")
    expect(mia.locator("#said")).to_have_text("Over Quoted")
    mia.keyboard.press("Enter")

    expect(mia.locator("[data-stage=quoted]").locator(f"[data-need='{need}']")).to_be_visible()
    assert violations(mia) == []


def test_on_a_phone_a_card_is_moved_by_a_button_and_the_funnel_counts_it(mia: Page) -> None:
    kind = desk.unique("tapped lamps")
    need = _a_need(mia, kind)
    mia.set_viewport_size({"width": 390, "height": 844})
    mia.goto(f"/needs/board?type={kind}")

    card = mia.locator(f"[data-need='{need}']")
    card.get_by_text("Move", exact=False).first.click()
    card.get_by_role("button", name="Quoted").click()

    expect(mia).to_have_url(f"/needs/{need}")
    mia.goto(f"/needs/funnel?type={kind}")
    row = mia.get_by_role("row", name="Quoted")
    expect(row.get_by_role("cell").first).to_have_text("1")
    assert violations(mia) == []
    assert mia.evaluate("document.documentElement.scrollWidth <= 390")


def test_a_filter_is_kept_and_opens_again(mia: Page) -> None:
    name = desk.unique("Late")
    mia.goto("/needs?overdue=1")
    mia.get_by_text("Keep this view").click()
    mia.get_by_label("Name").fill(name)
    mia.get_by_role("button", name="Keep", exact=True).click()

    mia.goto("/needs")
    mia.get_by_role("link", name=name).click()

    expect(mia.get_by_label("Overdue")).to_be_checked()
    assert violations(mia) == []
    mia.get_by_role("button", name=f"Take away the view {name}").click()
    expect(mia.get_by_role("link", name=name)).to_have_count(0)
