"""One evaluation: its clock, its warnings and what it has used of its bounds."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rules.feel import bounds, hints
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.errors import FeelLimitError, Span, located, shorten
from rules.feel.functions import Function
from rules.feel.intake import to_feel
from rules.feel.numbers import NUMBER_TYPES, fitted
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import COMPOUND, parts_of

OUT_OF_PATIENCE: Final = f"more than {bounds.PATTERN_SECONDS} seconds of patterns in one evaluation"
_REASON: Final = 500
"""Characters of a reason, which may quote a long text."""
_SUGGESTIONS: Final = 5
_CHOICE: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a text: where a warning points."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Warning:
    """Why a part of an expression came to null."""

    text: str
    span: Span
    reason: str

    def __str__(self) -> str:
        return located(self.reason, self.text, self.span)


class NeedsEvaluation(Exception):  # noqa: N818
    """Raised by the shared quiet evaluation: this text needs one of its own."""


class Evaluation:
    """What helpers may use while one expression, or one decision with all it needs, is evaluated."""

    __slots__ = ("_admitted", "calls", "now", "patience", "steps", "warnings")

    def __init__(self, now: DateTime | None = None) -> None:
        self.warnings: list[Warning] = []
        self.now = now
        self.steps = bounds.STEPS
        self.patience = bounds.PATTERN_SECONDS
        self.calls = 0
        self._admitted: dict[int, tuple[Any, Any]] = {}

    def admit(self, value: Any) -> Any:
        """Return a value from outside as FEEL has it; a list or context is converted once."""
        known = self._admitted.get(id(value))
        if known is None:
            # The value is kept beside its conversion, so that its id cannot be given to another.
            known = self._admitted[id(value)] = value, to_feel(value)
        return known[1]

    def warn(self, place: Place, reason: str) -> None:
        """Record why a value is null, and return that null."""
        if len(self.warnings) < 100:
            self.warnings.append(Warning(place.text, place.span, shorten(reason, _REASON)))

    def suggest(self, name: str, known: Collection[str]) -> str:
        """Say which name may be meant; among many, or after a few warnings, that would take too long."""
        if len(self.warnings) >= _SUGGESTIONS or len(known) > _CHOICE:
            return ""
        return hints.of_entry(name, known)

    def step(self, count: int = 1) -> None:
        self.steps -= count
        if self.steps < 0:
            raise FeelLimitError(f"more than {bounds.STEPS:,} steps in one evaluation")

    def enter(self) -> None:
        self.step(2)
        self.calls += 1
        if self.calls > bounds.CALLS:
            raise FeelLimitError(f"more than {bounds.CALLS} calls inside each other")

    def leave(self) -> None:
        self.calls -= 1

    def serve(self, values: Sequence[Any]) -> None:
        """Count a call of a built-in function: it may walk through or copy all that it is given."""
        self.step(2 + sum(_extent(value) for value in values))

    def spend(self, seconds: float) -> None:
        """Count the time of patterns, which no number of steps can tell."""
        self.patience -= seconds
        if self.patience <= 0:
            raise FeelLimitError(OUT_OF_PATIENCE)

    def measure(self, value: Any, per_step: int = 5) -> None:
        """Count the parts of a value, those that are shared as often as they occur.

        A few hundred characters make a value of a handful of objects and a million million parts.
        `per_step` says how many of them the work that is ahead does in the time of a step.
        """
        parts, ahead = 0, [value]
        while ahead:
            part = ahead.pop()
            kind = type(part)
            if kind is dict:
                part = list(part.values())
            elif kind is Function:
                part = [parameter.type for parameter in part.parameters]
            elif kind in COMPOUND:
                part = parts_of(part)
            if type(part) is list:
                parts += len(part)
                if parts > bounds.PARTS:
                    raise FeelLimitError(f"a value of more than {bounds.PARTS:,} parts")
                ahead += part
        if parts >= per_step:
            self.step(parts // per_step)

    def check_list(self, length: int) -> None:
        if length > bounds.LIST:
            raise FeelLimitError(f"a list of more than {bounds.LIST:,} items")
        self.step(length)

    def check_string(self, length: int) -> None:
        if length > bounds.STRING:
            raise FeelLimitError(f"a string of more than {bounds.STRING:,} characters")
        self.step(length // 100)


def _extent(value: Any) -> int:
    kind = type(value)
    return len(value) // 10 if kind is list or kind is dict else len(value) // 100 if kind is str else 0


_SCALARS: Final = frozenset({Date, DateTime, Time, DayTimeDuration, YearMonthDuration})


class Quiet(Evaluation):
    """The evaluation that short conditions share: it keeps nothing, so that it costs nothing.

    An expression that meets anything to record is evaluated again, with an evaluation of its own;
    that is sound since FEEL has no effects.
    """

    __slots__ = ()

    def admit(self, value: Any) -> Any:
        kind = type(value)
        if kind in NUMBER_TYPES:
            value = fitted(value)
        elif kind not in _SCALARS:
            value = None
        if value is None:
            raise NeedsEvaluation
        return value

    def warn(self, place: Place, reason: str) -> None:
        raise NeedsEvaluation

    def suggest(self, name: str, known: Collection[str]) -> str:
        raise NeedsEvaluation

    def step(self, count: int = 1) -> None:
        raise NeedsEvaluation

    def serve(self, values: Sequence[Any]) -> None:
        """What this evaluation knows is short: no loop and no list from outside comes here."""

    def spend(self, seconds: float) -> None:
        raise NeedsEvaluation

    def enter(self) -> None:
        raise NeedsEvaluation

    def check_list(self, length: int) -> None:
        raise NeedsEvaluation

    def check_string(self, length: int) -> None:
        raise NeedsEvaluation


QUIET = Quiet()


@dataclass(frozen=True, slots=True)
class Result:
    """A value with the reasons for every null inside the expression."""

    value: Any
    warnings: Sequence[Warning]
