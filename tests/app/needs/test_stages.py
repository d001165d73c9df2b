"""A need's stages come from its diagram, which its organisation may draw anew."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from app.database import reading, transaction
from app.errors import ConflictError, InvalidError
from app.inbox import commands as inbox
from app.moments import utc_now
from app.needs import commands, following, ordering, queries, stages
from app.needs.imports import at_once
from app.needs.models import Need, NeedEvent, NeedStatus
from app.operations import acting
from app.outbox.models import ServiceCall
from app.processes import deployments
from app.processes.commands import advance_due
from app.processes.models import Instance, InstanceStatus, Timer, WorkItem
from app.processes.operating import Act, Verb
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped

VISIT = b"""
    <bpmn:receiveTask id="visit_site" name="Visit the site" messageRef="need_moved">
      <bpmn:extensionElements><camunda:properties><camunda:property name="milestone" value="site_visit" />
      </camunda:properties></bpmn:extensionElements>
    </bpmn:receiveTask>
    <bpmn:sequenceFlow id="to_visit" sourceRef="where_after_qualifying" targetRef="visit_site">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">
        next = "site_visit"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="from_visit" sourceRef="visit_site" targetRef="prepare_quote" />
  </bpmn:process>"""
SHAPE = b"""
      <bpmndi:BPMNShape id="visit_shape" bpmnElement="visit_site">
        <dc:Bounds x="430" y="500" width="100" height="80" /></bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>"""
APPROVED = b"""
    <bpmn:userTask id="allow_quote" name="Allow the quote"
        camunda:assignee="= boss" camunda:formKey="packing">
      <bpmn:extensionElements><camunda:properties><camunda:property name="milestone" value="asked" />
      </camunda:properties></bpmn:extensionElements>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="to_allow" sourceRef="where_after_qualifying" targetRef="allow_quote">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">next = "asked"</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="from_allow" sourceRef="allow_quote" targetRef="follow_up_quote" />
  </bpmn:process>"""


def _drawn(more: bytes, shape: bytes = b"") -> bytes:
    content = stages.shipped().replace(b"\n  </bpmn:process>", more)
    return content.replace(b"\n    </bpmndi:BPMNPlane>", shape) if shape else content


def _publish(firm: Firm, content: bytes) -> None:
    with transaction(firm.org_id) as tx:
        deployments.publish(tx, {stages.FILE: content}, "redrawn", None, utc_now())


def _a_need(firm: Firm, **more: Any) -> UUID:
    return commands.create(firm["sales"], {"need_type": "lamps", "text": "Twenty", **more}).id


def _read(firm: Firm, need_id: UUID) -> queries.NeedView:
    with reading(firm.org_id) as tx:
        return queries.get_need(tx, need_id)


def _possible(firm: Firm, need_id: UUID) -> tuple[str, ...]:
    with reading(firm.org_id) as tx:
        return following.possible(tx, queries.get_need(tx, need_id).need)


def _instances(firm: Firm) -> list[Instance]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Instance).order_by(Instance.started_at)))


@pytest.fixture
def fresh(app: object) -> Firm:
    return a_firm()


def test_the_shipped_stages_stand_as_they_are_drawn(fresh: Firm) -> None:
    with reading(fresh.org_id) as tx:
        flow = stages.current(tx)

    assert [stage.key for stage in flow.stages] == ["new", "qualified", "quoted", "won", "lost"]
    assert stages.moves_by_stage(flow) == {
        "new": ("qualified", "quoted", "won", "lost"),
        "qualified": ("quoted", "won", "lost"),
        "quoted": ("won", "lost"),
        "won": (),
        "lost": (),
    }


def test_an_import_begins_no_instance_and_the_first_move_does(fresh: Firm) -> None:
    rows = b"need_type,text\nlamps,Ten\nlamps,Twenty\n"
    at_once.import_needs(fresh.org_id, fresh["sales"].person_id, io.BytesIO(rows), "EUR")
    assert _instances(fresh) == []

    with reading(fresh.org_id) as tx:
        need_id = queries.list_needs(tx, queries.Filter())[0].id
    commands.move(fresh["sales"], need_id, "qualified")

    (begun,) = _instances(fresh)
    need = _read(fresh, need_id).need
    assert (begun.process, begun.business_key, need.instance_id) == ("need_to_order", need.number, begun.id)


def test_a_need_that_stands_further_on_begins_there_and_its_history_is_not_told_twice(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    with transaction(fresh.org_id) as tx:  # as kept before needs had a diagram
        tx.session.execute(update(Need).where(Need.id == need_id).values(status="qualified"))

    assert _possible(fresh, need_id) == ("quoted", "won", "lost")
    commands.move(fresh["sales"], need_id, "quoted")

    moves = [(e.from_status, e.to_status) for e in _read(fresh, need_id).events if e.kind == "status"]
    assert moves == [("qualified", "quoted")]


def test_a_need_follows_what_its_organisation_draws(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "lost", "Too dear")
    commands.move(fresh["sales"], need_id, "new")
    _publish(fresh, _drawn(VISIT, SHAPE))

    with reading(fresh.org_id) as tx:
        shown = [stage.key for stage in stages.current(tx).stages]
    commands.move(fresh["sales"], need_id, "site_visit")
    commands.move(fresh["sales"], need_id, "qualified")

    assert shown[:4] == ["new", "site_visit", "qualified", "quoted"]
    view = _read(fresh, need_id)
    assert (view.need.status, view.need.closed_at) == ("qualified", None)
    assert [instance.status for instance in _instances(fresh)] == [
        InstanceStatus.ENDED,
        InstanceStatus.CANCELLED,
        InstanceStatus.RUNNING,
    ]


def test_a_need_whose_stage_is_drawn_no_more_keeps_its_own_diagram(fresh: Firm) -> None:
    _publish(fresh, _drawn(VISIT))
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "site_visit")
    _publish(fresh, stages.shipped())

    assert _possible(fresh, need_id) != ()
    commands.move(fresh["sales"], need_id, "qualified")

    assert _read(fresh, need_id).need.status == "qualified"
    assert _possible(fresh, need_id) == ("quoted", "won", "lost")


def test_what_an_owner_draws_between_holds_a_need_until_it_is_done(fresh: Firm) -> None:
    boss = fresh["lead"]
    drawn = APPROVED.replace(b"= boss", str(boss.person_id).encode())
    _publish(fresh, _drawn(drawn))
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "asked")

    assert _possible(fresh, need_id) == ()
    with pytest.raises(ConflictError, match="something else is waited for"):
        commands.move(fresh["sales"], need_id, "lost", "Too slow")
    with reading(fresh.org_id) as tx:
        item_id = tx.session.scalars(select(WorkItem.id)).one()
    inbox.decide(boss, item_id, {})

    need = _read(fresh, need_id)
    assert (need.need.status, need.events[-1].person) == ("quoted", "Lead")


def test_a_stage_that_the_diagram_does_not_lead_to_is_refused_with_what_is_possible(fresh: Firm) -> None:
    need_id = _a_need(fresh)

    with pytest.raises(ConflictError, match="can become: qualified, quoted, won, lost"):
        commands.move(fresh["sales"], need_id, "site_visit")

    assert _read(fresh, need_id).need.status == NeedStatus.NEW
    assert _instances(fresh) == []


def test_a_won_need_goes_nowhere(fresh: Firm) -> None:
    publish_shipped(fresh)
    need_id = _a_need(fresh, customer_id=a_customer(fresh))
    ordering.make_order(fresh["sales"], need_id)

    assert _possible(fresh, need_id) == ()
    with pytest.raises(ConflictError, match="nothing more"):
        commands.move(fresh["sales"], need_id, "new")


def test_the_time_in_a_stage_is_kept_when_it_is_left(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    with transaction(fresh.org_id) as tx:
        need = tx.session.get_one(Need, need_id)
        need.created_at -= timedelta(days=3)

    commands.move(fresh["sales"], need_id, "qualified")

    with reading(fresh.org_id) as tx:
        stayed = tx.session.scalars(
            select(NeedEvent.stayed_seconds).where(NeedEvent.need_id == need_id, NeedEvent.kind == "status")
        ).one()
    assert stayed is not None
    assert stayed // 86_400 == 3


def _due_at(firm: Firm) -> datetime | None:
    with reading(firm.org_id) as tx:
        return tx.session.scalar(select(Timer.due_at))


def test_a_due_day_moves_the_reminder_and_the_reminder_calls_a_machine(fresh: Firm) -> None:
    soon = utc_now().date() + timedelta(days=3)
    need_id = _a_need(fresh, next_step="Call", due_on=soon)
    first = _due_at(fresh)
    commands.change(fresh["sales"], need_id, {"due_on": soon + timedelta(days=2)}, None)
    second = _due_at(fresh)
    commands.change(fresh["sales"], need_id, {"due_on": date(2020, 1, 1)}, None)

    assert first is not None
    assert second is not None
    assert (first.date(), second.date()) == (soon, soon + timedelta(days=2))
    advance_due(fresh.org_id, _instances(fresh)[0].id)
    with reading(fresh.org_id) as tx:
        call = tx.session.scalars(select(ServiceCall)).one()
    assert (call.handler, call.inputs) == ("need.remind", {"need_id": str(need_id)})
    assert _read(fresh, need_id).need.status == NeedStatus.NEW


def test_a_need_without_a_day_reminds_after_a_quiet_week(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "qualified")

    due = _due_at(fresh)

    assert due is not None
    assert timedelta(days=6, hours=23) < due - utc_now() <= timedelta(days=7)


def test_planning_a_closed_need_reminds_nobody(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "lost", "Gone")

    commands.change(fresh["sales"], need_id, {"due_on": date(2030, 1, 1)}, None)

    assert _due_at(fresh) is None
    assert _read(fresh, need_id).need.lost_reason == "Gone"


def test_a_suspended_need_moves_when_an_operator_lets_it_go_on(fresh: Firm) -> None:
    need_id = _a_need(fresh)
    commands.move(fresh["sales"], need_id, "qualified")
    instance_id = _instances(fresh)[0].id
    acting.do(fresh["operator"], instance_id, Act(Verb.SUSPEND, "look"))

    assert _possible(fresh, need_id) == ()
    with pytest.raises(ConflictError):
        commands.move(fresh["sales"], need_id, "quoted")
    commands.change(fresh["sales"], need_id, {"due_on": date(2030, 1, 1)}, None)

    assert _read(fresh, need_id).need.due_on == date(2030, 1, 1)


def test_a_loss_says_why_at_every_end_that_is_no_order(fresh: Firm) -> None:
    _publish(
        fresh, stages.shipped().replace(b'value="lost"', b'value="dropped"').replace(b'"lost"', b'"dropped"')
    )
    need_id = _a_need(fresh, value=Decimal(5))

    with pytest.raises(InvalidError):
        commands.move(fresh["sales"], need_id, "dropped")
    commands.move(fresh["sales"], need_id, "dropped", "No money")

    assert _read(fresh, need_id).need.lost_reason == "No money"
    with reading(fresh.org_id) as tx:
        assert tx.session.scalar(select(func.count()).select_from(Instance)) == 1
