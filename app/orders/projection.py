"""An order's status is the last milestone that its instance passed: this is the only place that writes it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, case, func, insert, update

import workflows
from app.database import Transaction
from app.orders.models import Order, OrderMilestone, OrderStatus
from app.processes.loaded import Loaded
from app.processes.projections import Cause
from rules import feel

# The variable in which a diagram keeps the day on which the customer was told to expect the order.
PROMISE = "promised_on"
OVER = (OrderStatus.REJECTED, OrderStatus.CLOSED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)

_orders = Order.__table__.c
_AT = bindparam("b_at", type_=_orders.created_at.type)
_PASS = (
    update(Order)
    .where(_orders.org_id == bindparam("b_org_id"), _orders.id == bindparam("b_order_id"))
    .values(
        status=bindparam("b_status"),
        submitted_at=case(
            (bindparam("b_submitted"), func.coalesce(_orders.submitted_at, _AT)), else_=_orders.submitted_at
        ),
        ended_at=case((bindparam("b_over"), _AT), else_=_orders.ended_at),
        promised_on=func.coalesce(
            bindparam("b_promised_on", type_=_orders.promised_on.type), _orders.promised_on
        ),
    )
)
_INSERT = insert(OrderMilestone)


def project(tx: Transaction, loaded: Loaded, step: workflows.Step, cause: Cause) -> None:
    """Write the milestones of a step; an instance that carries no order has none of ours."""
    passed = [name for name in step.milestones if name in OrderStatus.__members__.values()]
    if not passed or loaded.subject_id is None:
        return
    moved = tx.execute(
        _PASS,
        {
            "b_org_id": loaded.org_id,
            "b_order_id": loaded.subject_id,
            "b_status": passed[-1],
            "b_at": cause.at,
            "b_submitted": OrderStatus.SUBMITTED in passed,
            "b_over": passed[-1] in OVER,
            "b_promised_on": _promise(step),
        },
    )
    if moved.rowcount == 1:
        tx.execute(_INSERT, _rows(loaded, passed, cause))


def _promise(step: workflows.Step) -> date | None:
    """Return the day of delivery that the diagram promised, if it did."""
    promised = step.variables.get(PROMISE)
    return date.fromisoformat(str(promised)) if isinstance(promised, feel.Date) else None


def _rows(loaded: Loaded, passed: list[str], cause: Cause) -> list[dict[str, object]]:
    return [
        {
            "org_id": loaded.org_id,
            "order_id": loaded.subject_id,
            "revision": loaded.revision,
            "seq": seq,
            "milestone": milestone,
            "at": cause.at,
            "person_id": cause.by,
        }
        for seq, milestone in enumerate(passed)
    ]
