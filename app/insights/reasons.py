"""A fact with its value in words, as a reason that a person can check."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.insights.order_facts import DIRECT, WORDS
from app.insights.scorecards import Part
from app.localised import Amount
from app.orders.foresight import Reason
from app.wording import Wording, worded

_DAYS = (
    worded("Monday"),
    worded("Tuesday"),
    worded("Wednesday"),
    worded("Thursday"),
    worded("Friday"),
    worded("Saturday"),
    worded("Sunday"),
)


def reason_of(part: Part, currency: str) -> Reason:
    """Return what a part of a risk says, such as "running orders of the customer: 3"."""
    words = WORDS[part.feature]
    text = worded("{fact}: {value}", fact=words, value=_shown(part.feature, part.value, currency))
    return Reason(part.feature, part.value, part.effect > 0, text)


def _shown(feature: str, value: Any, currency: str) -> Any:
    if value is None or value == "":
        return worded("none")
    if feature == "amount":
        return Amount(Decimal(str(value)), currency)
    if feature == "weekday":
        return _DAYS[int(value)]
    if feature == "channel":
        return worded("entered directly") if value == DIRECT else Wording(str(value))
    if feature == "failed_share":
        return f"{value:.0%}"
    return value if isinstance(value, str) else f"{round(value, 1):g}"
