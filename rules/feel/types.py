"""FEEL's types: what `instance of`, function parameters and DMN's item definitions are checked against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.functions import Function
from rules.feel.ranges import UNDEFINED, Range
from rules.feel.temporal import Date, DateTime, Time


@dataclass(frozen=True, slots=True, eq=False)
class Simple:
    """A type with a name and no parts; there is one object for each, so that `is` compares them."""

    name: str


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of one type of item."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class RangeType:
    """A range over one type of value."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class ContextType:
    """A context that has at least these entries."""

    entries: tuple[tuple[str, "Type"], ...]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function by its parameters and its result; `None` stands for any result."""

    parameters: tuple["Type", ...]
    result: "Type | None"


@dataclass(frozen=True, slots=True)
class Constrained:
    """A type narrowed by allowed values, the unary tests of `text`.

    `accepts` judges a value that already has the base type.
    """

    base: "Type"
    accepts: Callable[[Any], bool]
    text: str


Compound: TypeAlias = ListType | RangeType | ContextType | FunctionType | Constrained
Type: TypeAlias = Simple | Compound

ANY: Final = Simple("Any")
NULL: Final = Simple("Null")
NUMBER: Final = Simple("number")
STRING: Final = Simple("string")
BOOLEAN: Final = Simple("boolean")
DATE: Final = Simple("date")
TIME: Final = Simple("time")
DATE_TIME: Final = Simple("date and time")
DAY_TIME: Final = Simple("days and time duration")
YEAR_MONTH: Final = Simple("years and months duration")
LIST: Final = Simple("list")
CONTEXT: Final = Simple("context")
RANGE: Final = Simple("range")
FUNCTION: Final = Simple("function")

TYPE_NAMES: Final[Mapping[str, Type]] = {
    **{
        simple.name: simple
        for simple in (
            ANY, NULL, NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME,
            DAY_TIME, YEAR_MONTH, LIST, CONTEXT, RANGE, FUNCTION,
        )
    },
    "day and time duration": DAY_TIME,
    "year and month duration": YEAR_MONTH,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAY_TIME,
    "yearMonthDuration": YEAR_MONTH,
}  # fmt: skip

_OF_PYTHON: Final[Mapping[type, Simple]] = {
    type(None): NULL,
    bool: BOOLEAN,
    int: NUMBER,
    Decimal: NUMBER,
    str: STRING,
    list: LIST,
    dict: CONTEXT,
    Date: DATE,
    Time: TIME,
    DateTime: DATE_TIME,
    DayTimeDuration: DAY_TIME,
    YearMonthDuration: YEAR_MONTH,
    Range: RANGE,
    Function: FUNCTION,
}


COMPOUND: Final = frozenset({ListType, RangeType, ContextType, FunctionType, Constrained})


def parts_of(compound: Compound) -> list[Type | None]:
    """Return the types that a type is made of."""
    match compound:
        case ContextType(entries):
            return [entry for _, entry in entries]
        case FunctionType(parameters, result):
            return [*parameters, result]
        case Constrained(base):
            return [base]
    return [compound.item]


def kind_of(value: Any) -> Simple:
    """Return the simple type of a FEEL value."""
    return _OF_PYTHON.get(type(value), ANY)


def is_instance(value: Any, expected: Type) -> bool:
    """Answer `instance of`: null is an instance of Any and Null only."""
    if expected is ANY:
        return value is not None
    if value is None:
        return expected is NULL
    return conforms(value, expected)


def conforms(value: Any, expected: Type) -> bool:
    """Say whether a value may stand where the type is expected; null may stand anywhere."""
    if value is None or expected is ANY:
        return True
    match expected:
        case Simple():
            return kind_of(value) is expected
        case ListType(item):
            return type(value) is list and all(conforms(each, item) for each in value)
        case ContextType(entries):
            return type(value) is dict and all(
                name in value and conforms(value[name], entry) for name, entry in entries
            )
        case RangeType(item):
            return type(value) is Range and all(
                end is UNDEFINED or conforms(end, item) for end in (value.low, value.high)
            )
        case FunctionType():
            return type(value) is Function and _function_conforms(value, expected)
    return conforms(value, expected.base) and expected.accepts(value)


def type_conforms(actual: Type, expected: Type) -> bool:
    """Say whether every value of one type conforms to the other."""
    if expected == ANY or actual in (NULL, expected):
        return True
    match actual, expected:
        case Constrained(base), _:
            return type_conforms(base, expected)
        case (ListType(have), ListType(want)) | (RangeType(have), RangeType(want)):
            return type_conforms(have, want)
        case (ListType(), Simple("list")) | (RangeType(), Simple("range")):
            return True
        case (ContextType(), Simple("context")) | (FunctionType(), Simple("function")):
            return True
        case ContextType(have_entries), ContextType(want_entries):
            have_by_name = dict(have_entries)
            return all(
                name in have_by_name and type_conforms(have_by_name[name], entry)
                for name, entry in want_entries
            )
        case FunctionType(have_parameters, have_result), FunctionType(want_parameters, want_result):
            return _signatures_conform(have_parameters, have_result, want_parameters, want_result)
    return False


def _function_conforms(function: Function, expected: FunctionType) -> bool:
    types = tuple(parameter.type or ANY for parameter in function.parameters)
    return _signatures_conform(types, function.result, expected.parameters, expected.result)


def _signatures_conform(
    have: tuple[Type, ...],
    have_result: "Type | None",
    want: tuple[Type, ...],
    want_result: "Type | None",
) -> bool:
    if len(have) != len(want):
        return False
    # Parameters are contravariant: the function must take whatever it will be given.
    if not all(type_conforms(given, taken) for taken, given in zip(have, want, strict=True)):
        return False
    return want_result is None or have_result is None or type_conforms(have_result, want_result)
