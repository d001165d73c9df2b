"""Built-in functions over numbers, and the aggregates over lists of them."""

from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any, Final

from rules.feel import numbers
from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import CONTEXT, NUMBER_TYPES, Number

NUMERIC: Final = Registry()
_SERIES: Final = 20
"""Steps that a logarithm or an exponential stands for."""
_WIDE: Final = Context(prec=7_000, Emin=-13_000, Emax=13_000)
_LOWEST_SCALE: Final = -6_111
_HIGHEST_SCALE: Final = 6_176


def rounded(value: Number, scale: Number, rounding: str) -> Number:
    """Round to so many decimal places; a negative scale rounds to tens, hundreds and so on."""
    places = numbers.as_int(scale)
    if places is None or not _LOWEST_SCALE <= places <= _HIGHEST_SCALE:
        raise NoAnswer(f"a scale of {scale} is out of bounds")
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    return CONTEXT.plus(exact.quantize(Decimal(1).scaleb(-places, _WIDE), rounding, _WIDE))


def _rounder(rounding: str) -> Callable[..., Number]:
    def round_(run: Evaluation, place: Place, n: Number, scale: Number = 0) -> Number:
        return rounded(n, scale, rounding)

    return round_


for _name, _rounding in (
    ("decimal", ROUND_HALF_EVEN),
    ("round up", ROUND_UP),
    ("round down", ROUND_DOWN),
    ("round half up", ROUND_HALF_UP),
    ("round half down", ROUND_HALF_DOWN),
):
    NUMERIC.add(_name, "n:number", "scale:number")(_rounder(_rounding))
NUMERIC.add("floor", "n:number", "scale:number=")(_rounder(ROUND_FLOOR))
NUMERIC.add("ceiling", "n:number", "scale:number=")(_rounder(ROUND_CEILING))


@NUMERIC.add("abs", "n:number|days|months")
def absolute(run: Evaluation, place: Place, n: Any) -> Any:
    if isinstance(n, DayTimeDuration):
        return DayTimeDuration(abs(n.nanos))
    if isinstance(n, YearMonthDuration):
        return YearMonthDuration(abs(n.months))
    return numbers.absolute(n)


@NUMERIC.add("modulo", "dividend:number", "divisor:number")
def modulo(run: Evaluation, place: Place, dividend: Number, divisor: Number) -> Number:
    """Keep the sign of the divisor, as the standard has it and Python's own decimals do not."""
    if divisor == 0:
        raise NoAnswer("the divisor is zero")
    whole = CONTEXT.divide(dividend, divisor).to_integral_value(ROUND_FLOOR, CONTEXT)
    return numbers.subtract(dividend, numbers.multiply(divisor, whole))


@NUMERIC.add("sqrt", "number:number")
def square_root(run: Evaluation, place: Place, number: Number) -> Number:
    return CONTEXT.sqrt(number)


@NUMERIC.add("log", "number:number")
def logarithm(run: Evaluation, place: Place, number: Number) -> Number:
    if number <= 0:
        raise NoAnswer("the number is not above zero")
    run.step(_SERIES)
    return Decimal(number).ln(CONTEXT)


@NUMERIC.add("exp", "number:number")
def exponential(run: Evaluation, place: Place, number: Number) -> Number:
    run.step(_SERIES)
    return Decimal(number).exp(CONTEXT)


@NUMERIC.add("odd", "number:number")
def odd(run: Evaluation, place: Place, number: Number) -> bool:
    return _is_odd(number)


@NUMERIC.add("even", "number:number")
def even(run: Evaluation, place: Place, number: Number) -> bool:
    return not _is_odd(number)


def _is_odd(number: Number) -> bool:
    if not numbers.is_whole(number):
        raise NoAnswer("the number is not whole")
    whole = numbers.as_int(number)
    # Beyond 34 digits a number ends in a zero.
    return whole is not None and whole % 2 == 1


def _aggregate(name: str) -> Callable[[Callable[[list[Number]], Any]], Callable[[list[Number]], Any]]:
    """Register a function of a list of numbers, which may also be given one by one."""

    def register(function: Callable[[list[Number]], Any]) -> Callable[[list[Number]], Any]:
        def of_list(run: Evaluation, place: Place, values: list[Any]) -> Any:
            run.step(len(values))
            if not all(type(value) in NUMBER_TYPES for value in values):
                raise NoAnswer("the list holds what is no number")
            return function(values)

        def of_values(run: Evaluation, place: Place, *values: Any) -> Any:
            return of_list(run, place, list(values))

        NUMERIC.add(name, "list:list")(of_list)
        NUMERIC.add(name, "n:number", "rest:number*")(of_values)
        return function

    return register


@_aggregate("sum")
def total(values: list[Number]) -> Number | None:
    if not values:
        return None
    result: Number = 0
    for value in values:
        result = numbers.add(result, value)
    return result


@_aggregate("product")
def product(values: list[Number]) -> Number:
    if not values:
        raise NoAnswer("the list is empty")
    result: Number = 1
    for value in values:
        result = numbers.multiply(result, value)
    return result


@_aggregate("mean")
def mean(values: list[Number]) -> Number:
    if not values:
        raise NoAnswer("the list is empty")
    result = total(values)
    return numbers.divide(0 if result is None else result, len(values))


@_aggregate("median")
def median(values: list[Number]) -> Number | None:
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return numbers.divide(numbers.add(ordered[middle - 1], ordered[middle]), 2)


@_aggregate("stddev")
def standard_deviation(values: list[Number]) -> Number:
    """Estimate from a sample: divide by one less than the count."""
    if len(values) < 2:
        raise NoAnswer("a standard deviation wants at least two numbers")
    centre = mean(values)
    squares = [numbers.power(numbers.subtract(value, centre), 2) for value in values]
    return CONTEXT.sqrt(numbers.divide(total(squares) or 0, len(values) - 1))


@_aggregate("mode")
def mode(values: list[Number]) -> list[Number]:
    counts: dict[Number, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)
