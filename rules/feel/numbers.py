"""Arithmetic as FEEL promises it: 34 decimal digits, half-even, never a binary float."""

from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final, TypeAlias

Number: TypeAlias = int | Decimal

CONTEXT: Final = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
NUMBER_TYPES: Final = frozenset({int, Decimal})
LARGEST_INT: Final = 10**34
_FARTHEST: Final = 100
_LARGEST_BITS: Final = 20_414
"""Of an int that may still be a number; to round a longer one takes ever more time."""


def exact(value: int) -> Number:
    """Keep an int while 34 digits hold it, round it as a decimal beyond."""
    return value if -LARGEST_INT < value < LARGEST_INT else CONTEXT.create_decimal(value)


def fitted(value: Number) -> Number | None:
    """Return a number from outside in 34 digits; None where it is infinite, none at all or out of bounds."""
    if isinstance(value, int):
        if -LARGEST_INT < value < LARGEST_INT:
            return value
        if value.bit_length() > _LARGEST_BITS:
            return None
    elif not value.is_finite() or (value and not CONTEXT.Etiny() <= value.adjusted() <= CONTEXT.Emax):
        return None
    try:
        return CONTEXT.plus(value)
    except Overflow:
        return None


def as_int(value: Number) -> int | None:
    """Cut a number to a whole one; None beyond 34 digits: to write such a one out takes ever more time."""
    return int(value) if -LARGEST_INT < value < LARGEST_INT else None


def is_whole(value: Number) -> bool:
    return isinstance(value, int) or value == value.to_integral_value()


def negative(value: Number) -> Number:
    # Python's own sign would round to the 28 digits of its default context.
    return -value if isinstance(value, int) else CONTEXT.minus(value)


def absolute(value: Number) -> Number:
    return abs(value) if isinstance(value, int) else CONTEXT.abs(value)


def add(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return exact(left + right)
    return CONTEXT.add(left, right)


def subtract(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return exact(left - right)
    return CONTEXT.subtract(left, right)


def multiply(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return exact(left * right)
    return CONTEXT.multiply(left, right)


def divide(left: Number, right: Number) -> Number:
    return CONTEXT.divide(left, right)


def power(left: Number, right: Number) -> Number:
    return CONTEXT.power(left, right)


def parse_number(text: str) -> Number:
    """Read a literal that the lexer accepted; raise Overflow beyond the largest number."""
    if text.isdigit():
        return exact(int(text)) if len(text) < 4_000 else CONTEXT.create_decimal(text)
    return CONTEXT.create_decimal(text)


def is_far(value: Decimal) -> bool:
    """Say whether a number stands so far from the point that it is written with an exponent."""
    return bool(value) and abs(value.adjusted()) > _FARTHEST


def number_text(value: Number) -> str:
    """Write a number without trailing zeros, and without an exponent up to 100 digits."""
    if isinstance(value, int):
        return str(value)
    if is_far(value):
        return str(value.normalize(CONTEXT))
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
