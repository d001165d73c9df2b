"""What an order comes to: exact decimal arithmetic, rounded as an invoice is, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.currencies import minor_units

HUNDRED = Decimal(100)
LARGEST_TOTAL = Decimal(10) ** 12
_PERCENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class LineTerms:
    """What is agreed for one line; percentages from 0 to 100."""

    quantity: Decimal
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    tax_percent: Decimal = Decimal(0)
    unit_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineTotals:
    """`gross` is before discount, `net` after it; tax comes on top of net."""

    gross: Decimal
    net: Decimal
    tax: Decimal
    cost: Decimal

    @property
    def discount(self) -> Decimal:
        return self.gross - self.net


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """The sums of the rounded lines, so that what is printed adds up."""

    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    cost: Decimal

    @property
    def net(self) -> Decimal:
        return self.subtotal - self.discount

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.net + self.tax

    @property
    def discount_percent(self) -> Decimal:
        return _percent(self.discount, self.subtotal)

    @property
    def margin_percent(self) -> Decimal:
        """What is left of the net after cost; -100 where something costly is given away."""
        if not self.net:
            return -HUNDRED if self.cost else Decimal(0)
        return _percent(self.net - self.cost, self.net)


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Round half away from zero to the currency's smallest coin."""
    return amount.quantize(Decimal(1).scaleb(-minor_units(currency)), ROUND_HALF_UP)


def line_totals(line: LineTerms, currency: str) -> LineTotals:
    exact = line.quantity * line.unit_price
    net = rounded(exact * (HUNDRED - line.discount_percent) / HUNDRED, currency)
    return LineTotals(
        gross=rounded(exact, currency),
        net=net,
        tax=rounded(net * line.tax_percent / HUNDRED, currency),
        cost=rounded(line.quantity * line.unit_cost, currency),
    )


def order_totals(lines: Iterable[LineTotals]) -> OrderTotals:
    subtotal = discount = tax = cost = Decimal(0)
    for line in lines:
        subtotal += line.gross
        discount += line.discount
        tax += line.tax
        cost += line.cost
    return OrderTotals(subtotal, discount, tax, cost)


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    if not whole:
        return Decimal(0)
    return (part * HUNDRED / whole).quantize(_PERCENT, ROUND_HALF_UP)
