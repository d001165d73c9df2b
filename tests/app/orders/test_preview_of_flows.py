"""What an owner drew into the flow is foreseen as well as what the policy asks."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Role
from app.database import reading, transaction
from app.moments import utc_now
from app.orders import commands
from app.orders.preview import Preview, preview_change, preview_new, preview_order
from app.orders.terms import NewOrder
from app.orders.timeline import timeline_of
from app.processes import deployments
from app.processes.models import HistoryStep, InboxEntry, Incident, WorkItem, WorkItemStatus
from tests.app.studio.files import APPROVAL, changed, with_second_look, with_steps
from tests.app.test_pages import Desk
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_line, a_product, an_order, complete, publish_shipped, read

pytestmark = pytest.mark.own_databases

LIFECYCLE = "order_lifecycle.bpmn"


@pytest.fixture
def firm(app: Flask) -> Firm:
    """A firm of this test alone, which publishes."""
    made = a_firm()
    publish_shipped(made)
    return made


def _preview(firm: Firm, new: NewOrder) -> Preview:
    with reading(firm.org_id) as tx:
        return preview_new(tx, firm["sales"], new)


def _publish(firm: Firm, content: bytes, name: str = APPROVAL) -> None:
    with transaction(firm.org_id) as tx:
        deployments.publish(tx, {name: content}, "changed", None, utc_now())


def _two_thousand(firm: Firm) -> NewOrder:
    return NewOrder(a_customer(firm), (a_line(a_product(firm, price="2000")),))


def test_a_step_that_an_owner_drew_is_foreseen_as_it_is_asked(firm: Firm) -> None:
    _publish(firm, with_second_look(firm))
    order = an_order(firm, list(_two_thousand(firm).lines))

    with reading(firm.org_id) as tx:
        previewed = preview_order(tx, order.id)
    commands.submit(firm["sales"], order.id)
    asked = []
    while (standing := read(firm, order.id)).status == "submitted":
        asked.append(standing.waiting[0].element)
        complete(firm, order.id, asked[-1], {"decision": "approved", "comment": ""})

    assert asked == [level.element for level in previewed.levels] == ["second_look", "approve_order"]
    drawn = previewed.levels[0]
    assert (drawn.name, drawn.team, drawn.reasons, drawn.rules) == ("Second look", "finance", (), ())
    assert previewed.leads_to == "approved"


def test_a_draft_follows_what_is_published_until_it_is_submitted(firm: Firm) -> None:
    lines = list(_two_thousand(firm).lines)
    order = an_order(firm, lines)
    _publish(firm, with_second_look(firm))

    with reading(firm.org_id) as tx:
        kept = preview_order(tx, order.id)
        rewritten = preview_change(tx, order.id, NewOrder(order.customer_id, tuple(lines)))
    commands.submit(firm["sales"], order.id)
    submitted = read(firm, order.id)

    for previewed in (kept, rewritten):
        assert [level.element for level in previewed.levels] == ["second_look", "approve_order"]
        assert previewed.deployment_number == 2
    assert submitted.status == "submitted"
    assert [each.element for each in submitted.waiting] == ["second_look"]
    assert _told(firm, order.id) == ["Order entered", "Submitted for approval"]


def _told(firm: Firm, order_id: UUID) -> list[str]:
    with reading(firm.org_id) as tx:
        return [entry.text for entry in timeline_of(tx, order_id)]


def test_an_order_that_was_submitted_stays_on_its_flow(firm: Firm) -> None:
    lines = list(_two_thousand(firm).lines)
    order = an_order(firm, lines, submit=True)
    complete(firm, order.id, "approve_order", {"decision": "changes", "comment": "fewer"})
    _publish(firm, with_second_look(firm))

    with reading(firm.org_id) as tx:
        sent_back = preview_order(tx, order.id)
        rewritten = preview_change(tx, order.id, NewOrder(order.customer_id, tuple(lines)))
    commands.submit(firm["sales"], order.id)
    with reading(firm.org_id) as tx:
        under_way = preview_order(tx, order.id)

    for previewed in (sent_back, rewritten, under_way):
        assert [level.element for level in previewed.levels] == ["approve_order"]
        assert previewed.deployment_number == 1
    assert [each.element for each in read(firm, order.id).waiting] == ["approve_order"]


def test_a_draft_stays_where_the_newest_flow_has_no_form_for_it(firm: Firm) -> None:
    order = an_order(firm, list(_two_thousand(firm).lines))
    _publish(firm, changed(firm, LIFECYCLE, 'camunda:formKey="order"', 'camunda:formKey="else"'), LIFECYCLE)

    with reading(firm.org_id) as tx:
        kept = preview_order(tx, order.id)
    thought_of = _preview(firm, _two_thousand(firm))
    commands.submit(firm["sales"], order.id)

    assert kept.deployment_number == 1
    assert [level.element for level in kept.levels] == ["approve_order"]
    assert (thought_of.levels, thought_of.leads_to, thought_of.lost_at) == ((), None, "")
    assert read(firm, order.id).status == "submitted"


def test_beginning_again_leaves_no_incident_of_the_flow_it_left(firm: Firm) -> None:
    order = an_order(firm, list(_two_thousand(firm).lines))
    with transaction(firm.org_id) as tx:
        incident = Incident(org_id=firm.org_id, instance_id=order.instance_id, token_key="9", element="lost")
        incident.message, incident.at = "nobody knows the way", utc_now()
        tx.session.add(incident)
    _publish(firm, with_second_look(firm))

    commands.submit(firm["sales"], order.id)

    with reading(firm.org_id) as tx:
        (left,) = tx.session.scalars(select(Incident).where(Incident.instance_id == order.instance_id))
    assert (left.resolution, left.resolved_at is not None) == ("the process began anew", True)


def test_beginning_again_leaves_one_open_step_and_is_in_the_record(firm: Firm) -> None:
    order = an_order(firm, list(_two_thousand(firm).lines))
    _publish(firm, with_second_look(firm))
    commands.submit(firm["sales"], order.id)

    with reading(firm.org_id) as tx:
        items = tx.session.execute(
            select(WorkItem.element, WorkItem.status).where(WorkItem.instance_id == order.instance_id)
        ).all()
        shown = tx.session.scalars(
            select(WorkItem.element).join(InboxEntry, InboxEntry.work_item_id == WorkItem.id)
        ).all()
        causes = tx.session.scalars(
            select(HistoryStep.cause)
            .where(HistoryStep.instance_id == order.instance_id)
            .order_by(HistoryStep.revision)
        ).all()

    assert sorted((element, WorkItemStatus(status).name) for element, status in items) == [
        ("prepare_order", "CANCELLED"),
        ("prepare_order", "COMPLETED"),
        ("second_look", "OPEN"),
    ]
    assert set(shown) == {"second_look"}
    assert causes == ["instance.started", "instance.begun_again", "item.completed"]


def test_a_change_is_previewed_with_its_own_lines_and_leaves_nothing(firm: Firm) -> None:
    order = an_order(firm, list(_two_thousand(firm).lines))

    with reading(firm.org_id) as tx:
        dearer = preview_change(
            tx, order.id, NewOrder(order.customer_id, (a_line(a_product(firm, price="60000")),))
        )

    assert "director" in [level.team for level in dearer.levels]
    assert read(firm, order.id).total == order.total
    assert read(firm, order.id).status == "draft"


def test_a_step_of_one_person_names_that_person(firm: Firm) -> None:
    named = with_second_look(firm).replace(
        b'camunda:candidateGroups="finance"', f'camunda:assignee="{firm["lead"].person_id}"'.encode()
    )
    _publish(firm, named)

    drawn = _preview(firm, _two_thousand(firm)).levels[0]

    assert (drawn.team, drawn.team_name, drawn.people) == ("", "", ("Lead",))


def test_a_flow_that_rejects_by_itself_says_so(firm: Firm) -> None:
    _publish(firm, changed(firm, APPROVAL, '<bpmn:script>"approved"<', '<bpmn:script>"rejected"<'))

    previewed = _preview(firm, NewOrder(a_customer(firm), (a_line(a_product(firm)),)))

    assert (previewed.levels, previewed.by_rule, previewed.leads_to) == ((), False, "rejected")


CALL = """
<bpmn:serviceTask id="ask_agency" name="Ask the agency" camunda:type="external" camunda:topic="{topic}">
  <bpmn:extensionElements><camunda:inputOutput>
    <camunda:inputParameter name="url">https://agency.example</camunda:inputParameter>
    <camunda:inputParameter name="template">order_shipped</camunda:inputParameter>
    <camunda:inputParameter name="to">requester</camunda:inputParameter>
  </camunda:inputOutput></bpmn:extensionElements>
  <bpmn:incoming>start_chain_to_approve_order</bpmn:incoming>
  <bpmn:outgoing>ask_agency_to_approve_order</bpmn:outgoing>
