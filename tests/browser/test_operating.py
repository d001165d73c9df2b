"""An operator's desk: instances held still, moved by a press in the diagram or by keys, many at once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.watching import Watch


def _act(page: Page, instance_id: str, verb: str) -> None:
    page.goto(f"/instances/{instance_id}/act?verb={verb}")
    page.get_by_label("Why").fill("The customer called")


def _sure(page: Page, button: str) -> None:
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("region", name="What would happen").get_by_role("button", name=button).click()
    expect(page.get_by_text("It is done, and in the record.").first).to_be_visible()


def test_who_decides_on_a_suspended_order_is_told_and_can_when_it_goes_on(
    mia: Page, jon: Page, olga: Page, watch: Watch
) -> None:
    watch.allow("409")
    order = desk.enter_order(mia, title := desk.unique("Lamps to hold still"))
    jon.goto(f"/inbox?search={title}")
    expect(jon.get_by_role("button", name="Approve a")).to_be_visible()
    _act(olga, order["instance_id"], "suspend")
    _sure(olga, "Suspend")
    expect(olga.get_by_text("suspended").first).to_be_visible()

    jon.get_by_role("button", name="Approve a").click()
    expect(jon.get_by_text("An operator has suspended this: nothing was taken.").first).to_be_visible()
    jon.goto(f"/inbox?search={title}")
    expect(jon.get_by_text("You can decide when it goes on.")).to_be_visible()
    _act(olga, order["instance_id"], "resume")
    _sure(olga, "Resume")
    jon.goto(f"/inbox?search={title}")
    jon.get_by_role("button", name="Approve a").click()

    expect(jon.get_by_text(f"Approved: {title}.").first).to_be_visible()


def test_an_instance_is_moved_by_a_press_in_the_diagram(mia: Page, olga: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to move"))
    _act(olga, order["instance_id"], "move")
    approval = olga.locator('[data-process="order_approval"]')
    expect(approval.locator("[data-ready]")).to_be_visible()

    approval.locator('[data-element-id="decide_instead"] .djs-hit').first.click()
    expect(olga.get_by_label("To", exact=True)).to_have_value("order_approval|decide_instead")
    expect(approval.locator(".is-picked")).to_have_count(1)
    olga.get_by_role("button", name="Preview").click()
    foreseen = olga.get_by_role("region", name="What would happen")
    expect(foreseen).to_contain_text(re.compile("Leaves.*Approve.*Reaches.*Decide instead", re.DOTALL))
    assert violations(olga, (".bjs-powered-by",)) == []
    foreseen.get_by_role("button", name="Move on").click()

    expect(olga.get_by_text("It is done, and in the record.").first).to_be_visible()
    assert desk.waits_for(olga, order) == ["Management"]


def test_keys_alone_move_an_instance(mia: Page, olga: Page) -> None:
    order = desk.enter_order(mia, desk.unique("Lamps to move by keys"))
    olga.goto(f"/instances/{order['instance_id']}/act?verb=move")

    olga.get_by_label("From").focus()
    olga.keyboard.press("Tab")
    expect(olga.get_by_label("To", exact=True)).to_be_focused()
    olga.keyboard.type("Decide instead")
    olga.keyboard.press("Tab")
    olga.keyboard.type("By keys")
    olga.keyboard.press("Tab")
    olga.keyboard.press("Enter")
    foreseen = olga.get_by_role("region", name="What would happen")
    expect(foreseen).to_be_visible()
    foreseen.get_by_role("button").focus()
    olga.keyboard.press("Enter")

    expect(olga.get_by_text("It is done, and in the record.").first).to_be_visible()
    assert desk.waits_for(olga, order) == ["Management"]


def test_a_selection_is_previewed_row_by_row_and_done(mia: Page, open_page: Open) -> None:
    word = desk.unique("Lampfest")
    orders = [desk.enter_order(mia, f"{word} {number}") for number in range(3)]
    page = open_page("olga", f"/instances?search={word}", viewport={"width": 390, "height": 844})

    page.get_by_role("link", name="Put these right…").click()
    expect(page.get_by_role("heading", name="3 instances")).to_be_visible()
    page.get_by_role("link", name="Set variables").click()
    page.get_by_label("Variables, one a line").fill('note = "by hand"')
    page.get_by_label("Why").fill("All of them")
    page.get_by_role("checkbox", name=f"{word} 0").uncheck()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("note: – → by hand")).to_have_count(2)
    page.get_by_role("button", name="Set variables: 2").click()

    expect(page.get_by_text("2 are done and in the record.")).to_be_visible()
    assert violations(page) == []
    names = [
        {
            each["name"]
            for each in desk.answer(page, "GET", f"/api/v1/instances/{order['instance_id']}/variables")[
                "items"
            ]
        }
        for order in orders
    ]
    assert ["note" in each for each in names] == [False, True, True]
