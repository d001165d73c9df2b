"""FEEL's implicit conversions: where a type is expected, a few near misses are made to fit."""

from typing import Any, Final

from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import (
    ANY,
    DATE_TIME,
    LIST,
    Constrained,
    ContextType,
    ListType,
    Type,
    conforms,
    kind_of,
)

_MIDNIGHT: Final = Time(0, 0, 0, 0, 0)


class Misfit:
    """Stands for the value that no conversion could make."""


MISFIT: Final = Misfit()


def coerce(value: Any, expected: Type | None) -> Any:
    """Return the value as the type wants it, or MISFIT.

    The standard's conversions: a list of one for its item, an item for a list of one, a date for its
    midnight in UTC.
    """
    if value is None or expected is None or expected is ANY or kind_of(value) is expected:
        return value
    if conforms(value, expected):
        return value
    base = expected.base if isinstance(expected, Constrained) else expected
    if type(value) is list and len(value) == 1 and not _is_list(base):
        return _checked(value[0], expected)
    if _is_list(base) and type(value) is not list:
        return _checked([value], expected)
    if base == DATE_TIME and type(value) is Date:
        return _checked(DateTime(value, _MIDNIGHT), expected)
    return _coerce_parts(value, expected, base)


def _coerce_parts(value: Any, expected: Type, base: Type) -> Any:
    if isinstance(base, ListType):
        items = [coerce(item, base.item) for item in value]
        return MISFIT if any(item is MISFIT for item in items) else _checked(items, expected)
    if isinstance(base, ContextType) and type(value) is dict:
        entries = dict(base.entries)
        if entries.keys() - value.keys():
            return MISFIT
        parts = {name: coerce(part, entries.get(name)) for name, part in value.items()}
        return MISFIT if any(part is MISFIT for part in parts.values()) else _checked(parts, expected)
    return MISFIT


def _checked(value: Any, expected: Type) -> Any:
    return value if conforms(value, expected) else MISFIT


def _is_list(expected: Type) -> bool:
    return expected == LIST or isinstance(expected, ListType)
