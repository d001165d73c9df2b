"""Exploring needs and merging duplicates in a browser, wide and narrow."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations


def test_a_pivot_is_narrowed_by_a_click_and_kept_as_a_view(mia: Page) -> None:
    kind = desk.unique("explored lamps")
    for channel in ("fair", "web"):
        body = {"need_type": kind, "text": "Lamps", "value": "12.50", "currency": "EUR", "channel": channel}
        desk.answer(mia, "POST", "/api/v1/needs", data=body)
    mia.goto(f"/needs/explore?type={kind}&columns=channel&measure=value")

    mia.get_by_role("table").get_by_role("link", name="fair").click()

    row = mia.get_by_role("table").get_by_role("row", name=kind)
    expect(row.get_by_role("cell").last).to_have_text("€12.50")
    assert violations(mia) == []
    mia.set_viewport_size({"width": 390, "height": 844})
    assert mia.evaluate("document.documentElement.scrollWidth <= 390")
    assert violations(mia) == []


def test_two_needs_that_say_the_same_are_merged_and_parted(mia: Page) -> None:
    name = desk.unique("Twin")
    for text in ("Seven round tables, soon", "seven round tables soon"):
        body = {"need_type": "tables", "text": text, "customer_name": name}
        made = desk.answer(mia, "POST", "/api/v1/needs", data=body)
    mia.goto(f"/needs/{made['id']}")

    mia.get_by_role("button", name="Merge it into this one").click()
    expect(mia.get_by_role("heading", name="Merged: N-")).to_be_visible()
    assert violations(mia) == []
    mia.get_by_role("button", name="Part them").click()

    expect(mia.get_by_role("heading", name="Perhaps the same")).to_be_visible()
