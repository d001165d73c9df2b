"""Ranges: two ends, each closed, open, null or not given at all (`> 5` has no upper end)."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal


class Undefined(Enum):
    """The end that a range such as `> 5` does not have; an end that is null is another thing."""

    END = "undefined"


UNDEFINED: Final = Undefined.END


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends; `symbol` tells `(= 5)` and `(!= 5)` from ranges with two ends."""

    low: Any
    low_closed: bool
    high: Any
    high_closed: bool
    symbol: Literal["", "=", "!="] = ""

    def __str__(self) -> str:
        if self.symbol:
            return f"({self.symbol}{_text(self.low)})"
        return f"{self._opening()}{_text(self.low)}..{_text(self.high)}{']' if self.high_closed else ')'}"

    def _opening(self) -> str:
        return "[" if self.low_closed else "("


def comparison_range(symbol: str, end: Any) -> Range:
    """Return the range that a comparison in parentheses stands for, such as `(< 10)`."""
    match symbol:
        case "<" | "<=":
            return Range(UNDEFINED, False, end, symbol == "<=")
        case ">" | ">=":
            return Range(end, symbol == ">=", UNDEFINED, False)
        case "=":
            return Range(end, True, end, True, "=")
    return Range(end, False, end, False, "!=")


def _text(end: Any) -> str:
    return "" if end is UNDEFINED else "null" if end is None else str(end)
