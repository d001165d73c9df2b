"""The days left of an order, added up in plain Python from three tables that were learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.insights import scorecards
from app.wording import Wording, worded

FORMAT = 1
FACTS: Mapping[str, tuple[Literal["number", "category"], Wording]] = {
    "milestone": ("category", worded("milestone")),
    "milestone_and_size": ("category", worded("milestone with the size of the amount")),
    "usual_left": ("number", worded("days that the last orders took from here")),
    "before": ("category", worded("milestone before it")),
    "passed": ("number", worded("milestones passed")),
    "elapsed": ("number", worded("days since it was begun")),
    "since_before": ("number", worded("days since the milestone before")),
    "weekday": ("category", worded("weekday")),
    "hour": ("number", worded("hour")),
    "again": ("number", worded("how often it stood here before")),
    "recent_spread": ("number", worded("how much the last orders differed from here")),
    "recent_left": ("number", worded("days that the last orders took, less those gone")),
    "digits": ("category", worded("size of the amount")),
    "lines": ("number", worded("number of lines")),
    "channel": ("category", worded("channel")),
}
LEVELS = ("low", "likely", "high")


def days_left(
    weights: Mapping[str, Any], facts: Mapping[str, Any], usual: float
) -> tuple[float, float, float]:
    """Return low, likely and high days left after a milestone: never below nothing, and in order."""
    found = []
    for level in LEVELS:
        card = weights["cards"][level]
        parts = (scorecards.effect_of(each, facts.get(each["name"])) for each in card["features"])
        found.append(weights["from_usual"] * usual + card["intercept"] + sum(parts))
    likely, wider = max(found[1], 0.0), weights["wider"]
    return max(min(found[0] - wider, likely), 0.0), likely, max(found[2] + wider, likely)
