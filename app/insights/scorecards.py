"""A risk as the web reckons it: a table of points for each fact, added up in plain Python, with its reasons.

A card is JSON: `{"intercept": log-odds, "features": [...]}`. A number's feature holds `edges` and one more
value than edges (a value counts where it is not above its edge), and `missing`; a word's feature holds
`values` by word, and `other`. Values are log-odds against the average case, so that they add up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, isnan
from typing import Any


@dataclass(frozen=True, slots=True)
class Part:
    """What one fact adds to a risk, in log-odds against the average case: above 0 it raises the risk."""

    feature: str
    value: Any
    effect: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """A calibrated probability from 0 to 1, and all its parts, those that weigh most first."""

    probability: float
    parts: tuple[Part, ...]

    def reasons(self, most: int = 3, least: float = 0.05) -> tuple[Part, ...]:
        """Return the parts that weigh most, without those that hardly weigh."""
        return tuple(part for part in self.parts[:most] if abs(part.effect) >= least)


def assess(card: Mapping[str, Any], case: Mapping[str, Any]) -> Assessment:
    """Add up what the card says of each fact; a fact that the case lacks counts as missing."""
    parts = [
        Part(each["name"], case.get(each["name"]), effect_of(each, case.get(each["name"])))
        for each in card["features"]
    ]
    total = card["intercept"] + sum(part.effect for part in parts)
    ordered = sorted(parts, key=lambda part: -abs(part.effect))
    return Assessment(1 / (1 + exp(-max(-30.0, min(30.0, total)))), tuple(ordered))


def effect_of(feature: Mapping[str, Any], value: Any) -> float:
    """Return what a value adds; of a word that training hardly saw, what the rare ones did together."""
    if feature["kind"] == "number":
        if value is None or isnan(value):
            return float(feature["missing"])
        return float(feature["values"][bisect_left(feature["edges"], value)])
    return float(feature["values"].get(str(value), feature["other"]))
