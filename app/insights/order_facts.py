"""What is known of an order when it is submitted, and what is known only later: one list for all who ask.

The learner is given the facts of the first kind alone; the web reckons the same facts by the same function,
so that a model is never asked about something else than it learned from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from app.wording import Wording, worded

OUTCOMES: Mapping[str, Wording] = {
    "cancelled": worded("cancelled"),
    "returned": worded("money returned after the delivery"),
    "late": worded("delivered later than promised"),
    "unpaid": worded("not paid by the day due"),
}
DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Fact:
    """A column: `later` means known, or still changed, only after the order was submitted.

    `trend` 1: more of it can only raise the risk.
    """

    name: str
    words: Wording
    kind: Literal["number", "category"] = "number"
    trend: Literal[-1, 0, 1] = 0
    later: bool = False


FACTS: tuple[Fact, ...] = (
    Fact("amount", worded("amount of the order")),
    Fact("lines", worded("number of lines")),
    Fact("discount_percent", worded("discount in percent")),
    Fact("margin_percent", worded("margin in percent")),
    Fact("days_wanted", worded("days until it is wanted")),
    Fact("weekday", worded("weekday of the submission"), "category"),
    Fact("channel", worded("channel"), "category"),
    Fact("main_product", worded("largest product"), "category"),
    Fact("days_known", worded("days since the customer is known")),
    Fact("orders_before", worded("earlier orders of the customer")),
    Fact("days_since_last", worded("days since the customer's last order")),
    Fact("times_usual", worded("amount against the customer's usual one")),
    Fact("running", worded("running orders of the customer")),
    Fact("cancelled_before", worded("cancelled orders of the customer"), trend=1),
    Fact("returned_before", worded("returned orders of the customer"), trend=1),
    Fact("late_before", worded("orders of the customer that came late"), trend=1),
    Fact("unpaid_before", worded("orders of the customer not paid in time"), trend=1),
    Fact("failed_share", worded("share of the customer's orders that did not go well"), trend=1),
    Fact("customer_risk", worded("customer's risk, as sales see it today"), "category", later=True),
    Fact("credit_limit", worded("credit limit of today"), later=True),
    Fact("promised_days", worded("days until the promised delivery"), later=True),
    Fact("days_open", worded("days until the order ended"), later=True),
    Fact("days_late", worded("days late at delivery"), later=True),
    Fact("shipments", worded("shipments"), later=True),
    Fact("purchases", worded("purchases from suppliers"), later=True),
    Fact("comments", worded("comments"), later=True),
    Fact("feedback", worded("score of the customer's feedback"), later=True),
)
WORDS: Mapping[str, Wording] = {fact.name: fact.words for fact in FACTS}
# What is told by the customer's other orders: unknown of one who may not be profiled.
OF_CUSTOMER = (
    "days_known",
    "orders_before",
    "days_since_last",
    "times_usual",
    "running",
    *(f"{name}_before" for name in OUTCOMES),
    "failed_share",
)


@dataclass(frozen=True, slots=True)
class Placed:
    """An order in the moment of its submission; lines as (SKU, net)."""

    at: datetime
    amount: Decimal
    discount_percent: Decimal
    margin_percent: Decimal
    lines: Sequence[tuple[str, Decimal]]
    wanted_on: date | None
    channel: str
    customer_since: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier order of the same customer; what came of it is known from `ended_at` on."""

    at: datetime
    ended_at: datetime | None
    amount: Decimal
    outcomes: frozenset[str]


def known_of(placed: Placed, others: Iterable[Past]) -> dict[str, Any]:
    """Return the facts of an order; of the customer's other orders only what was known in that moment."""
    before = [each for each in others if each.at < placed.at]
    over = [each for each in before if each.ended_at is not None and each.ended_at < placed.at]
    counts = {name: sum(name in each.outcomes for each in over) for name in OUTCOMES}
    usual = sum((each.amount for each in before), Decimal(0)) / max(len(before), 1)
    return {
        "amount": float(placed.amount),
        "lines": float(len(placed.lines)),
        "discount_percent": float(placed.discount_percent),
        "margin_percent": float(placed.margin_percent),
        "days_wanted": (placed.wanted_on - placed.at.date()).days * 1.0 if placed.wanted_on else None,
        "weekday": str(placed.at.weekday()),
        "channel": placed.channel,
        "main_product": max(placed.lines, key=lambda line: line[1])[0] if placed.lines else "",
        "days_known": _days(placed.customer_since, placed.at),
        "orders_before": float(len(before)),
        "days_since_last": _days(max(each.at for each in before), placed.at) if before else None,
        "times_usual": float(placed.amount / usual) if usual else None,
        "running": float(len(before) - len(over)),
        **{f"{name}_before": float(count) for name, count in counts.items()},
        "failed_share": sum(bool(each.outcomes) for each in over) / len(over) if over else None,
    }


def _days(since: datetime, until: datetime) -> float:
    return round(max((until - since).total_seconds() / 86_400, 0.0), 1)
