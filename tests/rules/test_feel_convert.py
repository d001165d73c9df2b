"""Values across the border: in exactly, out without loss."""

import datetime as python
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from rules import feel


class Colour(StrEnum):
    """Stands for the closed sets of the application."""

    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (python.date(2020, 1, 2), "2020-01-02"),
        (python.time(10, 20, 30, 500), "10:20:30.0005"),
        (python.datetime(2020, 1, 2, 3, 4, 5, tzinfo=python.UTC), "2020-01-02T03:04:05Z"),
        (
            python.datetime(2020, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("Europe/Paris")),
            "2020-01-02T03:04:05@Europe/Paris",
        ),
        (python.datetime(2020, 1, 2, 3, 4, 5, tzinfo=ZoneInfo("UTC")), "2020-01-02T03:04:05Z"),
        (python.timedelta(days=1, seconds=1, microseconds=5), "P1DT1.000005S"),
    ],
)
def test_python_days_and_times_become_those_of_feel(value: Any, text: str) -> None:
    assert str(feel.to_feel(value)) == text


@pytest.mark.parametrize(
    "value",
    [
        python.date(2020, 1, 2),
        python.time(10, 20, 30, 500),
        python.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=python.UTC),
        python.datetime(2020, 1, 2, 3, tzinfo=ZoneInfo("Europe/Paris")),
        python.datetime(2020, 1, 2, 3, tzinfo=python.timezone(python.timedelta(hours=-3))),
        python.timedelta(days=-1, microseconds=5),
        "other",
    ],
)
def test_python_gets_its_own_days_and_times_back(value: Any) -> None:
    assert feel.to_python(feel.to_feel(value)) == value


def test_python_cannot_hold_every_year() -> None:
    with pytest.raises(feel.FeelValueError, match="does not reach so far"):
        feel.to_python(feel.parse_date("99999-01-01"))


def test_collections_and_words_become_those_of_feel() -> None:
    found = feel.to_feel({Colour.RED: (1, [True, None], Colour.RED)})

    assert found == {"red": [1, [True, None], "red"]}
    assert {type(key) for key in found} == {str}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1.5, "give a Decimal"),
        ({"a": [1.5]}, "give a Decimal"),
        ({1: 2}, "named by strings"),
        (Decimal("NaN"), "not a finite number"),
        (object(), "not among FEEL's types"),
        (b"x", "not among FEEL's types"),
    ],
)
def test_what_has_no_exact_counterpart_is_refused(value: Any, reason: str) -> None:
    with pytest.raises(feel.FeelValueError, match=reason):
        feel.evaluate("x", {"x": value})


def test_a_value_from_outside_is_refused_wherever_it_is_used() -> None:
    for text in [
        "x > 1",
        "1 < x",
        "x + 1",
        "[x]",
        "{a: x}",
        "x in [1, 2]",
        "x = 1",
        'x = "a"',
        "abs(x)",
        "-x",
    ]:
        with pytest.raises(feel.FeelValueError):
            feel.evaluate(text, {"x": 1.5})


def test_a_number_that_is_none_is_refused_in_comparisons_too() -> None:
    with pytest.raises(feel.FeelValueError, match="not a finite number"):
        feel.evaluate("x > 1", {"x": Decimal("NaN")})


# Python writes no int of more than 4,300 digits, so these are made where they are used.
@pytest.mark.parametrize("ask", [feel.evaluate, feel.run])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Decimal("1E+6145"), id="large"),
        pytest.param(lambda: Decimal("-1E-6177"), id="small"),
        pytest.param(lambda: 10**6_145, id="an int"),
        pytest.param(lambda: -(10**100_000), id="a long int"),
        pytest.param(lambda: Decimal("9." + "9" * 40 + "E+6144"), id="large when rounded"),
        pytest.param(lambda: 10**6_145 - 1, id="an int, when rounded"),
    ],
)
def test_a_number_beyond_those_of_decimals_is_refused(ask: Any, make: Callable[[], Any]) -> None:
    with pytest.raises(
        feel.FeelValueError, match="is no FEEL value: its exponent is beyond those of decimals"
    ):
        ask("x", {"x": make()})


