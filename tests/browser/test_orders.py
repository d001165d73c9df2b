"""Orders in a browser: from a need to a submitted order, with its draft kept whatever happens."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from pathlib import Path
from uuid import UUID, uuid4

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, Open
from tests.browser.serving import Serving
from tests.browser.watching import Watch
from tests.tasks.installation import eventually


def _decide(page: Page, title: str) -> None:
    """Approve, or report as done, the item of this order when it arrives in the page's inbox."""
    page.goto(f"/inbox?search={title}")
    page.get_by_role("region", name="Work items").get_by_role("link", name=title).click()
    page.get_by_role("button", name=re.compile("^(Approve|Done) a")).click()
    expect(page.locator("#toasts")).to_contain_text(title)


def _wait(page: Page, order: dict[str, str], *statuses: str) -> None:
    assert eventually(lambda: desk.status_of(page, order) in statuses, 40), desk.status_of(page, order)


def test_a_need_becomes_an_order_that_is_approved_packed_and_closed(
    mia: Page, jon: Page, chen: Page, sam: Page
) -> None:
    text = desk.unique("Thirty lamps for the library")
    desk.add_customer(mia, library := desk.unique("Library"))
    mia.goto("/needs/new")
    mia.get_by_label("Type").fill("lighting")
    mia.get_by_label("What is needed").fill(text)
    mia.get_by_label("Customer", exact=True).select_option(label=library)
    mia.get_by_label("Quantity").fill("30")
    mia.get_by_role("button", name="Keep").click()
    expect(mia.get_by_role("heading", name="lighting", level=1)).to_be_visible()
    mia.get_by_role("button", name="Make an order").click()

    mia.get_by_label("Title").fill(title := desk.unique("Library lamps"))
    row = mia.get_by_role("row").filter(has=mia.get_by_label("Quantity")).first
    row.get_by_label("Item").fill("Desk lamp, warm light")
    expect(row.get_by_label("Price")).to_have_value("48.5")
    row.get_by_label("Quantity").fill("30")
    preview = mia.get_by_role("complementary")
    expect(preview).to_contain_text("€1,731.45")
    expect(preview).to_contain_text("Sales lead")
    expect(preview).to_contain_text("Amount above 1,000")
    mia.get_by_role("button", name="Submit for approval").click()
    expect(mia.get_by_role("heading", name=title, level=1)).to_be_visible()
    order = {"id": mia.url.rsplit("/", 1)[-1]}

    _decide(jon, title)
    assert eventually(lambda: desk.waits_for(mia, order) == ["Credit control"], 30)
    _decide(chen, title)
    assert eventually(lambda: desk.waits_for(mia, order) == ["Warehouse"], 40)
    _decide(sam, title)
    _wait(mia, order, "closed")

    expect(mia.get_by_role("main")).to_contain_text("Closed")
    mia.reload()
    mia.get_by_role("link", name=re.compile("Invoice INV-")).click()
    expect(mia.get_by_role("main")).to_contain_text("€1,731.45")


