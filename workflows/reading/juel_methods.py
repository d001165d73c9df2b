"""The methods and functions that FEEL has too, with the same answer for whatever they are called on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

Literal = str | int | None
_SIZE: Final = (
    "(if {0} instance of list<Any> then count({0})"
    " else if {0} instance of context<> then count(get entries({0})) else null)"
)
_IS_EMPTY: Final = (
    "(if {0} instance of string then string length({0}) = 0"
    " else if {0} instance of list<Any> then count({0}) = 0"
    " else if {0} instance of context<> then count(get entries({0})) = 0 else null)"
)
_CONTAINS: Final = "(if {0} instance of list<Any> then list contains({0}, {1}) else contains({0}, {1}))"
_AT: Final = "(if {0} instance of list<Any> then {0}[{1}] else null)"
_MOMENT: Final = re.compile(r"\(*now\(\)")
_MOVES: Final = re.compile("(plus|minus)(Seconds|Minutes|Hours|Days|Weeks|Months|Years)")
_PERIODS: Final = {
    "Seconds": "PT{}S",
    "Minutes": "PT{}M",
    "Hours": "PT{}H",
    "Days": "P{}D",
    "Months": "P{}M",
    "Years": "P{}Y",
}
PREFIXES: Final = ("variables", "vars", "var")
"""Before a colon they are Flowable's functions over variables."""
_READS_VARIABLE: Final = ("execution", "task")


def call(name: str, receiver: str | None, given: list[tuple[str, Literal]]) -> str | None:
    """Return FEEL for a call; None where it has no counterpart."""
    if receiver is None:
        return _function(name, given)
    if _MOMENT.match(receiver):
        return _moved(name, receiver, [literal for _, literal in given])
    if not given:
        shape = {"size": _SIZE, "isEmpty": _IS_EMPTY}.get(name)
        return shape and shape.format(receiver)
    if len(given) > 1:
        return None
    if receiver in _READS_VARIABLE:
        return _variable(given[0][1]) if name == "getVariable" else None
    look = _OF_ONE.get(name)
    return look and look(receiver, *given[0])


def _function(name: str, given: list[tuple[str, Literal]]) -> str | None:
    if name in ("now", "dateTime") and not given:
        return "now()"
    if name in [f"{prefix}:get" for prefix in PREFIXES] and len(given) == 1:
        text, literal = given[0]
        return _variable(text if literal is None else literal)
    return None


def _moved(name: str, moment: str, given: list[Literal]) -> str | None:
    """Joda's way from one moment to another, as Camunda's `dateTime()` begins it."""
    if name == "toDate" and not given:
        return moment
    found = _MOVES.fullmatch(name)
    if not found or len(given) != 1 or not isinstance(given[0], int):
        return None
    sign = "+" if found[1] == "plus" else "-"
    unit, number = found[2], given[0]
    if unit == "Weeks":  # no duration of FEEL knows them
        unit, number = "Days", 7 * number
    return f'({moment} {sign} duration("{_PERIODS[unit].format(number)}"))'


def _variable(name: Literal) -> str | None:
    return name if isinstance(name, str) and name.isidentifier() else None


def _equals(receiver: str, text: str, literal: Literal) -> str | None:
    """Numbers of two kinds are never equal there: only where one side is a text, both say the same."""
    return f"({receiver} = {text})" if isinstance(literal, str) or receiver.startswith('"') else None


def _contains(receiver: str, text: str, literal: Literal) -> str | None:
    return _CONTAINS.format(receiver, text) if isinstance(literal, str) else None


def _starts(receiver: str, text: str, literal: Literal) -> str:
    return f"starts with({receiver}, {text})"


def _ends(receiver: str, text: str, literal: Literal) -> str:
    return f"ends with({receiver}, {text})"


def _get(receiver: str, text: str, literal: Literal) -> str | None:
    return part(receiver, literal)


_OF_ONE: Final[Mapping[str, Callable[[str, str, Literal], str | None]]] = {
    "equals": _equals,
    "contains": _contains,
    "startsWith": _starts,
    "endsWith": _ends,
    "get": _get,
}


def part(receiver: str, key: Literal) -> str | None:
    """Return what stands in a list at an index, or in a map under a key; None for any other key."""
    if isinstance(key, int):
        return _AT.format(receiver, key + 1)
    if isinstance(key, str):
        return f"get value({receiver}, {quoted(key)})"
    return None


def quoted(text: str) -> str:
    """Return a text as FEEL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def remainder(left: str, right: str) -> str:
    """Their remainder takes the sign of what is divided, FEEL's that of the divisor."""
    return f"(if {left} < 0 then -modulo(-{left}, abs({right})) else modulo({left}, abs({right})))"