@pytest.mark.parametrize(
    ("number", "text"),
    [(Decimal("0E+9999"), "0"), (Decimal("1E-6176"), "1E-6176"), (10**34, "1" + "0" * 34), (-5, "-5")],
)
def test_a_number_at_the_ends_of_decimals_comes_in(number: Any, text: str) -> None:
    assert feel.evaluate("string(x)", {"x": number}) == text


def test_a_number_that_is_none_is_not_looked_up() -> None:
    with pytest.raises(feel.FeelValueError, match="not a finite number"):
        feel.evaluate("x in [1, 2]", {"x": Decimal("sNaN")})


def test_long_numbers_are_rounded_to_34_digits() -> None:
    assert feel.to_feel(Decimal("1." + "1" * 40)) == Decimal("1." + "1" * 33)


STATE: list[Any] = [
    None,
    True,
    5,
    "text",
    Decimal("12600.50"),
    {"a": [1, {"b": Decimal("0.1")}]},
    {"$feel": "a context with a strange entry"},
    *[
        feel.evaluate(text, {})
        for text in (
            '@"2020-01-02"', '@"10:20:30@Europe/Paris"', '@"2020-01-02T10:20:30.5Z"', '@"P1DT2H"', '@"P1Y2M"',
            "[1..5)", "(< 5)", "(!= 5)", "(= 5)", '["a"..null]',
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize("value", STATE, ids=[repr(value)[:40] for value in STATE])
def test_the_state_comes_back_without_loss(value: Any) -> None:
    stored = orjson.dumps(feel.to_typed_json(value))

    found = feel.from_typed_json(orjson.loads(stored))

    assert found == value
    assert str(found) == str(value)


def test_a_function_cannot_be_kept() -> None:
    with pytest.raises(feel.FeelValueError, match="it cannot be kept"):
        feel.to_typed_json(feel.evaluate("abs", {}))


@pytest.mark.parametrize(
    "stored",
    [
        1.5,
        {"$feel": "number"},
        {"$feel": "date", "text": "x"},
        {"$feel": "number", "text": "x"},
        {"$feel": "money", "text": "1"},
        {"$feel": "range", "text": []},
    ],
)
def test_a_state_that_was_not_written_so_is_refused(stored: Any) -> None:
    with pytest.raises(feel.FeelValueError):
        feel.from_typed_json(stored)


def test_plain_json_holds_texts_for_what_json_has_not() -> None:
    value = feel.evaluate('{a: 12600.50, d: @"2020-01-02", n: null, l: [1, true, "x"], r: [1..2]}', {})

    assert feel.to_plain_json(value) == {
        "a": "12600.50",
        "d": "2020-01-02",
        "n": None,
        "l": ["1", True, "x"],
        "r": "[1..2]",
    }


def test_plain_json_gives_numbers_where_they_are_asked_for() -> None:
    value = [1, Decimal("2.0"), Decimal("2.5")]

    assert feel.to_plain_json(value, numbers="json") == [1, 2, 2.5]


def test_a_number_far_from_the_point_is_written_with_an_exponent() -> None:
    numbers = [Decimal("1E+100"), Decimal("1E+101"), Decimal("-2.50E-101"), Decimal("0E+6144")]

    assert feel.to_plain_json(numbers) == ["1" + "0" * 100, "1E+101", "-2.50E-101", "0"]


def test_a_number_beyond_those_of_json_is_refused_as_one() -> None:
    assert feel.to_plain_json(Decimal("1E+40"), numbers="json") == 1e40

    with pytest.raises(feel.FeelValueError, match="JSON numbers do not reach so far"):
        feel.to_plain_json(Decimal("1E+400"), numbers="json")
