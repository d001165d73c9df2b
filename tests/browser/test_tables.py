"""A table is grouped in a browser by a worker, with a chart; what is wrong with it is told by its line."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import NARROW

TABLE = b"need_type,quantity,value\nlamps,1,10\nlamps,2,11\nlamps,3,12\nchairs,30,900\nchairs,31,905\n"


def _give(page: Page, content: bytes) -> None:
    page.goto("/tables")
    file = {"name": "customer_need_data.csv", "mimeType": "text/csv", "buffer": content}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_label("How many groups").fill("2")
    page.get_by_role("button", name="Group it").click()


def test_a_file_is_added_up_and_grouped(mia: Page) -> None:
    _give(mia, TABLE)

    expect(mia.get_by_role("heading", name="Groups by the numbers")).to_be_visible(timeout=60_000)
    expect(mia.get_by_role("table", name="Sums by type").get_by_role("row", name="chairs")).to_contain_text(
        "1,805"
    )
    assert violations(mia) == []
    mia.set_viewport_size(NARROW)
    assert mia.evaluate("document.documentElement.scrollWidth <= 390")
    assert violations(mia) == []


def test_what_is_wrong_with_a_file_is_told_by_its_line(mia: Page) -> None:
    _give(mia, TABLE + b"desks,2,10\ndesks,many,10\n")

    said = mia.locator("#table").get_by_role("alert")
    expect(said).to_contain_text("quantity: line 8: 'many' is not a number", timeout=60_000)
    assert violations(mia) == []
