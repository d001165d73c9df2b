"""Changing the flow in the browser: an approval is put in, published, and the next order meets it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from lxml import etree
from playwright.sync_api import APIResponse, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.desk import unique
from tests.browser.watching import Watch

Point = tuple[float, float]
APPROVAL = "/processes/order_approval.bpmn"
FILE = "/api/v1/processes/files/order_approval.bpmn"
FLOW = "more_levels_to_approved_end"


def csrf(page: Page) -> dict[str, str]:
    return {"X-CSRF-Token": page.locator("meta[name=csrf-token]").get_attribute("content") or ""}


def call(page: Page, method: str, path: str, body: object = None) -> APIResponse:
    """Call the API as this page's person."""
    # The server may close a connection that was idle just as it is used again: a browser would ask anew.
    return page.request.fetch(path, method=method, data=body, headers=csrf(page), max_retries=2)


@pytest.fixture
def editor(open_page: Open) -> Iterator[Page]:
    """The approval diagram in Olga's editor, without a draft before and after."""
    page = open_page("olga", "/processes")
    call(page, "DELETE", FILE)
    page.goto(APPROVAL)
    ready(page)
    yield page
    page.close(run_before_unload=False)


def ready(page: Page) -> None:
    expect(page.locator("#editor[data-ready]")).to_be_visible()


def pick(page: Page, element: str) -> None:
    """Click an element as a person would: a flow where its word does not lie over it."""
    box = page.locator(f'[data-element-id="{element}"]').first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def make_it_an_approval(page: Page, name: str, team: str, otherwise: str | None = None) -> None:
    """Fill in the dialog; where a "no" leads is left as it is unless it is given."""
    button(page, "Approval step…").click()
    page.get_by_label("Name of the step").fill(name)
    page.get_by_label("Who approves").select_option(team)
    page.get_by_label("Why this team is asked").fill("Somebody must read the contract")
    if otherwise:
        page.get_by_label("If it is not approved, go to").select_option(label=otherwise)
    button(page, "Make it an approval").click()


def publish(page: Page, note: str) -> None:
    button(page, "Publish…").click()
    page.get_by_label("What changed, and why").fill(note)
    button(page, "Publish").click()
    expect(page).to_have_url(re.compile(r"/versions$"))


def restore_the_first(page: Page) -> None:
    page.goto(f"{APPROVAL}/versions")
    page.get_by_role("row").last.get_by_role("button", name="Make it the draft").click()
    ready(page)
    publish(page, "As it was")


def new_order(page: Page) -> dict[str, object]:
    """Submit an order that the policy asks the sales lead to approve, for its discount, and nobody else."""
    # A customer of its own: the credit of one whom every test orders for is used up at some time.
    someone = {"name": unique("Reader of contracts"), "risk": "low", "credit_limit": "50000"}
    customer = call(page, "POST", "/api/v1/customers", someone).json()
    product = call(page, "GET", "/api/v1/products?limit=1").json()["items"][0]
    line = {"product_id": product["id"], "quantity": "1", "unit_price": "400.00", "discount_percent": "12"}
    body = {"customer_id": customer["id"], "lines": [line], "submit": True}
    answer = call(page, "POST", "/api/v1/orders", body)
    assert answer.ok, answer.text()
    order: dict[str, object] = answer.json()
    return order


def open_item(page: Page, order: dict[str, object]) -> Locator:
    """Open the order's item beside the list of the inbox."""
    items = call(page, "GET", "/api/v1/inbox?limit=200").json()["items"]
    item = next(each for each in items if each["number"] == order["number"])
    page.goto(f"/inbox?item={item['id']}")
    detail = page.locator("#detail")
    expect(detail).to_contain_text(str(order["number"]))
    return detail


def approve(page: Page, order: dict[str, object]) -> None:
    """Approve; what others left waiting may open at once, so the answer is what tells that it was taken."""
    button = open_item(page, order).get_by_role("button", name="Approve")
    with page.expect_response(lambda answer: answer.url.endswith("/complete")) as answered:
        button.click()
    assert answered.value.ok


def waits_for(page: Page, order: dict[str, object]) -> list[str]:
    waiting = call(page, "GET", f"/api/v1/orders/{order['id']}").json()["waiting"]
    return [each["name"] for each in waiting]


def wait_until_asked(page: Page, order: dict[str, object], names: list[str]) -> None:
    for _ in range(100):
        if waits_for(page, order) == names:
            return
        page.wait_for_timeout(200)
    assert waits_for(page, order) == names


