"""Values inside a sentence that programs read plainly and a page writes as its reader does."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app import i18n
from app.currencies import minor_units


class Amount(str):
    """Money: "1442.88 EUR" to programs."""

    __slots__ = ("amount", "currency")
    amount: Decimal
    currency: str

    def __new__(cls, amount: Decimal, currency: str) -> Amount:
        exact = amount.quantize(Decimal(1).scaleb(-minor_units(currency)))
        made = super().__new__(cls, f"{exact} {currency}")
        made.amount, made.currency = amount, currency
        return made

    def localised(self) -> str:
        return i18n.money(self.amount, self.currency)


class Day(str):
    """A day: "2026-12-26" to programs."""

    __slots__ = ("on",)
    on: date

    def __new__(cls, on: date) -> Day:
        made = super().__new__(cls, on.isoformat())
        made.on = on
        return made

    def localised(self) -> str:
        return i18n.day(self.on)
