"""Who would have to approve an order, and why, before anybody is asked: its own flow, walked ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

import workflows
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Team
from app.customers.models import Customer
from app.database import Transaction
from app.moments import utc_now
from app.orders import drafts, flow, foresight, locking, pricing
from app.orders.models import Order, OrderStatus
from app.orders.policy_inputs import PolicyInputs, policy_inputs
from app.orders.submission import totals_of
from app.orders.terms import NewOrder
from app.processes import ahead, assignment, forms
from app.processes.elsewhere import runnable
from app.processes.projections import excluded_from
from app.wording import listed, worded

# Where the question "who approves?" is answered, whichever way.
OVER = frozenset(OrderStatus) - {OrderStatus.DRAFT, OrderStatus.SUBMITTED}


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a step asks somebody; `rule`: the number of the table's row that says so, None where none does."""

    reason: str
    rule: int | None


@dataclass(frozen=True, slots=True)
class PreviewedLevel:
    """One step of the chain: whom it asks, everybody who could decide it, and why it asks.

    `team` is empty where the diagram names people rather than a team.
    """

    element: str
    name: str
    team: str
    team_name: str
    people: tuple[str, ...]
    grounds: tuple[Ground, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(ground.reason for ground in self.grounds)

    @property
    def rules(self) -> tuple[int, ...]:
        return tuple(ground.rule for ground in self.grounds if ground.rule is not None)


@dataclass(frozen=True, slots=True)
class Preview:
    """No levels: nobody has to approve, the rule itself does; or there is no line to approve yet.

    `leads_to` is the status that the order comes to when everybody approves, None where that cannot be
    seen: its flow then cannot be followed beyond the step `lost_at`. `depends_on` names the steps on the
    way whose answer may still lead elsewhere. `foreseen` is the risk of what is thought of, with a line.
    """

    levels: tuple[PreviewedLevel, ...]
    inputs: PolicyInputs
    deployment_number: int
    is_empty: bool = False
    leads_to: str | None = None
    lost_at: str | None = None
    depends_on: tuple[str, ...] = ()
    foreseen: foresight.Foreseen = foresight.NOTHING

    @property
    def by_rule(self) -> bool:
        return not self.levels and self.leads_to == OrderStatus.APPROVED


def preview_order(tx: Transaction, order_id: UUID) -> Preview:
    """Preview a kept order as it stands, on the flow that it follows or will follow."""
    order = locking.find(tx, order_id)
    has_lines = bool(drafts.lines_of(tx, order.id))
    return _preview(tx, order.requester_id, inputs_of(tx, order), order, has_lines=has_lines)


def inputs_of(tx: Transaction, order: Order) -> PolicyInputs:
    """Return what the policy would be asked about a kept order; no flow is followed for it."""
    customer, lines = drafts.customer_of(tx, order.customer_id), drafts.lines_of(tx, order.id)
    totals, parts = totals_of(lines, order.currency), [(line.sku, line.net) for line in lines]
    asked = foresight.asked_of(order, customer, totals, parts, order.submitted_at or utc_now())
    return policy_inputs(tx, customer, totals, order.id, foresight.assess(tx, asked))


def preview_change(tx: Transaction, order_id: UUID, new: NewOrder) -> Preview:
    """Preview a kept order as it would be with these terms instead of its own."""
    order = locking.find(tx, order_id)
    customer = drafts.customer_of(tx, new.customer_id)
    priced = pricing.price(tx, new.lines, order.currency)
    inputs, risk = _inputs_of_new(tx, customer, new, priced, order)
    seen = _preview(tx, order.requester_id, inputs, order, has_lines=bool(priced))
    return _with_risk(tx, seen, risk)


def preview_new(tx: Transaction, actor: Actor, new: NewOrder) -> Preview:
    """Preview an order that is only thought of, on the flow that is published now."""
    customer = drafts.customer_of(tx, new.customer_id)
    priced = pricing.price(tx, new.lines, drafts.currency_of(tx, new.currency))
    inputs, risk = _inputs_of_new(tx, customer, new, priced, None)
    return _with_risk(tx, _preview(tx, actor.person_id, inputs, None, has_lines=bool(priced)), risk)


def _with_risk(tx: Transaction, seen: Preview, risk: foresight.Risk | None) -> Preview:
    return seen if seen.is_empty else replace(seen, foreseen=foresight.told(tx, risk, utc_now()))


def _inputs_of_new(
    tx: Transaction,
    customer: Customer,
    new: NewOrder,
    priced: Sequence[pricing.PricedLine],
    order: Order | None,
) -> tuple[PolicyInputs, foresight.Risk | None]:
    """Return what the policy would be asked about these terms, of a kept order or of none yet."""
    totals = pricing.total_of(priced)
    asked = foresight.Asked(
        customer_id=customer.id,
        customer_since=customer.created_at,
        totals=totals,
        currency=order.currency if order else drafts.currency_of(tx, new.currency),
        lines=tuple((line.sku, line.totals.net) for line in priced),
        wanted_on=new.wanted_on,
        need_id=order.need_id if order else new.need_id,
        order_id=order.id if order else None,
        at=(order.submitted_at if order else None) or utc_now(),
    )
    risk = foresight.assess(tx, asked)
    return policy_inputs(tx, customer, totals, asked.order_id, risk), risk


def _preview(
    tx: Transaction, requester_id: UUID, inputs: PolicyInputs, order: Order | None, *, has_lines: bool
) -> Preview:
    now = utc_now()
    follows = flow.flow_of(tx, order, now) if order else flow.flow_of_new(tx, requester_id, now)
    number = follows.snapshot.number
    if not has_lines:  # without a line a policy would see a margin of nothing
        return Preview((), inputs, number, is_empty=True)
    if follows.form is None:
        return Preview((), inputs, number, lost_at="")
    given = {**flow.beginning(order.id if order else None, requester_id), **inputs.as_variables()}
    deployment = runnable(tx, follows.snapshot)
    step = workflows.complete(deployment, follows.form.state, follows.form.key, given, now)
    seen = ahead.walk_ahead(deployment, step, OVER, _answer, now)
    approvals = [task for task in seen.asked if forms.form_of(task.form).is_approval]
    open_questions = [task.name or task.element for task in seen.asked if _is_open_question(task)]
    rules = _rules_by_reason(seen.decided)
    return Preview(
        tuple(_level(tx, task, rules) for task in approvals),
        inputs,
        number,
        leads_to=seen.reached,
        lost_at=worded(seen.lost_at) if seen.lost_at is not None else None,
        depends_on=tuple(worded(name) for name in dict.fromkeys(seen.depends_on + open_questions)),
    )


def _answer(task: workflows.UserTask) -> Mapping[str, Any] | None:
    """Say the first thing that a form offers: an approval approves. The order's form is not sent twice."""
    if task.form == flow.FORM:
        return None
    form = forms.form_of(task.form)
    return {"comment": "", **({form.field: form.choices[0].value} if form.field else {})}


def _is_open_question(task: workflows.UserTask) -> bool:
    form = forms.form_of(task.form)
    return bool(form.choices) and not form.is_approval


def _rules_by_reason(decided: list[Mapping[str, Any]]) -> dict[str, int]:
    """Return which row of a table gave a sentence: what a step shows as its reason came out of one."""
    found: dict[str, int] = {}
    for evidence in decided:
        output = evidence["output"]
        rules = [rule["number"] for table in evidence["tables"][-1:] for rule in table["rules"]]
        results = output if isinstance(output, list) else [output]
        if len(results) != len(rules):
            continue  # rows that were merged into one result: none of them alone gave it
        for result, rule in zip(results, rules, strict=True):
            values = result.values() if isinstance(result, dict) else [result]
            found.update({value: rule for value in values if isinstance(value, str)})
    return found


def _level(tx: Transaction, task: workflows.UserTask, rules: Mapping[str, int]) -> PreviewedLevel:
    assignee, principals = assignment.candidates(tx, task)
    excluded = excluded_from(task.properties.get("approval.excluded"))
    team_key = task.candidate_groups[0] if task.candidate_groups and assignee is None else ""
    teams = tx.session.scalars(select(Team).where(Team.key.in_(task.candidate_groups))).all()
    named = {team.key: team.name for team in teams}
    shown = [named.get(key, key) for key in task.candidate_groups] if assignee is None else []
    return PreviewedLevel(
        element=task.element,
        name=worded(task.name or task.element),
        team=team_key,
        team_name=listed(worded(name) for name in shown),
        people=accounts.people_behind(tx, principals, excluded),
        grounds=tuple(Ground(worded(reason), rules.get(reason)) for reason in forms.reasons_of(task.inputs)),
    )