</bpmn:serviceTask>
<bpmn:sequenceFlow id="ask_agency_to_approve_order" sourceRef="ask_agency" targetRef="approve_order" />
"""


@pytest.mark.parametrize(
    ("topic", "depends_on"), [("http.call", ("Ask the agency",)), ("mail.send", ())], ids=["asks", "tells"]
)
def test_what_a_machine_may_answer_is_said(firm: Firm, topic: str, depends_on: tuple[str, ...]) -> None:
    _publish(firm, with_steps(firm, "ask_agency", CALL.format(topic=topic)))

    previewed = _preview(firm, _two_thousand(firm))

    assert [level.team for level in previewed.levels] == ["sales_lead"]
    assert previewed.depends_on == depends_on


WAITS = """
<bpmn:intermediateCatchEvent id="cool_down" name="{name}">
  <bpmn:incoming>start_chain_to_approve_order</bpmn:incoming>
  <bpmn:outgoing>cool_down_to_approve_order</bpmn:outgoing>
  {trigger}
</bpmn:intermediateCatchEvent>
<bpmn:sequenceFlow id="cool_down_to_approve_order" sourceRef="cool_down" targetRef="approve_order" />
"""
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition>"
SIGNAL = '<bpmn:signalEventDefinition signalRef="go_on" />'


def test_time_passes_in_a_preview(firm: Firm) -> None:
    _publish(firm, with_steps(firm, "cool_down", WAITS.format(name="Two days", trigger=TIMER)))

    previewed = _preview(firm, _two_thousand(firm))

    assert [level.team for level in previewed.levels] == ["sales_lead"]
    assert previewed.leads_to == "approved"


def test_what_waits_for_others_cannot_be_foreseen_and_says_where(firm: Firm) -> None:
    waiting = with_steps(firm, "cool_down", WAITS.format(name="Word from the board", trigger=SIGNAL))
    declared = waiting.replace(b"<bpmn:process ", b'<bpmn:signal id="go_on" name="go.on" /><bpmn:process ', 1)
    _publish(firm, declared)

    previewed = _preview(firm, _two_thousand(firm))

    assert previewed.levels == ()
    assert not previewed.by_rule
    assert (previewed.leads_to, previewed.lost_at) == (None, "Word from the board")


def test_a_flow_that_stops_at_an_incident_says_where(firm: Firm) -> None:
    _publish(
        firm,
        changed(
            firm,
            APPROVAL,
            "<bpmn:script>1</bpmn:script>",
            "<bpmn:script>count(for n in 1..99999999 return n)</bpmn:script>",
        ),
    )

    previewed = _preview(firm, _two_thousand(firm))

    assert previewed.leads_to is None
    assert previewed.lost_at


def test_a_flow_that_goes_round_for_ever_is_left(firm: Firm) -> None:
    turning = WAITS.format(name="Again", trigger=TIMER).replace(
        'targetRef="approve_order" />', 'targetRef="cool_down" />'
    )
    _publish(firm, with_steps(firm, "cool_down", turning))

    previewed = _preview(firm, _two_thousand(firm))

    assert (previewed.leads_to, previewed.lost_at) == (None, "Again")


def _panel(desk: Desk, new: NewOrder, order_id: UUID | None = None) -> TestResponse:
    body = {
        "customer_id": str(new.customer_id),
        "lines": [{"product_id": str(line.product_id), "quantity": "1"} for line in new.lines],
    }
    return desk.client.post(
        "/orders/panel",
        query_string={"order": str(order_id)} if order_id else {},
        json=body,
        headers={"X-CSRF-Token": desk.csrf},
    )


def test_the_form_foresees_the_flow_of_its_order(firm: Firm, client: FlaskClient) -> None:
    new = _two_thousand(firm)
    sent_back = an_order(firm, list(new.lines), submit=True)
    complete(firm, sent_back.id, "approve_order", {"decision": "changes", "comment": "fewer"})
    _publish(firm, with_second_look(firm))
    desk = Desk(client, firm, Role.SALES)

    new_flow = _panel(desk, new).get_json()["html"]
    own_flow = _panel(desk, new, sent_back.id).get_json()["html"]

    assert "The diagram asks for it: Second look" in new_flow
    assert "Finance" in new_flow
    assert "Second look" not in own_flow
    assert "Rule 1: Amount above 1,000" in own_flow


def test_the_form_says_what_it_cannot_foresee(firm: Firm, client: FlaskClient) -> None:
    _publish(firm, with_steps(firm, "ask_agency", CALL.format(topic="http.call")))
    desk = Desk(client, firm, Role.SALES)
    asks = _panel(desk, _two_thousand(firm)).get_json()["html"]
    _publish(
        firm,
        changed(
            firm,
            APPROVAL,
            "<bpmn:script>1</bpmn:script>",
            "<bpmn:script>count(for n in 1..99999999 return n)</bpmn:script>",
        ),
    )
    stops = _panel(desk, _two_thousand(firm)).get_json()["html"]
    _publish(firm, changed(firm, APPROVAL, '<bpmn:script>"approved"<', '<bpmn:script>"rejected"<'))
    rejects = _panel(desk, NewOrder(a_customer(firm), (a_line(a_product(firm)),))).get_json()["html"]

    assert "What “Ask the agency” answers may change this." in asks
    assert "What comes then cannot be foreseen" in stops
    assert "Start with the first level" in stops
    assert "The order is then" in rejects
    assert "Rejected" in rejects


def test_the_form_foresees_no_order_of_others(firm: Firm, shop: Firm, client: FlaskClient) -> None:
    theirs = an_order(shop)

    answer = _panel(Desk(client, firm, Role.SALES), _two_thousand(firm), theirs.id)

    assert answer.status_code == 404
