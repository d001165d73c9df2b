"""Who would have to approve an order, and why, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.actor import Actor
from app.accounts.models import Membership, Person, Team
from app.database import Transaction
from app.errors import NotFoundError
from app.moments import utc_now
from app.orders import drafts, locking, pricing
from app.orders.policy_inputs import PolicyInputs, policy_inputs
from app.orders.submission import totals_of
from app.orders.terms import NewOrder
from app.processes import deployments
from app.wording import worded
from rules import dmn

TABLE = "approval_policy"


@dataclass(frozen=True, slots=True)
class PreviewedLevel:
    """One team of the chain, everybody who could decide for it, and the rows of the policy that ask it."""

    team: str
    team_name: str
    people: tuple[str, ...]
    reasons: tuple[str, ...]
    rules: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """No levels: nobody has to approve, the rule itself does; or there is no line to approve yet."""

    levels: tuple[PreviewedLevel, ...]
    inputs: PolicyInputs
    deployment_number: int
    is_empty: bool = False

    @property
    def by_rule(self) -> bool:
        return not self.levels and not self.is_empty


def preview_order(tx: Transaction, order_id: UUID) -> Preview:
    """Preview a kept order as it stands."""
    order = locking.find(tx, order_id)
    customer = drafts.customer_of(tx, order.customer_id)
    lines = drafts.lines_of(tx, order.id)
    inputs = policy_inputs(tx, customer, totals_of(lines, order.currency), order.id)
    return _decide(tx, order.requester_id, inputs) if lines else _nothing_yet(tx, inputs)


def preview_new(tx: Transaction, actor: Actor, new: NewOrder) -> Preview:
    """Preview an order that is only thought of."""
    customer = drafts.customer_of(tx, new.customer_id)
    priced = pricing.price(tx, new.lines, drafts.currency_of(tx, new.currency))
    inputs = policy_inputs(tx, customer, pricing.total_of(priced), None)
    return _decide(tx, actor.person_id, inputs) if priced else _nothing_yet(tx, inputs)


def _nothing_yet(tx: Transaction, inputs: PolicyInputs) -> Preview:
    """Ask nobody: without a line a policy would see a margin of nothing."""
    return Preview((), inputs, deployments.current(tx).number, is_empty=True)


def _decide(tx: Transaction, requester_id: UUID, inputs: PolicyInputs) -> Preview:
    current = deployments.current(tx)
    model = _model(_table(current))
    outcome = model.decide(TABLE, inputs.as_variables(), now=utc_now())
    levels = _levels(outcome.value or [], outcome.matched)
    return Preview(
        tuple(_named(tx, level, requester_id) for level in levels.values()), inputs, current.number
    )


@dataclass(slots=True)
class _Level:
    team: str
    reasons: list[str]
    rules: list[int]


def _levels(rows: list[dict[str, Any]], matched: tuple[int, ...]) -> dict[str, _Level]:
    """Merge the policy's rows per team, in the order of the policy: as `plan_levels` does in the diagram."""
    levels: dict[str, _Level] = {}
    for row, rule in zip(rows, matched, strict=True):
        level = levels.setdefault(row["level"], _Level(row["level"], [], []))
        level.reasons.append(row["reason"])
        level.rules.append(rule)
    return levels


def _named(tx: Transaction, level: _Level, requester_id: UUID) -> PreviewedLevel:
    """Add names; whoever enters an order never approves it."""
    team = tx.session.scalar(select(Team).where(Team.key == level.team))
    statement = (
        select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.key == level.team, Person.is_active.is_(True), Person.id != requester_id)
        .order_by(Person.name)
    )
    return PreviewedLevel(
        team=level.team,
        team_name=worded(team.name if team else level.team),
        people=tuple(tx.session.scalars(statement)),
        reasons=tuple(worded(reason) for reason in level.reasons),
        rules=tuple(level.rules),
    )


def _table(current: deployments.Snapshot) -> bytes:
    try:
        return current.tables[f"{TABLE}.dmn"]
    except KeyError:
        raise NotFoundError("decision table", TABLE) from None


@lru_cache(maxsize=64)
def _model(content: bytes) -> dmn.Model:
    """Read a table once for each of its contents."""
    return dmn.load(content)
