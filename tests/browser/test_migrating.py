"""Migrating in the browser: two versions side by side, what stands for what, who goes, and the way back."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.test_editor import FILE, call, new_order

_NAME = "order_approval.bpmn"


def _publish(page: Page, text: str, note: str) -> None:
    content = base64.b64encode(text.encode()).decode()
    assert call(page, "PUT", FILE, {"content": content}).ok
    answer = call(page, "POST", "/api/v1/processes/publish", {"names": [_NAME], "note": note})
    assert answer.ok, answer.text()


@pytest.fixture
def renamed(open_page: Open, mia: Page) -> Iterator[tuple[Page, str]]:
    """Olga's page with an order that waits at "Approve", which has another id in what is published now."""
    olga = open_page("olga", "/processes")
    call(olga, "DELETE", FILE)
    drawn = call(olga, "GET", FILE).text()
    _publish(olga, drawn + "<!-- the one before -->", "As it was, once more")
    order = new_order(mia)
    _publish(olga, drawn.replace("approve_order", "approve_it"), "Call it otherwise")
    origins = call(olga, "GET", "/api/v1/migrations").json()["items"]
    newest = origins[0]["newest"]
    yield olga, f"/migrations/order_lifecycle?before={newest - 1}&after={newest}"
    _publish(olga, drawn, "As it was")
    assert order


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "phone"])
def test_both_versions_and_who_can_go_are_seen_by_everybody(
    open_page: Open, renamed: tuple[Page, str], scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page("olga", renamed[1], viewport=viewport, color_scheme=scheme)

    for side, name in (("old", "approve_order"), ("new", "approve_it")):
        drawn = page.locator(f'[data-side="{side}"][data-process="order_approval"]')
        expect(drawn.locator(f'[data-element-id="{name}"].is-guessed')).to_be_visible()
        expect(drawn.locator(".mate")).to_have_text("1")
    expect(page.locator("[data-candidates] [data-verdict] .tag").first).to_have_text("can")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_what_stands_for_an_element_is_chosen_on_the_diagrams(renamed: tuple[Page, str]) -> None:
    page, path = renamed
    page.goto(path)
    choice = page.locator('[data-mapping] tr[data-old="approve_order"] select')
    expect(choice).to_have_value("approve_it")
    choice.select_option("")
    expect(page.locator("[data-candidates] [data-verdict] .tag").first).to_have_text("cannot")
    old, new = (
        page.locator(f'[data-side="{side}"][data-process="order_approval"]') for side in ("old", "new")
    )
    expect(old.locator('[data-element-id="approve_order"].is-gone')).to_be_visible()

    old.locator('[data-element-id="approve_order"] .djs-hit').first.click(force=True)
    expect(page.locator('[data-mapping] tr[data-old="approve_order"][aria-current]')).to_be_attached()
    new.locator('[data-element-id="approve_it"] .djs-hit').first.click(force=True)

    expect(choice).to_have_value("approve_it")
    expect(page.locator("[data-candidates] [data-verdict] .tag").first).to_have_text("can")


def test_instances_go_by_keys_alone_and_are_taken_back(renamed: tuple[Page, str]) -> None:
    page, path = renamed
    page.goto(path)
    expect(page.locator("[data-candidates] [data-verdict] .tag").first).to_have_text("can")

    page.get_by_role("button", name="Migrate the chosen").click()
    expect(page.locator("[data-said]")).to_have_text("Choose at least one instance.")
    page.locator('[data-candidates] input[name="ids"]').focus()
    for key in ("Space", "Tab", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("It has another name")
    for key in ("Tab", "Tab", "Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("[data-said]")).to_have_text("1 of 1 were migrated.")
    expect(page.get_by_role("button", name="Migrate the chosen")).to_be_focused()
    expect(page.locator("[data-candidates] [data-verdict] .tag").first).to_have_text("migrated")

    page.goto(path)
    expect(page.locator("[data-candidates]")).to_have_count(0)
    page.locator('#undo input[name="ids"]').first.check()
    page.get_by_label("Why they are taken back").fill("It was too early")
    page.get_by_role("button", name="Take the chosen back").click()

    expect(page.locator(".banner.good")).to_have_text("1 was taken back.")
    expect(page.locator("[data-candidates] tbody tr")).to_have_count(1)


def test_the_versions_of_a_file_say_how_many_run_on_former_ones(renamed: tuple[Page, str]) -> None:
    page, _ = renamed

    page.goto(f"/processes/{_NAME}/versions")
    page.get_by_role("link", name="See who can go…").click()

    expect(page.get_by_role("heading", name="Migrate instances", level=1)).to_be_visible()
    expect(page.get_by_role("link", name="Migrate 1 of Order lifecycle").first).to_be_visible()
    assert violations(page) == []
