"""What comes of an approval, where its diagram says which level of how many is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.accounts.models import Team
from app.database import Transaction
from app.processes import deployments
from app.processes.models import Instance, WorkItem
from app.wording import Wording, worded

# The chain of the shipped diagram: whoever draws another step into it says there what comes of it.
_CHAIN = frozenset({"approve_order", "decide_instead"})


def consequence_of(tx: Transaction, item: WorkItem) -> Wording:
    """Say who is asked next or that nobody is; a step without a known chain says what its diagram says."""
    number, count = item.inputs.get("level_number"), item.inputs.get("level_count")
    if item.element != "approve_order" or number is None or count is None or not _is_whole(tx, item):
        return worded(item.documentation)
    if number >= count:
        return worded("If you approve, no further level is asked and the order is executed.")
    team = _next_team(tx, item.inputs)
    if team is None:
        return worded("If you approve, the next level is asked.")
    return worded("If you approve, {team} is asked next.", team=team)


def _is_whole(tx: Transaction, item: WorkItem) -> bool:
    deployment_id = tx.session.get_one(Instance, item.instance_id).deployment_id
    elements = deployments.snapshot(tx, deployment_id).deployment.processes[item.process].elements
    return {each.id for each in elements.values() if each.kind == "userTask"} == _CHAIN


def _next_team(tx: Transaction, inputs: Mapping[str, Any]) -> Wording | None:
    key = inputs.get("next_team")
    name = tx.session.scalar(select(Team.name).where(Team.key == key)) if key else None
    return worded(name) if name else None
