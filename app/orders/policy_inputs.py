"""What the approval policy asks about an order: the decision variables that submitting gives its instance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.customers.models import Customer
from app.database import Transaction
from app.orders.foresight import Risk
from app.orders.models import Order, OrderStatus, Payment
from app.orders.totals import OrderTotals

# Sold on credit and neither over nor settled; closed orders were paid or written off.
OWED = (
    OrderStatus.SUBMITTED,
    OrderStatus.CHANGES_REQUESTED,
    OrderStatus.APPROVED,
    OrderStatus.EXECUTING,
    OrderStatus.DELIVERED,
    OrderStatus.CLOSING,
)
# Whoever has no credit line exceeds it with anything that costs money.
NO_CREDIT_LINE = Decimal(1000)


@dataclass(frozen=True, slots=True)
class PolicyInputs:
    """Columns of the approval policy. `amount` is what the customer pays, in the organisation's currency.

    `order_risk` (0 to 1) and `order_risk_level` (lower, usual or higher than usual) are what the model in use
    foresees, None where none is in use: a table that asks about them then does not match on them.
    """

    amount: Decimal
    discount_percent: Decimal
    margin_percent: Decimal
    customer_risk: str
    credit_used_percent: Decimal
    new_customer: bool
    order_risk: Decimal | None = None
    order_risk_level: str | None = None

    def as_variables(self) -> dict[str, Any]:
        return asdict(self)


def policy_inputs(
    tx: Transaction, customer: Customer, totals: OrderTotals, order_id: UUID | None, risk: Risk | None
) -> PolicyInputs:
    """Return what the policy must know of an order, whether it is kept (`order_id`) or only thought of."""
    return PolicyInputs(
        amount=totals.total,
        discount_percent=totals.discount_percent,
        margin_percent=totals.margin_percent,
        customer_risk=customer.risk,
        credit_used_percent=_credit_used(tx, customer, totals.total, order_id),
        new_customer=_is_new(tx, customer.id),
        order_risk=Decimal(f"{risk.probability:.4f}") if risk else None,
        order_risk_level=risk.level if risk else None,
    )


def _credit_used(tx: Transaction, customer: Customer, amount: Decimal, order_id: UUID | None) -> Decimal:
    due = owed_by(tx, customer.id, order_id) + amount
    if due <= 0:
        return Decimal(0)
    if customer.credit_limit <= 0:
        return NO_CREDIT_LINE
    return (due * 100 / customer.credit_limit).quantize(Decimal("0.01"), ROUND_HALF_UP)


def owed_by(tx: Transaction, customer_id: UUID, but: UUID | None = None) -> Decimal:
    """Return what a customer's running orders are worth, less what was paid for them."""
    running = select(Order.id).where(Order.customer_id == customer_id, Order.status.in_(OWED))
    if but is not None:
        running = running.where(Order.id != but)
    worth = tx.session.scalar(select(func.sum(Order.total)).where(Order.id.in_(running)))
    paid = tx.session.scalar(select(func.sum(Payment.amount)).where(Payment.order_id.in_(running)))
    return (worth or Decimal(0)) - (paid or Decimal(0))


def _is_new(tx: Transaction, customer_id: UUID) -> bool:
    closed = select(Order.id).where(Order.customer_id == customer_id, Order.status == OrderStatus.CLOSED)
    return tx.session.scalar(closed.limit(1)) is None