def wait_for_status(page: Page, order: dict[str, object], *before: str) -> str:
    """Return the order's status as soon as it is none of these."""
    status = before[0]
    for _ in range(100):
        status = str(call(page, "GET", f"/api/v1/orders/{order['id']}").json()["status"])
        if status not in before:
            break
        page.wait_for_timeout(200)
    return status


def test_an_approval_step_that_an_owner_adds_is_asked_of_the_next_order(
    editor: Page, mia: Page, jon: Page, chen: Page
) -> None:
    running = new_order(mia)
    pick(editor, FLOW)
    make_it_an_approval(editor, "Contract approval", "finance", "What then?")

    button(editor, "Check").click()
    expect(editor.locator("[data-findings]")).to_contain_text("Nothing keeps this from being published.")
    editor.keyboard.press("Control+s")
    expect(editor.locator("[data-state]")).to_have_text("Draft 1")
    publish(editor, "Finance reads the contract")
    expect(editor.get_by_role("row", name="Finance reads the contract")).to_be_visible()
    next_one = new_order(mia)
    foreseen = call(mia, "GET", f"/api/v1/orders/{next_one['id']}/preview").json()

    assert [level["name"] for level in foreseen["levels"]] == ["Approve", "Contract approval"]
    approve(jon, running)
    approve(jon, next_one)
    wait_until_asked(mia, next_one, ["Contract approval"])
    detail = open_item(chen, next_one)
    expect(detail).to_contain_text("Somebody must read the contract")
    expect(detail.get_by_role("button", name="Reject…")).to_be_visible()
    expect(detail.locator('[data-diagram] .is-lit[data-element-id="contract_approval"]')).to_be_visible()
    detail.get_by_role("button", name="Approve").click()
    assert wait_for_status(mia, next_one, "submitted", "approved") in (
        "executing",
        "delivered",
        "closing",
        "closed",
    )
    # The order that ran already never met the new step.
    assert "Contract approval" not in call(mia, "GET", f"/api/v1/orders/{running['id']}/timeline").text()

    restore_the_first(editor)


def test_a_rejection_of_the_added_step_ends_the_order(editor: Page, mia: Page, jon: Page, chen: Page) -> None:
    pick(editor, FLOW)
    make_it_an_approval(editor, "Contract approval", "finance", "What then?")
    publish(editor, "Finance reads the contract")
    order = new_order(mia)
    approve(jon, order)
    wait_until_asked(mia, order, ["Contract approval"])

    open_item(chen, order).get_by_role("button", name="Reject…").click()
    asked = chen.get_by_role("dialog")
    asked.get_by_label("Why").fill("The contract is void")
    asked.get_by_role("button", name="Reject").click()

    assert wait_for_status(mia, order, "submitted") == "rejected"
    restore_the_first(editor)


def test_an_order_that_the_added_step_sends_back_is_not_led_through_the_rejection(
    editor: Page, mia: Page, jon: Page, chen: Page
) -> None:
    pick(editor, FLOW)
    make_it_an_approval(editor, "Contract approval", "finance")
    publish(editor, "Finance reads the contract")
    order = new_order(mia)
    approve(jon, order)
    wait_until_asked(mia, order, ["Contract approval"])

    open_item(chen, order).get_by_role("button", name="Send back…").click()
    asked = chen.get_by_role("dialog")
    asked.get_by_label("Why").fill("The contract lacks a date")
    asked.get_by_role("button", name="Send back").click()

    assert wait_for_status(mia, order, "submitted") == "changes_requested"
    steps = call(editor, "GET", f"/api/v1/instances/{order['instance_id']}").json()["steps"]
    passed = {event["element"] for step in steps for event in step["events"]}
    assert {"contract_approval_given", "what_then", "changes_requested"} <= passed
    assert "rejected_end" not in passed
    restore_the_first(editor)


def offered(page: Page) -> Locator:
    """Open the dialog for what is chosen: the choice of where a "no" leads."""
    button(page, "Approval step…").click()
    return page.get_by_label("If it is not approved, go to")


def test_what_is_not_approved_goes_where_changes_and_rejections_part(editor: Page) -> None:
    pick(editor, FLOW)

    where = offered(editor)

    expect(where.locator("option:checked")).to_have_text("What then?")
    expect(where.locator("option").first).to_have_text("What then?")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # "Approved?" reads the decision too, but its yes leads to the step itself.
        pytest.param('decision = "(changes|rejected)"', "true", "Rejected", id="no fork reads the decision"),
        pytest.param('name="What then[?]"', "", "what_then", id="the fork has no name"),
    ],
)
def test_where_a_no_leads_in_another_diagram(editor: Page, before: str, after: str, expected: str) -> None:
    content = editor.request.get(f"{APPROVAL}/content").text()
    changed = re.sub(before, after, content)
    assert changed != content
    editor.route("**/order_approval.bpmn/content", lambda route: route.fulfill(body=changed))
    editor.reload()
    ready(editor)
    pick(editor, FLOW)

    expect(offered(editor).locator("option").first).to_have_text(expected)


