"""FEEL's implicit conversions: where a type is expected, a few near misses are made to fit."""

from operator import is_
from typing import Any, Final

from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import (
    DATE_TIME,
    LIST,
    Constrained,
    ContextType,
    ListType,
    Type,
    conforms,
)

_MIDNIGHT: Final = Time(0, 0, 0, 0, 0)


class Misfit:
    """Stands for the value that no conversion could make."""


MISFIT: Final = Misfit()


def coerce(value: Any, expected: Type | None) -> Any:
    """Return the value as the type wants it, or MISFIT; each part of it is looked at once.

    The standard's conversions: a list of one for its item, an item for a list of one, a date for its
    midnight in UTC.
    """
    if value is None or expected is None:
        return value
    if isinstance(expected, ContextType) and type(value) is dict:
        return _coerce_entries(value, expected.entries)
    if isinstance(expected, ListType) and type(value) is list:
        return _coerce_items(value, expected.item)
    if isinstance(expected, Constrained):
        fitted = coerce(value, expected.base)
        return fitted if fitted is None or (fitted is not MISFIT and expected.accepts(fitted)) else MISFIT
    return value if conforms(value, expected) else _converted(value, expected)


def _coerce_items(items: list[Any], expected: Type) -> Any:
    coerced = []
    for item in items:
        made = coerce(item, expected)
        if made is MISFIT:
            return MISFIT
        coerced.append(made)
    return items if all(map(is_, coerced, items)) else coerced


def _coerce_entries(context: dict[str, Any], entries: tuple[tuple[str, Type], ...]) -> Any:
    fitted = context
    for name, expected in entries:
        if name not in context:
            return MISFIT
        part = context[name]
        made = coerce(part, expected)
        if made is MISFIT:
            return MISFIT
        if made is not part:
            fitted = dict(context) if fitted is context else fitted
            fitted[name] = made
    return fitted


def _converted(value: Any, expected: Type) -> Any:
    """Convert a value that is of another kind than its type; what comes of it is not converted again."""
    made: Any
    if expected is LIST or isinstance(expected, ListType):
        made = [value]
    elif type(value) is list and len(value) == 1:
        made = value[0]
    elif expected is DATE_TIME and type(value) is Date:
        made = DateTime(value, _MIDNIGHT)
    else:
        return MISFIT
    return made if conforms(made, expected) else MISFIT
