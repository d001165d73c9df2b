"""Numbers at the ends of what decimals hold, wherever a value stands: an answer or a FEEL error, at once."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from rules import feel
from rules.feel.builtins.library import SIGNATURES
from tests.rules.timing import SECONDS, within

LITERALS = [
    "9e6144", "-9e6144", "9.999999999999999999999999999999999e6144", "1e6000", "1e34", "-1e34", "1e-6143",
    "-1e-6176", "0e6144", "-0", "9999999999999999999999999999999999", "0.5", "1e7000", "9" * 5_000,
]  # fmt: skip
VALUES = [
    Decimal("9e6144"), Decimal("-9e6144"), Decimal("1e1000000"), Decimal("-1e-1000000"),
    Decimal("0e1000000"), Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("1." + "3" * 60),
    10**34, -(10**50), 10**6000, 10**20_000, Decimal(10) ** 6144 - 1,
]  # fmt: skip
SAMPLES = {
    "number": "2", "string": '"ab"', "boolean": "true", "list": "[3, 4]", "context": '{a: 1}', "Any": "1",
    "date": '@"2026-01-31"', "time": '@"10:00:00Z"', "date and time": '@"2026-01-31T10:00:00Z"',
    "days and time duration": '@"P1D"', "years and months duration": '@"P1M"', "range": "[1..5]",
    "function": "function(x, y) true", "point": "3", "null": "null",
}  # fmt: skip
SHAPES = {"list": "[@, 1]", "context": "{a: @}", "range": "[1..@]", "function": "function(x, y) @"}
OPERATIONS = [
    "-@", "@ + 1", "1 - @", "@ * @", "1 / @", "@ / 3", "2 ** @", "@ ** 2", "@ ** 0.5", "1.000001 ** @",
    "@ ** @",
    "@ < 1", "2.5 >= @", "@ = @", "@ in [1, 2]", "@ in ([1..5], > @)", "3 in [@..@]", "@ between 1 and @",
    "[1][@]", "[1, @][item > @]", "@[1]", "(for i in 1..@ return i)[1]", "for i in @..@ return string(i)",
    "for i in (@..1] return i", "some i in @..1 satisfies i = @", "@ instance of number",
    "if @ > 1 then @ else -@",
    '@"P1D" * @', '@"P1D" / @', '@ * @"P1M"', '@"P1M" / @', '@"P1D" / (@"P1D" * @)',
    '@"2026-01-31" + @"P1D" * @', "{a: @}.a", "(function(x: list<number>) x)(@)",
    "{a: @} instance of context<a: number>",
    "(function(x: number) x + 1)([@])", "@.a", '"a" + @', "[@..5]", "string([@, @])", "@(1)", "not(@ = 1)",
]  # fmt: skip


def _calls(name: str) -> Iterator[str]:
    """Every way to call a function, with `@` where a hostile number goes: at each place, and at all."""
    for signature in SIGNATURES[name]:
        kinds = re.findall(r"[^,(]+: ([^,)]+)", signature)
        first = [kind.partition(" | ")[0] for kind in kinds]
        usual = [SAMPLES[kind] for kind in first]
        yield f"{name}({', '.join('@' for _ in usual)})"
        for place, kind in enumerate(first):
            for hostile in {"@", SHAPES.get(kind, "@")}:
                yield f"{name}({', '.join([*usual[:place], hostile, *usual[place + 1 :]])})"


def _answer(text: str, scope: dict[str, Any]) -> None:
    """Ask a text in both ways and write its answer in all; a FEEL error is an answer too."""
    with within(SECONDS, text), suppress(feel.FeelError):
        for value in (feel.evaluate(text, scope), feel.run(text, scope).value):
            feel.text_of(value)
            json.dumps([feel.to_plain_json(value), feel.from_typed_json(_typed(value)) is None])
            json.dumps(feel.to_plain_json(value, numbers="json"), allow_nan=False)


def _typed(value: Any) -> Any:
    return None if type(value) is feel.Function else feel.to_typed_json(value)


def _answer_all(text: str) -> None:
    for literal in LITERALS:
        _answer(_filled(text, literal), {})
    for value in VALUES:
        _answer(_filled(text, "x"), {"x": value})


def _filled(text: str, number: str) -> str:
    return re.sub('@(?!")', number, text)


@pytest.mark.untraced
@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_a_function_answers_at_once_whatever_number_it_is_given(name: str) -> None:
    for call in _calls(name):
        _answer_all(call)


@pytest.mark.untraced
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_answers_at_once_whatever_number_it_is_given(operation: str) -> None:
    _answer_all(operation)


@pytest.mark.untraced
@pytest.mark.parametrize("name", sorted(SIGNATURES))
@pytest.mark.parametrize("number", ["9e6144", "1e-6143", "x"])
def test_a_function_of_hostile_numbers_may_be_called_as_often_as_another(name: str, number: str) -> None:
    text = f"for i in 1..2000 return {_filled(next(_calls(name)), number)}"

    with within(SECONDS, text):
        answer = feel.evaluate(text, {"x": Decimal("1.000000000000000000001e33")})

    assert len(answer) == 2_000
