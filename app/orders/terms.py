"""What somebody enters for an order, as values: a new order, its lines, and changes to a draft."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto
from typing import Literal
from uuid import UUID


class Unchanged(Enum):
    """The mark of a field that a change leaves alone; None may be a value."""

    UNCHANGED = auto()


UNCHANGED = Unchanged.UNCHANGED
Kept = Literal[Unchanged.UNCHANGED]


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as entered; what is None comes from the product."""

    product_id: UUID | None
    quantity: Decimal
    unit_price: Decimal | None = None
    discount_percent: Decimal = Decimal(0)
    description: str | None = None


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as entered; without a title it is named after its first line."""

    customer_id: UUID
    lines: tuple[NewLine, ...] = ()
    title: str = ""
    currency: str | None = None
    wanted_on: date | None = None
    note: str = ""
    need_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is new in a draft. Lines are replaced as a whole: a grid is saved as it looks."""

    customer_id: UUID | Kept = UNCHANGED
    lines: tuple[NewLine, ...] | Kept = UNCHANGED
    title: str | Kept = UNCHANGED
    wanted_on: date | Kept | None = UNCHANGED
    note: str | Kept = UNCHANGED
