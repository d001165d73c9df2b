"""The approver's desk: deciding, taking back, being told, and getting there by keys or on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.serving import Serving
from tests.browser.watching import Watch
from tests.tasks.installation import eventually


def _find(page: Page, title: str) -> None:
    """Narrow the inbox to the items of this order."""
    page.goto(f"/inbox?search={title}")
    expect(page.get_by_role("article").get_by_role("heading", name=title)).to_be_visible()


def _row(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name="Work items").get_by_role("link", name=title)


def test_an_approval_can_be_taken_back(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps to take back"))
    _find(jon, title)

    jon.get_by_role("button", name="Approve a").click()
    expect(jon.get_by_text(f"Approved: {title}.").first).to_be_visible()
    jon.locator("#toasts").get_by_role("button", name="Undo").click()

    expect(jon.get_by_role("button", name="Approve a")).to_be_visible()
    expect(jon.locator("#toasts > *")).to_have_count(0)
    jon.wait_for_timeout(3_500)
    assert desk.status_of(jon, order) == "submitted"


def test_an_approval_counts_when_it_is_not_taken_back(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps to approve"))
    _find(jon, title)

    jon.keyboard.press("a")

    expect(jon.get_by_text(f"Approved: {title}.").first).to_be_visible()
    assert eventually(lambda: desk.waits_for(jon, order) == ["Credit control"], 20)
    expect(jon.get_by_role("region", name="Work items")).to_contain_text("Nothing matches")


def test_z_takes_back(mia: Page, jon: Page) -> None:
    desk.enter_order(mia, title := desk.unique("Lamps to take back by key"))
    _find(jon, title)
    jon.keyboard.press("a")
    expect(jon.locator("#toasts")).to_contain_text("Takes effect in")

    jon.keyboard.press("z")

    expect(jon.get_by_role("button", name="Approve a")).to_be_visible()
    expect(jon.locator("#toasts > *")).to_have_count(0)


def test_the_button_beside_the_item_takes_its_toast_back_too(mia: Page, open_page: Open) -> None:
    desk.enter_order(mia, title := desk.unique("Lamps to take back in place"))
    phone = open_page("jon", f"/inbox?search={title}", viewport=NARROW)
    phone.get_by_role("link", name=title).click()
    phone.get_by_role("button", name="Approve").click()
    expect(phone.locator("#toasts")).to_contain_text("Takes effect in")

    phone.get_by_role("article").get_by_role("button", name="Undo").click()

    expect(phone.get_by_role("button", name="Approve")).to_be_visible()
    expect(phone.locator("#toasts > *")).to_have_count(0)


def test_a_comment_grows_and_goes_with_the_decision_that_it_sends(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps with many words"))
    _find(jon, title)
    comment = jon.get_by_label("Write a comment")
    before = comment.bounding_box()

    comment.fill("\n".join(f"Line {n} of a long thought." for n in range(8)))
    after = comment.bounding_box()
    comment.press("Control+Enter")

    assert before
    assert after
    assert after["height"] > before["height"] * 1.5
    expect(jon.get_by_text(f"Approved: {title}.").first).to_be_visible()
    assert eventually(lambda: desk.waits_for(jon, order) == ["Credit control"], 20)
    mia.goto(f"/orders/{order['id']}")
    expect(mia.get_by_role("region", name="Timeline", exact=True)).to_contain_text(
        "Line 7 of a long thought."
    )


def test_a_rejection_asks_for_its_reason(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps to reject"))
    _find(jon, title)

    jon.keyboard.press("r")
    dialog = jon.get_by_role("dialog", name=f"Reject: {title}")
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Why").fill("They have lamps already.")
    dialog.get_by_role("button", name="Reject").click()

    expect(jon.get_by_text(f"Rejected: {title}.").first).to_be_visible()
    assert eventually(lambda: desk.status_of(jon, order) == "rejected", 20)
    mia.goto(f"/orders/{order['id']}")
    expect(mia.get_by_role("main")).to_contain_text("They have lamps already.")


def test_an_order_sent_back_is_revised_and_submitted_again(mia: Page, jon: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps to revise"))
    _find(jon, title)
    jon.keyboard.press("b")
    dialog = jon.get_by_role("dialog", name=f"Send back: {title}")
    dialog.get_by_label("Why").fill("Twenty are enough, but they must cost more than a thousand.")
    dialog.get_by_role("button", name="Send back").click()
    assert eventually(lambda: desk.status_of(mia, order) == "changes_requested", 20)

    mia.goto(f"/orders/{order['id']}/edit")
    expect(mia.get_by_text("Sent back to you.")).to_be_visible()
    mia.get_by_label("Quantity").fill("24")
    mia.get_by_role("button", name="Submit for approval").click()

    expect(mia.get_by_text("Waiting for approval").first).to_be_visible()
    _find(jon, title)
    expect(jon.get_by_role("article").get_by_role("cell", name="24", exact=True)).to_be_visible()


@pytest.fixture
def lena(serving: Serving, open_page: Open) -> Page:
    """The inbox of a second sales lead, whom Olga adds the first time."""
    if "lena@demo.example" not in serving.added:
        olga = open_page("olga", "/people")
        form = olga.locator("form", has=olga.get_by_role("heading", name="Add a person"))
        form.get_by_label("Name").fill("Lena Vogt")
        form.get_by_label("E-mail").fill("lena@demo.example")
        form.get_by_label("First password").fill("a password of her own")
        form.get_by_label("approver").check()
        form.get_by_label("Sales lead").check()
        form.get_by_role("button", name="Add").click()
        expect(olga.get_by_text("Added.").first).to_be_visible()
        serving.added["lena@demo.example"] = "a password of her own"
    return open_page("lena")


def test_whoever_is_slower_is_told_at_once(mia: Page, jon: Page, lena: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps for two"))
    _find(jon, title)
    _find(lena, title)
    lena.keyboard.press("r")
    lena.get_by_role("textbox", name="Why").fill("Typed while the other decides.")

    jon.keyboard.press("a")

    expect(lena.get_by_role("alert")).to_contain_text("Jon Reyes has decided this")
    expect(lena.get_by_role("alert")).to_contain_text("Nothing of yours was sent.")
    expect(lena.get_by_role("button", name="Reject")).to_have_count(0)
    assert eventually(lambda: desk.waits_for(jon, order) == ["Credit control"], 20)


def test_a_decision_that_comes_too_late_changes_nothing(
    mia: Page, jon: Page, lena: Page, watch: Watch
) -> None:
    watch.allow("409", "ERR_FAILED")
    order = desk.enter_order(mia, title := desk.unique("Lamps decided twice"))
    lena.route("**/events*", lambda route: route.abort())
    _find(jon, title)
    _find(lena, title)
    jon.keyboard.press("a")
    expect(jon.locator("#toasts")).to_contain_text(f"Approved: {title}.")

    lena.keyboard.press("a")

    banner = lena.get_by_role("article").get_by_role("alert")
    expect(banner).to_contain_text("Not approved. Jon Reyes decided this at")
    assert eventually(lambda: desk.waits_for(jon, order) == ["Credit control"], 20)


def test_a_new_item_arrives_by_itself(mia: Page, jon: Page) -> None:
    title = desk.unique("Lamps that arrive")
    jon.goto(f"/inbox?search={title}")
    expect(jon.locator("html[data-live-stream=open]")).to_be_attached()

    desk.enter_order(mia, title)

    expect(_row(jon, title)).to_be_visible()
    expect(jon.get_by_text("New just now")).to_be_visible()


def test_what_a_colleague_decided_leaves_the_inbox_when_it_counts(mia: Page, jon: Page, lena: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps that leave"))
    for page in (jon, lena):
        _find(page, title)
        expect(page.locator("html[data-live-stream=open]")).to_be_attached()

    jon.keyboard.press("a")

    assert eventually(lambda: desk.waits_for(jon, order) == ["Credit control"], 20)
    expect(_row(lena, title)).to_have_count(0, timeout=10_000)


def test_what_a_colleague_says_is_read_while_one_writes(mia: Page, jon: Page, open_page: Open) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps talked about"))
    item = desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["waiting"][0]["item_id"]
    _find(jon, title)
    alone = open_page("jon", f"/inbox/{item}")
    mia.goto(f"/orders/{order['id']}")
    readers = (jon.locator("#detail"), alone.locator("#detail"), mia.locator("#order"))
    for each in readers:
        expect(each.page.locator("html[data-live-stream=open]")).to_be_attached()
        each.get_by_role("textbox", name="Write a comment").fill("Half a sent")

    desk.answer(mia, "POST", f"/api/v1/orders/{order['id']}/comments", data={"text": "They moved the date."})

    for each in readers:
        expect(each.locator(".rail")).to_contain_text("They moved the date.")
        box = each.get_by_role("textbox", name="Write a comment")
        expect(box).to_have_value("Half a sent")
        expect(box).to_be_focused()
        box.fill("")


def test_a_list_in_use_keeps_its_rows_and_counts_what_is_new(mia: Page, jon: Page) -> None:
    common = desk.unique("Lamps in a list")
    desk.enter_order(mia, f"{common} first")
    jon.goto(f"/inbox?search={common}")
    expect(jon.locator("html[data-live-stream=open]")).to_be_attached()
    _row(jon, f"{common} first").click()

    desk.enter_order(mia, f"{common} second")

    news = jon.get_by_role("button", name="1 new")
    expect(news).to_be_visible()
    expect(_row(jon, f"{common} second")).to_have_count(0)
    news.click()
    expect(_row(jon, f"{common} second")).to_be_visible()


def test_the_next_item_opens_after_a_decision(mia: Page, jon: Page) -> None:
    common = desk.unique("Lamps in a row")
    for name in ("one", "two"):
        desk.enter_order(mia, f"{common} {name}")
    jon.goto(f"/inbox?search={common}")
    opened = jon.get_by_role("article").get_by_role("heading", level=2).first
    expect(opened).to_have_text(f"{common} one")

    jon.keyboard.press("a")

    expect(opened).to_have_text(f"{common} two")
    expect(jon).to_have_url(re.compile("item="))


def test_the_keys_walk_the_list_and_the_pages(mia: Page, jon: Page) -> None:
    common = desk.unique("Lamps by key")
    for name in ("one", "two"):
        desk.enter_order(mia, f"{common} {name}")
    jon.goto(f"/inbox?search={common}")
    opened = jon.get_by_role("article").get_by_role("heading", level=2).first

    jon.keyboard.press("j")
    expect(opened).to_have_text(f"{common} two")
    jon.keyboard.press("k")
    expect(opened).to_have_text(f"{common} one")
    jon.keyboard.press("x")
    expect(jon.get_by_text("1 selected")).to_be_visible()
    jon.keyboard.press("/")
    expect(jon.get_by_label("Search the list")).to_be_focused()
    jon.keyboard.type("a")
    expect(jon.locator("#toasts > *")).to_have_count(0)
    jon.keyboard.press("Tab")
    jon.keyboard.press("?")
    expect(jon.get_by_role("dialog", name="Keys")).to_be_visible()
    jon.keyboard.press("Escape")
    jon.keyboard.press("g")
    jon.keyboard.press("o")
    expect(jon.get_by_role("heading", name="Orders", level=1)).to_be_visible()


def test_the_palette_goes_to_a_page_and_to_an_order(mia: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to be found"), submit=False)

    mia.keyboard.press("Control+k")
    mia.get_by_role("combobox").fill("custom")
    mia.keyboard.press("Enter")
    expect(mia.get_by_role("heading", name="Customers", level=1)).to_be_visible()
    mia.keyboard.press("Control+k")
    mia.get_by_role("combobox").fill(order["number"])
    mia.get_by_role("option", name=order["number"]).click()

    expect(mia.get_by_role("heading", name=order["title"], level=1)).to_be_visible()


def test_several_are_approved_together_after_a_question(mia: Page, jon: Page) -> None:
    common = desk.unique("Lamps together")
    orders = [desk.enter_order(mia, f"{common} {name}") for name in ("one", "two")]
    jon.goto(f"/inbox?search={common}")

    for name in ("one", "two"):
        jon.get_by_label(f"Select {common} {name}").check()
    jon.get_by_role("button", name="Approve 2…").click()
    jon.get_by_role("dialog").get_by_role("button", name="Approve").click()

    expect(jon.get_by_text("2 of 2 approved.")).to_be_visible()
    assert [desk.waits_for(jon, each) for each in orders] == [["Credit control"]] * 2


def test_nobody_approves_an_order_of_their_own(mia: Page) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps of my own"))
    waiting = desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["waiting"]

    mia.goto(f"/inbox/{waiting[0]['item_id']}")

    expect(mia.get_by_role("heading", name=title)).to_be_visible()
    expect(mia.get_by_text("You entered this order, so someone else decides.")).to_be_visible()
    expect(mia.get_by_role("button", name="Approve")).to_have_count(0)


def test_an_approval_on_a_phone(mia: Page, open_page: Open) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps on the way"))
    phone = open_page("jon", f"/inbox?search={title}", viewport=NARROW, has_touch=True, is_mobile=True)

    phone.get_by_role("link", name=title).tap()
    expect(phone.get_by_role("heading", name=title, level=1)).to_be_visible()
    phone.get_by_role("button", name="Approve").tap()

    expect(phone.locator("#toasts")).to_contain_text(f"Approved: {title}.")
    assert eventually(lambda: desk.waits_for(phone, order) == ["Credit control"], 20)
    expect(phone.locator("[data-outcome]")).to_contain_text("Jon Reyes decided this")
    # What was put into the page since keeps its heading.
    expect(phone.get_by_role("heading", name=title, level=1)).to_be_visible()


def test_a_page_of_an_item_keeps_its_heading_when_it_changes(mia: Page, lena: Page, open_page: Open) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps with a heading"))
    item = desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["waiting"][0]["item_id"]
    jon = open_page("jon", f"/inbox/{item}")
    heading = jon.get_by_role("heading", name=title, level=1)

    jon.get_by_role("textbox", name="Write a comment").fill("Which shade?")
    jon.get_by_role("button", name="Comment", exact=True).click()
    expect(jon.get_by_text("Which shade?")).to_be_visible()
    expect(heading).to_be_visible()
    desk.call(lena, "POST", f"/api/v1/inbox/{item}/claim")
    expect(jon.get_by_text("Taken by")).to_be_visible()
    expect(heading).to_be_visible()
    desk.call(lena, "POST", f"/api/v1/inbox/{item}/release")
    jon.get_by_role("button", name="Approve").click()
    jon.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(jon.get_by_role("button", name="Approve")).to_be_visible()
    expect(heading).to_be_visible()
    assert violations(jon) == []


@pytest.mark.parametrize("size", [pytest.param(WIDE, id="desk"), pytest.param(NARROW, id="phone")])
def test_the_reason_is_read_before_the_diagram_and_without_scrolling(
    mia: Page, open_page: Open, size: ViewportSize
) -> None:
    order = desk.enter_order(mia, title := desk.unique("Lamps with a reason"))
    item = desk.answer(mia, "GET", f"/api/v1/orders/{order['id']}")["waiting"][0]["item_id"]
    jon = open_page("jon", f"/inbox?search={title}", viewport=size)
    reason = desk.answer(jon, "GET", f"/api/v1/inbox/{item}")["why"][0]
    expect(_row(jon, title).locator("xpath=..")).to_contain_text(reason)

    if size == NARROW:
        jon.goto(f"/inbox/{item}")
    expect(jon.locator("[data-diagram][data-ready]")).to_be_attached()

    told, bar, diagram = (
        jon.locator(part).first.bounding_box() for part in (".why ul", ".decide", "#detail .dg")
    )
    assert told
    assert bar
    assert diagram
    assert told["y"] + told["height"] < min(bar["y"], diagram["y"])
    assert diagram["height"] <= 0.35 * size["height"]
    assert violations(jon) == []


def test_a_dialog_opened_by_a_key_gives_the_focus_to_its_button(mia: Page, jon: Page) -> None:
    desk.enter_order(mia, title := desk.unique("Lamps to hesitate about"))
    _find(jon, title)
    jon.keyboard.press("r")
    expect(jon.get_by_role("dialog", name=f"Reject: {title}")).to_be_visible()

    jon.keyboard.press("Escape")

    expect(jon.get_by_role("button", name="Reject… r")).to_be_focused()


def test_without_a_connection_nothing_is_decided_and_the_page_says_so(
    mia: Page, jon: Page, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED", "htmx:")
    order = desk.enter_order(mia, title := desk.unique("Lamps without a line"))
    _find(jon, title)
    jon.context.set_offline(True)

    jon.keyboard.press("a")

    expect(jon.get_by_text(re.compile(r"No connection since \d\d:\d\d\.$"))).to_be_visible()
    expect(jon.get_by_role("alert")).to_contain_text("Nothing was sent.")
    jon.context.set_offline(False)
    expect(jon.get_by_text("No connection since")).to_be_hidden()
    expect(jon.get_by_text("Nothing was sent.")).to_have_count(0)
    assert desk.status_of(mia, order) == "submitted"
