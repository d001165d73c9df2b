"""Instances as operators look at them: on their diagrams, in words, and all together as a heat map."""

from __future__ import annotations

import re
from base64 import b64encode

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import NARROW, Open

_SHAPE = (
    '<di:BPMNShape id="{0}_di" bpmnElement="{0}" isExpanded="false">'
    '<dc:Bounds x="{1}" y="{2}" width="100" height="80"/></di:BPMNShape>'
)
_COLLAPSED = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="test"'
    ' xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">'
    '<process id="folded" isExecutable="true"><userTask id="first" name="First"/>'
    '<subProcess id="inner" name="Folded away"><userTask id="deep" name="Deep"/></subProcess></process>'
    '<di:BPMNDiagram id="d1"><di:BPMNPlane id="p1" bpmnElement="folded">'
    + _SHAPE.format("first", 100, 100)
    + _SHAPE.format("inner", 300, 100)
    + '</di:BPMNPlane></di:BPMNDiagram><di:BPMNDiagram id="d2"><di:BPMNPlane id="p2" bpmnElement="inner">'
    + _SHAPE.format("deep", 900, 700)
    + "</di:BPMNPlane></di:BPMNDiagram></definitions>"
)


def _an_instance(page: Page) -> str:
    order = desk.enter_order(page, desk.unique("Lamps to follow"))
    return str(order["instance_id"])


def _ready(page: Page) -> None:
    expect(page.locator("[data-diagram]:not([data-ready])")).to_have_count(0)


def test_an_instance_is_found_in_the_list_and_shows_where_it_stands(open_page: Open, mia: Page) -> None:
    title = desk.unique("Lamps to find")
    desk.enter_order(mia, title)
    olga = open_page("olga", "/incidents")

    olga.get_by_role("link", name="Instances").click()
    olga.get_by_label("Search instances").fill(title)
    olga.get_by_label("Search instances").press("Enter")
    olga.get_by_role("link", name=title).click()

    _ready(olga)
    expect(olga.locator("#process-order_approval .is-lit")).to_have_count(1)
    timeline = olga.get_by_role("table").filter(has_text="How it ended")
    expect(timeline.get_by_role("row").filter(has_text="now")).to_have_count(3)
    expect(timeline.get_by_role("row", name=re.compile("Prepare order")).first).to_contain_text("Mia")
    expect(olga.locator(".card", has=olga.get_by_role("heading", name="Open work items"))).to_contain_text(
        "Sales lead"
    )


def test_a_called_process_is_opened_from_its_call_with_the_keyboard(open_page: Open, mia: Page) -> None:
    olga = open_page("olga", f"/instances/{_an_instance(mia)}")
    _ready(olga)
    called = olga.locator("#process-order_approval")
    called.locator("summary").click()
    expect(called).not_to_have_attribute("open", "")

    olga.locator("#process-order_lifecycle").get_by_role("link", name="Open").focus()
    olga.keyboard.press("Enter")

    expect(called).to_have_attribute("open", "")
    assert olga.url.endswith("#process-order_approval")


def test_variables_open_as_a_tree_with_their_history(open_page: Open, mia: Page) -> None:
    olga = open_page("olga", f"/instances/{_an_instance(mia)}")
    variables = olga.locator("#variables")

    row = variables.get_by_role("row").filter(has=olga.get_by_text("amount", exact=True)).first
    row.get_by_text("1 change").click()

    expect(row.get_by_role("listitem")).to_contain_text("A work item was completed, Mia")
    levels = variables.get_by_role("row").filter(has=olga.get_by_text("levels", exact=True))
    levels.get_by_text(re.compile("entr")).first.click()
    expect(levels.locator(".tree").first).to_be_visible()


def test_whoever_does_not_look_after_processes_sees_no_variables(mia: Page) -> None:
    mia.goto(f"/instances/{_an_instance(mia)}")

    expect(mia.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(mia.locator("#variables")).to_have_count(0)


def test_what_stopped_is_marked_with_its_reason(open_page: Open, mia: Page) -> None:
    instance = _an_instance(mia)
    olga = open_page("olga", f"/instances/{instance}")
    body = {
        "verb": "move",
        "process": "order_lifecycle",
        "element": "get_approval",
        "target": "is_approved",
        "reason": "to see it stop",
    }
    done = desk.call(olga, "POST", f"/api/v1/instances/{instance}/actions", data=body)
    assert done.status == 204, done.text()

    olga.reload()

    _ready(olga)
    expect(olga.locator(".pill.late")).to_contain_text("Stopped:")
    expect(olga.locator(".banner.bad")).to_contain_text("Stopped at “Why not?”")
    expect(olga.locator(".djs-shape.is-stopped")).to_have_attribute("data-element-id", "why_not")


def test_a_folded_subprocess_opens_in_its_place_and_fits(open_page: Open) -> None:
    olga = open_page("olga", "/processes")
    desk.answer(
        olga,
        "PUT",
        "/api/v1/processes/files/folded.bpmn",
        data={"content": b64encode(_COLLAPSED.encode()).decode()},
    )

    olga.goto("/processes/folded.bpmn/versions")
    _ready(olga)
    olga.locator(".bjs-drilldown").click()

    inside = olga.locator('[data-element-id="deep"]')
    expect(inside).to_be_visible()
    box, around = inside.bounding_box(), olga.locator(".dg").bounding_box()
    assert box
    assert around
    assert around["x"] <= box["x"]
    assert box["x"] + box["width"] <= around["x"] + around["width"]
    desk.call(olga, "DELETE", "/api/v1/processes/files/folded.bpmn")


def _counted(page: Page) -> None:
    """Wait until the relay has counted: each approval begins with what somebody submitted."""
    for _ in range(40):
        heat = desk.answer(page, "GET", "/api/v1/heat/order_approval.bpmn")["elements"]
        if next(each["completed"] for each in heat if each["kind"] == "startEvent"):
            return
        page.wait_for_timeout(500)
    raise AssertionError("the relay counted nothing in 20 seconds")


def test_the_heat_map_colours_what_was_counted_and_leads_to_the_instances(open_page: Open, mia: Page) -> None:
    _an_instance(mia)
    olga = open_page("olga", "/heat", viewport=NARROW)
    _counted(olga)
    olga.get_by_role("link", name="Order approval").click()
    olga.get_by_label("Measure").select_option(label="Open instances")
    olga.get_by_role("button", name="Show").click()
    _ready(olga)

    expect(olga.locator(".djs-shape.is-heat-4").first).to_be_attached()
    assert olga.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = olga.get_by_role("row").filter(has_text="user task").first
    count = int(row.get_by_role("link").inner_text())
    row.get_by_role("link").click()

    expect(olga.get_by_role("table").get_by_role("row")).to_have_count(min(count, 50))