def test_a_line_is_of_the_product_that_it_shows(mia: Page, watch: Watch) -> None:
    watch.allow("422")
    order = desk.enter_order(mia, desk.unique("Lamps thought over"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")
    item = mia.get_by_label("Item").first
    warning = mia.get_by_text("No product has this name.").first

    item.fill("No such product at all")
    expect(warning).to_be_visible()
    assert eventually(lambda: _first_line(mia, order) == (None, "No such product at all"))
    mia.get_by_role("button", name="Submit for approval").click()
    expect(mia.get_by_role("alert").filter(has_text="names no product")).to_be_visible()
    expect(warning).to_be_visible()
    assert desk.status_of(mia, order) == "draft"

    item.fill("Whiteboard, 120 x 90 cm")
    expect(mia.get_by_label("Price").first).to_have_value("129")
    expect(warning).to_be_hidden()
    whiteboard = desk.product_id(mia, "WBD-120")
    assert eventually(lambda: _first_line(mia, order) == (whiteboard, "Whiteboard, 120 x 90 cm"))


def test_a_name_typed_again_keeps_the_price_that_was_agreed(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps mistyped"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")
    item, price = mia.get_by_label("Item").first, mia.get_by_label("Price").first
    name = item.input_value()
    price.fill("41")

    item.fill(f"{name}x")
    expect(mia.get_by_text("No product has this name.").first).to_be_visible()
    item.fill(name)

    expect(mia.get_by_text("No product has this name.").first).to_be_hidden()
    expect(price).to_have_value("41")
    lamp = desk.product_id(mia, "LMP-010")
    assert eventually(lambda: _first_line(mia, order) == (lamp, name))


def test_a_line_without_its_product_has_no_price_of_it(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to become words"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")

    mia.get_by_label("Item").first.fill("Something else entirely")

    expect(mia.get_by_label("Price").first).to_have_value("")
    expect(mia.get_by_role("complementary")).to_contain_text("€0.00")


def test_a_draft_gets_another_customer_and_list_prices(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps for somebody else"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")
    mia.get_by_label("Price").first.fill("41")

    mia.get_by_role("button", name="Change…").click()
    dialog = mia.get_by_role("dialog", name="Change the customer")
    dialog.get_by_label("Customer").select_option(label="Lisbon Cowork")
    dialog.get_by_role("button", name="Change the customer").click()

    expect(mia.get_by_role("main")).to_contain_text("1 line was quoted anew at its list price.")
    expect(mia.get_by_role("textbox", name="Customer")).to_have_value("Lisbon Cowork")
    expect(mia.get_by_label("Price").first).to_have_value("48.5")


def _first_line(page: Page, order: dict[str, str]) -> tuple[str | None, str]:
    line = desk.answer(page, "GET", f"/api/v1/orders/{order['id']}")["lines"][0]
    return line["product_id"], line["description"]


def test_what_is_typed_is_kept_as_a_draft(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to be typed"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")

    mia.get_by_label("Note to the approvers").fill("They are in a hurry.")
    mia.get_by_label("Quantity").fill("31")
    mia.get_by_label("Discount in percent").fill("12,5")
    mia.get_by_label("Discount in percent").press("Enter")
    mia.get_by_label("Item").last.fill("Assembly on site")

    expect(mia.locator("[data-save-state=saved]")).to_be_visible()
    mia.reload()
    expect(mia.get_by_label("Note to the approvers")).to_have_value("They are in a hurry.")
    expect(mia.get_by_label("Quantity").first).to_have_value("31")
    expect(mia.get_by_label("Discount in percent").first).to_have_value("12.5")
    expect(mia.get_by_label("Item").last).to_have_value("Assembly on site")


def test_what_is_typed_without_a_connection_is_saved_when_it_is_back(mia: Page, watch: Watch) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    order = desk.enter_order(mia, desk.unique("Lamps typed in a tunnel"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")
    mia.context.set_offline(True)

    mia.get_by_label("Note to the approvers").fill("Written in a tunnel.")

    expect(mia.get_by_role("alert").filter(has_text="kept on this device")).to_be_visible()
    mia.context.set_offline(False)
    expect(mia.locator("[data-save-state=saved]")).to_be_visible(timeout=15_000)
    assert desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["note"] == "Written in a tunnel."


def test_two_who_edit_one_draft_choose_whose_words_count(mia: Page, open_page: Open, watch: Watch) -> None:
    watch.allow("412")
    order = desk.enter_order(mia, desk.unique("Lamps edited twice"), submit=False)
    path = f"/orders/{order['id']}/edit"
    mia.goto(path)
    other = open_page("mia", path)
    other.get_by_label("Note to the approvers").fill("From the other page.")
    expect(other.locator("[data-save-state=saved]")).to_be_visible()
    assert eventually(
        lambda: desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["note"] == "From the other page."
    )

    mia.get_by_label("Note to the approvers").fill("From this page.")
    conflict = mia.get_by_role("alert").filter(has_text="Somebody else saved this order meanwhile.")
    expect(conflict).to_be_visible()
    expect(mia.get_by_label("Note to the approvers")).to_have_value("From this page.")
    conflict.get_by_role("button", name="Save mine over it").click()

    expect(mia.locator("[data-save-state=saved]")).to_be_visible()
    assert desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["note"] == "From this page."


def test_a_wrong_number_is_named_and_nothing_is_submitted(mia: Page, watch: Watch) -> None:
    watch.allow("422")
    order = desk.enter_order(mia, desk.unique("Lamps by the dozen"), submit=False)
    mia.goto(f"/orders/{order['id']}/edit")

    mia.get_by_label("Quantity").fill("a dozen")
    mia.get_by_role("button", name="Submit for approval").click()

    expect(mia.get_by_role("alert").filter(has_text="Not submitted.")).to_be_visible()
    expect(mia.locator("[name=quantity][aria-invalid=true]")).to_be_visible()
    expect(mia.locator("[data-wrong]")).to_contain_text("Line 1, quantity: Not a number such as 1310.00.")
    assert desk.status_of(mia, order) == "draft"


def test_the_export_holds_what_the_list_shows(mia: Page) -> None:
    common = desk.unique("Lamps to export")
    desk.enter_order(mia, f"{common} one", submit=False)
    desk.enter_order(mia, f"{common} two")
    mia.goto("/orders")
    mia.get_by_label("Search orders").fill(common)
    mia.get_by_label("Status").select_option(label="Draft")
    mia.get_by_role("button", name="Filter").click()
    expect(mia.get_by_role("row")).to_have_count(2)

    with mia.expect_download() as download:
        mia.get_by_role("link", name="Download CSV").click()

    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [row["title"] for row in rows] == [f"{common} one"]


def test_orders_are_found_by_the_days_of_their_entry(mia: Page) -> None:
    desk.enter_order(mia, title := desk.unique("Lamps of today"), submit=False)

    mia.goto(f"/orders?search={title}&to=2020-01-01")
    expect(mia.get_by_role("heading", name="No orders")).to_be_visible()
    mia.get_by_role("link", name="Clear").click()

    expect(mia.get_by_role("link", name=title)).to_be_visible()


def test_an_order_page_follows_what_happens(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to follow"))
    mia.goto(f"/orders/{order['id']}")
    expect(mia.locator("html[data-live-stream=open]")).to_be_attached()
    waiting = desk.answer(jon, "GET", f"/api/v1/orders/{order['id']}")["waiting"][0]["item_id"]

    desk.answer(jon, "POST", f"/api/v1/inbox/{waiting}/complete", data={"result": {"decision": "approved"}})

    expect(mia.get_by_role("region", name="Timeline", exact=True)).to_contain_text("Approve: approved")
    expect(mia.get_by_role("main")).to_contain_text("Credit control")


def test_an_order_is_cancelled_after_a_question(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to cancel"))
    mia.goto(f"/orders/{order['id']}")

    mia.get_by_role("button", name="Cancel the order…").click()
    dialog = mia.get_by_role("dialog", name=f"Cancel {order['number']}?")
    dialog.get_by_label("Why").fill("They moved elsewhere.")
    dialog.get_by_role("button", name="Cancel the order").click()

    _wait(mia, order, "cancelled")


def _suggest_to_everybody(file: Path, *skus: str) -> None:
    """Put what a training would have left for customers whom little is known of."""
    with sqlite3.connect(file, timeout=30) as connection:
        found = connection.execute("select id, org_id, sku from products").fetchall()
        listed = [[str(UUID(hex=each)), "popular", {"customers": 7}] for each, _, sku in found if sku in skus]
        connection.execute(
            "insert into customer_suggestions (id, org_id, again, new) values (?, ?, '[]', ?)",
            (uuid4().hex, found[0][1], json.dumps(listed)),
        )


def test_what_the_customer_may_want_next_is_a_line_by_one_press(
    open_page: Open, mia: Page, serving: Serving
) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps and what goes with them"), submit=False)
    _suggest_to_everybody(serving.var / "placet.db", "WBD-120", "PNT-001")
    mia.goto(f"/orders/{order['id']}/edit")
    offers = mia.get_by_role("region", name="Next for this customer")
    expect(offers).to_contain_text("Bought by 7 customers in 90 days")
    button = offers.get_by_role("button").last
    name = button.get_attribute("data-name") or ""

    button.focus()
    mia.keyboard.press("Enter")

    expect(button).to_have_text("On the order")
    expect(button).to_be_focused()
    expect(mia.get_by_label("Item").last).to_have_value(name)
    path = f"/api/v1/orders/{order['id']}"
    assert eventually(lambda: desk.answer(mia, "GET", path)["lines"][-1]["description"] == name)
    mia.keyboard.press("Enter")
    expect(mia.get_by_label("Quantity").last).to_be_focused()
    mia.get_by_role("button", name="Remove this line").last.click()
    expect(button).to_have_text("Add")
    for options in ({}, {"color_scheme": "dark", "viewport": NARROW, "locale": "zh-CN"}):
        other = open_page("mia", f"/orders/{order['id']}/edit", **options)
        expect(other.locator("[data-offer]").last).to_be_visible()
        assert violations(other) == []