class Box(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    def is_crossed(self, start: Point, end: Point) -> bool:
        """Say whether a stretch, which runs straight across or straight down, comes into this box."""
        (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        return (
            left < self.x + self.width and right > self.x and top < self.y + self.height and bottom > self.y
        )


def drawn(page: Page) -> tuple[dict[str, Box], dict[str, list[Point]], dict[str, set[str]]]:
    """Save the draft: its shapes, the points of its flows, and the two ends of each flow."""
    button(page, "Save draft Ctrl S").click()
    expect(page.locator("[data-state]")).to_have_text("Draft 1")
    root = etree.fromstring(call(page, "GET", FILE).body())
    shapes = {
        each.get("bpmnElement", ""): Box(
            *(float(each[0].get(side, "")) for side in ("x", "y", "width", "height"))
        )
        for each in root.iter("{*}BPMNShape")
    }
    flows = {
        each.get("bpmnElement", ""): [
            (float(point.get("x", "")), float(point.get("y", ""))) for point in each.iter("{*}waypoint")
        ]
        for each in root.iter("{*}BPMNEdge")
    }
    ends = {
        each.get("id", ""): {each.get("sourceRef", ""), each.get("targetRef", "")}
        for each in root.iter("{*}sequenceFlow")
    }
    return shapes, flows, ends


@pytest.mark.parametrize(
    ("flow", "otherwise"),
    [
        pytest.param(FLOW, None, id="to the fork"),
        pytest.param(FLOW, "Rejected", id="to an end below another"),
        pytest.param(FLOW, "Expired", id="to the lowest end"),
        pytest.param(FLOW, "Reminded", id="to the other side"),
        pytest.param(FLOW, "Go to the next level", id="up and back"),
        pytest.param("order_submitted_to_apply_approval_policy", None, id="from the beginning"),
        pytest.param("approve_by_rule_to_approved_by_rule", "Expired", id="from the middle"),
    ],
)
def test_a_new_flow_is_drawn_around_the_shapes(editor: Page, flow: str, otherwise: str | None) -> None:
    pick(editor, flow)
    make_it_an_approval(editor, "Contract approval", "finance", otherwise)

    shapes, flows, ends = drawn(editor)

    new = [each for each in flows if any(end.startswith("contract_approval") for end in ends[each])]
    assert len(new) == 4
    for each in new:
        points = flows[each]
        stretches = list(pairwise(points))
        assert all(start[0] == end[0] or start[1] == end[1] for start, end in stretches)
        others = [(name, box) for name, box in shapes.items() if name not in ends[each]]
        assert [name for name, box in others for stretch in stretches if box.is_crossed(*stretch)] == []


def test_what_is_not_approved_is_led_on_unless_the_owner_says_otherwise(editor: Page) -> None:
    """Before the plan, where nothing behind the step reads what was decided."""
    pick(editor, "order_submitted_to_apply_approval_policy")
    where = offered(editor)
    expect(where.locator("option:checked")).to_have_text("What then?")

    where.select_option(label="The diagram says it further on")
    editor.get_by_label("Name of the step").fill("Early check")
    button(editor, "Make it an approval").click()
    button(editor, "Publish…").click()

    expect(editor.locator("[data-banner]")).to_contain_text("Not published.")
    expect(editor.locator("[data-findings]")).to_contain_text("a rejection would go on as an approval does")


def test_where_the_diagram_asks_further_on_it_stays_so(editor: Page) -> None:
    pick(editor, "approve_order")

    button(editor, "Approval step…").click()

    where = editor.get_by_label("If it is not approved, go to")
    expect(where.locator("option:checked")).to_have_text("The diagram says it further on")


def test_a_task_that_is_drawn_by_hand_becomes_an_approval_and_can_be_undone(editor: Page) -> None:
    pick(editor, "note_expiry")
    expect(editor.locator(".bio-properties-panel-header-type")).to_have_text("Script Task")

    button(editor, "Approval step…").click()

    # A script is no step of a person: the page says what to choose instead.
    expect(editor.locator("[data-banner]")).to_contain_text("Choose a step")
    pick(editor, FLOW)
    make_it_an_approval(editor, "Contract approval", "finance", "What then?")
    added = editor.locator('[data-element-id="contract_approval"]')
    expect(added.first).to_be_visible()
    canvas = editor.locator("[data-canvas]").bounding_box()
    assert canvas is not None
    editor.mouse.click(canvas["x"] + canvas["width"] / 2, canvas["y"] + 40)  # nothing is drawn there
    editor.keyboard.press("Control+z")
    expect(added).to_have_count(0)


def test_a_save_over_somebody_elses_is_refused_and_the_choice_is_given(
    editor: Page, open_page: Open, watch: Watch
) -> None:
    watch.allow("412")
    other = open_page("olga", APPROVAL)
    ready(other)
    for page, name in ((other, "Theirs"), (editor, "Mine")):
        pick(page, FLOW)
        make_it_an_approval(page, name, "finance", "What then?")
    button(other, "Save draft Ctrl S").click()
    expect(other.locator("[data-state]")).to_have_text("Draft 1")

    button(editor, "Save draft Ctrl S").click()

    banner = editor.locator("[data-banner]")
    expect(banner).to_contain_text("Somebody else saved this meanwhile. Nothing of yours was saved.")
    assert "Theirs" in call(editor, "GET", FILE).text()
    banner.get_by_role("button", name="Save mine over it").click()
    expect(editor.locator("[data-state]")).to_have_text("Draft 2")
    assert "Mine" in call(editor, "GET", FILE).text()
    other.close(run_before_unload=False)


def test_leaving_with_changes_is_asked_about(editor: Page) -> None:
    asked: list[str] = []
    editor.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    pick(editor, FLOW)
    make_it_an_approval(editor, "Contract approval", "finance", "What then?")
    expect(editor.locator("[data-save-state]")).to_have_text("Changes not saved")

    editor.goto("/processes")

    assert asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("before", "after", "element", "said"),
    [
        pytest.param(
            "<bpmn:incoming>start_chain_to_approve_order</bpmn:incoming>",
            "<bpmn:incoming>start_chain_to_approve_order</bpmn:incoming>"
            "<bpmn:multiInstanceLoopCharacteristics />",
            "approve_order",
            "is repeated without end",
            id="several at once",
        ),
        pytest.param(
            'name="Plan the levels" scriptFormat="feel"',
            'name="Plan the levels" scriptFormat="groovy"',
            "plan_levels",
            "groovy",
            id="a foreign script",
        ),
    ],
)
def test_what_is_not_executed_is_found_and_shown(
    open_page: Open, tmp_path: Path, before: str, after: str, element: str, said: str
) -> None:
    page = open_page("olga", "/processes")
    call(page, "DELETE", FILE)
    content = page.request.get(f"{APPROVAL}/content").text()
    assert before in content
    file = tmp_path / "order_approval.bpmn"
    file.write_text(content.replace(before, after))
    button(page, "Import…").click()
    page.get_by_label("Diagram or table to import").set_input_files(file)
    button(page, "Import").click()
    ready(page)

    button(page, "Publish…").click()

    expect(page.locator("[data-banner]")).to_contain_text("Not published.")
    expect(page.locator("[data-findings]")).to_contain_text(said)
    page.locator(f'[data-findings] [data-element="{element}"]').click()
    expect(page.locator(f'.djs-element.selected[data-element-id="{element}"]')).to_be_visible()
    expect(page.locator("#publish")).to_be_hidden()
    page.on("dialog", lambda dialog: dialog.accept())
    button(page, "Discard the draft").click()
    expect(page).to_have_url(re.compile(r"/processes$"))


def test_a_diagram_that_does_not_load_says_so(open_page: Open, watch: Watch) -> None:
    watch.allow("500")
    page = open_page("olga", "/processes")
    page.route("**/order_approval.bpmn/content", lambda route: route.fulfill(status=500, body=""))

    page.goto(APPROVAL)

    expect(page.locator("[data-banner]")).to_contain_text("This could not be opened.")


def test_the_editor_speaks_chinese(open_page: Open) -> None:
    page = open_page("olga", "/processes", locale="zh-CN")
    page.goto(APPROVAL)
    ready(page)

    pick(page, "approve_order")

    expect(page.locator("[data-properties]")).to_contain_text("人员分配")
    expect(page.locator(".bio-properties-panel-header-type")).to_have_text("用户任务")
    expect(page).to_have_title("订单审批 · Placet")
    expect(button(page, "审批步骤…")).to_be_visible()
    expect(button(page, "启动手动工具")).to_be_visible()


def test_the_editor_can_be_used_by_everybody(editor: Page) -> None:
    assert violations(editor) == []
    pick(editor, FLOW)
    button(editor, "Approval step…").click()
    assert violations(editor) == []
