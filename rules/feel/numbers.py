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


def exact(value: int) -> Number:
    """Keep an int while 34 digits hold it, round it as a decimal beyond."""
    return value if -LARGEST_INT < value < LARGEST_INT else CONTEXT.create_decimal(value)


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
    """Read a literal that the lexer accepted."""
    if text.isdigit():
        return exact(int(text)) if len(text) < 4_000 else CONTEXT.create_decimal(text)
    return CONTEXT.create_decimal(text)


def number_text(value: Number) -> str:
    """Write a number plainly, without exponent or trailing zeros."""
    if type(value) is int:
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
