"""A need's status is the stage that its instance has reached: this is the only place that changes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

import workflows
from app.columns import new_id
from app.database import Transaction
from app.needs import stages
from app.needs.models import Need, NeedEvent, NeedStatus
from app.processes.loaded import Loaded
from app.processes.projections import Cause

BEGUN = "instance.started"
LONGEST_REASON = 190
_needs = Need.__table__.c
_READ = select(_needs.id, _needs.status, _needs.stage_since, _needs.created_at, _needs.instance_id).where(
    _needs.org_id == bindparam("b_org_id"), _needs.number == bindparam("b_number")
)
_CARRY = (
    update(Need)
    .where(_needs.org_id == bindparam("b_org_id"), _needs.id == bindparam("b_need_id"))
    .values(instance_id=bindparam("b_instance_id"))
)
_PASS = (
    update(Need)
    .where(_needs.org_id == bindparam("b_org_id"), _needs.id == bindparam("b_need_id"))
    .values(
        status=bindparam("b_status"),
        stage_since=bindparam("b_at"),
        closed_at=bindparam("b_closed_at", type_=_needs.closed_at.type),
        lost_reason=bindparam("b_lost_reason"),
        updated_at=bindparam("b_at"),
        version=_needs.version + 1,
    )
)
_INSERT = insert(NeedEvent)


def project(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> None:
    """Write the stages that a step of a need's instance has reached."""
    if loaded.process != stages.PROCESS:
        return
    flow = stages.deployed(tx, loaded.deployment_id)
    need = tx.first(_READ, {"b_org_id": loaded.org_id, "b_number": loaded.business_key})
    if need is None:
        return
    if cause.kind == BEGUN:
        _carry(tx, loaded, need)
    elif need.instance_id != loaded.id:
        return  # an instance that the need has left for another
    passed = _passed(flow, need, step, cause)
    if passed:
        _pass(tx, loaded, need, passed, step, cause)


def _carry(tx: Transaction, loaded: Loaded, need: Row[Any]) -> None:
    where = {"b_org_id": loaded.org_id, "b_need_id": need.id, "b_instance_id": loaded.id}
    tx.execute(_CARRY, where)


def _passed(flow: stages.Flow, need: Row[Any], step: workflows.Step, cause: Cause) -> list[str]:
    """Return the stages that are news, in their order."""
    passed = [name for name in step.milestones if flow.stage(name)]
    stands = flow.stage(need.status)
    if cause.kind == BEGUN and stands and not stands.closed and passed[-1:] == [flow.first.key]:
        return []  # it stands further on already, and is brought there at once
    while passed and passed[0] == need.status:
        passed.pop(0)
    return passed


def _pass(
    tx: Transaction, loaded: Loaded, need: Row[Any], passed: list[str], step: workflows.Step, cause: Cause
) -> None:
    reason = _reason(step, cause)
    is_lost = step.finished is not None and passed[-1] != NeedStatus.WON
    tx.execute(
        _PASS,
        {
            "b_org_id": loaded.org_id,
            "b_need_id": need.id,
            "b_status": passed[-1],
            "b_at": cause.at,
            "b_closed_at": cause.at if step.finished is not None else None,
            "b_lost_reason": reason if is_lost else "",
        },
    )
    tx.execute(_INSERT, _events(loaded, need, passed, reason, cause))


def _events(
    loaded: Loaded, need: Row[Any], passed: list[str], reason: str, cause: Cause
) -> list[dict[str, Any]]:
    since: datetime = need.stage_since or need.created_at
    stayed = max(0, int((cause.at - since).total_seconds()))
    before = [need.status, *passed]
    return [
        {
            "id": new_id(),
            "org_id": loaded.org_id,
            "need_id": need.id,
            "at": cause.at,
            "person_id": cause.by,
            "kind": "status",
            "from_status": before[at],
            "to_status": stage,
            "stayed_seconds": 0 if at else stayed,
            "text": reason if stage == passed[-1] else "",
        }
        for at, stage in enumerate(passed)
    ]


def _reason(step: workflows.Step, cause: Cause) -> str:
    """Return why it was moved, where somebody moved it; a timer gives no reason."""
    said = step.variables.get("reason") if cause.kind == "message.received" else None
    return str(said or "")[:LONGEST_REASON]
