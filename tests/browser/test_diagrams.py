"""Diagrams to look at: the step that waits is lit, readable and in view, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.test_editor import call, new_order, open_item

LIT = '[data-diagram] .is-lit[data-element-id="approve_order"]'


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "phone"])
def test_the_step_that_waits_is_lit_and_in_view(
    open_page: Open, mia: Page, scheme: str, viewport: dict[str, int]
) -> None:
    order = new_order(mia)
    page = open_page("jon", "/inbox", viewport=viewport, color_scheme=scheme)
    item = next(
        each
        for each in call(page, "GET", "/api/v1/inbox?limit=200").json()["items"]
        if each["number"] == order["number"]
    )

    page.goto(f"/inbox/{item['id']}")

    lit = page.locator(LIT)
    expect(lit).to_be_visible()
    expect(page.locator("[data-diagram] .pill")).to_have_text("You are here")
    lit.scroll_into_view_if_needed()
    scroller, step = page.locator(".dg").first.bounding_box(), lit.bounding_box()
    assert scroller is not None
    assert step is not None
    assert scroller["x"] <= step["x"]
    assert step["x"] + step["width"] <= scroller["x"] + scroller["width"]
    assert step["height"] >= 0.8 * 80  # never shrunk below readability
    assert mark_is_in_view(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_the_step_that_waits_is_in_the_middle(open_page: Open, mia: Page, width: int) -> None:
    order = new_order(mia)
    page = open_page("jon", "/inbox", viewport={"width": width, "height": 900})
    items = call(page, "GET", "/api/v1/inbox?limit=200").json()["items"]
    item = next(each for each in items if each["number"] == order["number"])

    for path in (f"/inbox?item={item['id']}", f"/inbox/{item['id']}", f"/orders/{order['id']}"):
        page.goto(path)
        expect(page.locator(LIT)).to_be_attached()
        expect(page.locator("[data-diagram]:not([data-ready])")).to_have_count(0)
        assert page.evaluate(_AWAY_FROM_THE_MIDDLE) <= 2, path


# How far the lit step is from the middle of its scroller, save where nothing more can be scrolled.
_AWAY_FROM_THE_MIDDLE = """() => {
  const scroller = document.querySelector('.dg:has([data-element-id="approve_order"].is-lit)');
  const step = scroller.querySelector('[data-element-id="approve_order"].is-lit > .djs-visual');
  const middle = (each) => (({ left, width }) => left + width / 2)(each.getBoundingClientRect());
  const away = middle(step) - middle(scroller);
  const most = scroller.scrollWidth - scroller.clientWidth;
  const left = away < 0 ? scroller.scrollLeft : most - scroller.scrollLeft;
  return Math.min(Math.abs(away), left);
}"""


def mark_is_in_view(page: Page) -> bool:
    """Say whether bpmn.io's mark is inside what the scroller shows, with nothing over it."""
    found: bool = page.evaluate(
        """() => {
          const mark = document.querySelector('.bjs-powered-by');
          mark.scrollIntoView({ block: 'center' });
          const { left, right, top, bottom } = mark.getBoundingClientRect();
          const scroller = mark.closest('.dg').getBoundingClientRect();
          const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
          return left >= scroller.left && right <= scroller.right && mark.contains(over);
        }"""
    )
    return found


def test_passed_steps_and_those_that_cannot_come_any_more_are_told_apart(mia: Page, jon: Page) -> None:
    open_item(jon, new_order(mia))

    expect(jon.locator('[data-diagram] [data-element-id="apply_approval_policy"].is-passed')).to_be_visible()
    expect(jon.locator('[data-diagram] [data-element-id="approve_by_rule"].is-not-taken')).to_be_visible()


def test_a_diagram_survives_the_choice_of_another_item(mia: Page, jon: Page) -> None:
    first, second = new_order(mia), new_order(mia)
    open_item(jon, first)
    expect(jon.locator(LIT)).to_be_visible()

    open_row = jon.locator("[data-row]:not([aria-current])").first
    open_row.click()

    expect(jon.locator(LIT)).to_be_visible()
    expect(jon.locator("#detail [data-diagram]")).to_have_count(1)
    assert first["number"] != second["number"]


def test_a_diagram_that_is_replaced_while_it_loads_is_given_up_in_silence(mia: Page, jon: Page) -> None:
    first, _ = new_order(mia), new_order(mia)
    said: list[str] = []
    jon.on("console", lambda message: said.append(message.text))
    loading: list[Route] = []

    def hold(route: Route) -> None:
        if loading:
            route.continue_()
        else:
            loading.append(route)

    jon.route("**/content?*", hold)
    open_item(jon, first)
    jon.wait_for_function("document.querySelector('#detail [data-diagram][aria-busy]')")
    expected = jon.locator("[data-row]:not([aria-current])").first.get_attribute("data-item")

    jon.locator("[data-row]:not([aria-current])").first.click()
    expect(jon.locator(f"#detail [data-shown='{expected}']")).to_be_visible()
    loading[0].continue_()

    expect(jon.locator("#detail [data-diagram][data-ready]")).to_be_attached()
    assert said == []


def test_an_order_shows_where_it_stands_and_not_around_it(mia: Page) -> None:
    order = new_order(mia)

    mia.goto(f"/orders/{order['id']}")

    expect(mia.locator(LIT)).to_be_visible()
    expect(mia.locator('[data-diagram] .is-lit[data-element-id="get_approval"]')).to_be_visible()
    expect(mia.locator('[data-diagram] .is-lit[data-element-id="running_order"]')).to_have_count(0)


def test_an_order_is_drawn_as_its_own_deployment_has_it(mia: Page) -> None:
    order = new_order(mia)

    mia.goto(f"/orders/{order['id']}")

    for diagram in mia.locator("[data-diagram]").all():
        assert "?deployment=" in (diagram.get_attribute("data-url") or "")


def test_a_diagram_that_cannot_be_loaded_says_so(mia: Page, watch: object) -> None:
    watch.allow("500")  # type: ignore[attr-defined]
    mia.route("**/content?*", lambda route: route.fulfill(status=500, body=""))

    mia.goto("/processes/order_approval.bpmn")

    expect(mia.locator("[data-diagram]")).to_have_text("The diagram could not be loaded.")


@pytest.mark.parametrize("path", ["/processes", "/processes/order_approval.bpmn/versions"])
def test_the_library_can_be_used_by_everybody(open_page: Open, path: str) -> None:
    page = open_page("olga", path, viewport=NARROW)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
