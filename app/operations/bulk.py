"""An operator's verbs on many at once: which ones, what would come of each, and what came of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import Transaction, reading
from app.errors import InvalidError
from app.operations import acting, instances_list
from app.operations.acting import Result
from app.operations.instances_list import InstanceFilter, InstanceRow
from app.processes import helping, operating
from app.processes.helping import Help
from app.processes.models import Incident, Instance
from app.processes.operating import Act
from app.wording import worded

MOST = 500
# What differs between messages of one cause: what is quoted, and numbers with what hangs on them.
_PARTICULAR = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\w.,:-]*")


@dataclass(frozen=True, slots=True)
class Cause:
    """Open incidents of one kind: at one element of one process, saying the same but for particulars."""

    process: str
    element: str
    pattern: str
    example: str
    ids: tuple[UUID, ...]

    @property
    def count(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class StuckRow:
    """One of a cause's incidents, as a list names it."""

    id: UUID
    instance_id: UUID | None
    title: str
    business_key: str


def pattern_of(message: str) -> str:
    """Return what messages of one cause have in common."""
    return _PARTICULAR.sub("…", message)


def find(actor: Actor, wanted: InstanceFilter) -> tuple[list[InstanceRow], bool]:
    """Return the instances that a filter means, the newest first, and whether there are more of them."""
    actor.require(Role.OPERATOR)
    with reading(actor.org_id) as tx:
        rows = instances_list.list_instances(tx, wanted, limit=MOST + 1)
    return rows[:MOST], len(rows) > MOST


def foresee_all(actor: Actor, ids: Sequence[UUID], act: Act) -> list[Result]:
    """Say for each instance what an act would do, or why it would be refused."""
    operating.check(act)
    return acting.each(_few(ids), lambda key: acting.foresee(actor, key, act))


def do_all(actor: Actor, ids: Sequence[UUID], act: Act) -> list[Result]:
    """Do it to each in a transaction of its own; one that cannot be stops no other."""
    operating.check(act)
    return acting.each(_few(ids), lambda key: acting.do(actor, key, act))


def foresee_help_all(actor: Actor, ids: Sequence[UUID], given: Help) -> list[Result]:
    """As `foresee_all`, for incidents."""
    helping.check(given)
    return acting.each(_few(ids), lambda key: acting.foresee_help(actor, key, given))


def help_out_all(actor: Actor, ids: Sequence[UUID], given: Help) -> list[Result]:
    """As `do_all`, for incidents."""
    helping.check(given)
    return acting.each(_few(ids), lambda key: acting.help_out(actor, key, given))


def _few(ids: Sequence[UUID]) -> list[UUID]:
    chosen = list(dict.fromkeys(ids))
    if not chosen:
        raise InvalidError("nothing was done", {"ids": ["is empty"]})
    if len(chosen) > MOST:
        raise InvalidError("nothing was done", {"ids": [worded("has more than {count} entries", count=MOST)]})
    return chosen


def causes(tx: Transaction) -> list[Cause]:
    """Return the open incidents by what caused them, the most frequent first."""
    found: dict[tuple[str, str, str], list[tuple[UUID, str]]] = {}
    statement = (
        select(Incident.id, Incident.element, Incident.message, Incident.process, Instance.process)
        .outerjoin(Instance, Instance.id == Incident.instance_id)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.at.desc(), Incident.id.desc())
        .limit(10 * MOST)
    )
    for key, element, message, process, its_instances in tx.session.execute(statement):
        cause = (process or its_instances or "", element, pattern_of(message))
        found.setdefault(cause, []).append((key, message))
    made = [
        Cause(*cause, example=members[0][1], ids=tuple(key for key, _ in members[:MOST]))
        for cause, members in found.items()
    ]
    return sorted(made, key=lambda cause: -cause.count)


def stuck_rows(tx: Transaction, ids: Sequence[UUID]) -> list[StuckRow]:
    """Return incidents as a list names them, in the order of `ids`."""
    statement = (
        select(Incident.id, Incident.instance_id, Incident.element, Instance.title, Instance.business_key)
        .outerjoin(Instance, Instance.id == Incident.instance_id)
        .where(Incident.id.in_(ids))
    )
    rows = {
        row.id: StuckRow(row.id, row.instance_id, row.title or row.element, row.business_key or "")
        for row in tx.session.execute(statement)
    }
    return [rows[key] for key in ids if key in rows]
