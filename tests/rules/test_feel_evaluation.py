"""What FEEL texts come to."""

import warnings
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from rules import feel
from rules.feel.evaluation import QUIET, Evaluation, NeedsEvaluation, Place

VALUES: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("-5 ** 2", 25),
    ("2 ** 3 ** 2", 64),
    ("10 / 4", Decimal("2.5")),
    ("0.1 + 0.2", Decimal("0.3")),
    ("1.2 * 10 ** 3", 1200),
    ("1e3 + .5", Decimal("1000.5")),
    ("7 - 10", -3),
    ('"a" + "b"', "ab"),
    ("1 = 1.0", True),
    ('"a" < "b"', True),
    ("null = null", True),
    ("1 != null", True),
    ("null < 1", None),
    ('1 = "1"', None),
    ("true = false", False),
    ("true < false", None),
    ("[1, 2] = [1, 2.0]", True),
    ("[1, 2] = [2, 1]", False),
    ("[1] = [1, 1]", False),
    ('[1, "a"] = ["a", 1]', None),
    ("{a: 1, b: 2} = {b: 2, a: 1}", True),
    ("{a: 1} = {b: 1}", False),
    ("5 between 1 and 5", True),
    ("null between 1 and 5", None),
    ("0 between null and 5", None),
    ("9 between null and 5", False),
    ("5 in [1..5)", False),
    ("1 in ]1..5]", False),
    ("5 in (1, 5)", True),
    ("5 in (> 7, < 6)", True),
    ("5 in > 7", False),
    ("1 in [[2..4], [1..3]]", True),
    ("1 in [[2, 1], 5]", True),
    ("[1, 2] in [[1, 2], [3]]", True),
    ("[1] in [1]", True),
    ('"x" in ["x", 1]', True),
    ("null in [null]", True),
    ("[1..3] = [1..3]", True),
    ("[1..3] = [1..3)", False),
    ("[1..3] = [1..4]", False),
    ('"b" + "" >= "a" + ""', True),
    ('"a" + "" >= "b" + ""', False),
    ("-(1 + 1)", -2),
    ("-1.234567890123456789012345678901234", Decimal("-1.234567890123456789012345678901234")),
    ("-(0 + 1.234567890123456789012345678901234)", Decimal("-1.234567890123456789012345678901234")),
    ("abs(-1.234567890123456789012345678901234)", Decimal("1.234567890123456789012345678901234")),
    ("decimal(1, 99999)", None),
    ("for i in 9999999999999999999999999999999997..9999999999999999999999999999999999 return 1", [1, 1, 1]),
    ("for i in 1e34..1e34 return i", None),
    ("for i in 1e6144..1e6144 return i", None),
    ("for i in 1..2.0 return i", [1, 2]),
    ("[1, 2][2e0]", 2),
    ("[1, 2][9e6144]", None),
    ('@"P1D" * 9e6144', None),
    ('@"P1D" / 1e-6000', None),
    ("{f: function(n) if n = 0 then 1 else n * f(n - 1), r: f(5)}.r", 120),
    ("{ten up: function(n) if n > 9 then n else ten up(n + 1), r: ten up(1)}.r", 10),
    ("{f: f(1)}.f", None),
    ("decimal(1.5, 3)", Decimal("1.5")),
    ("(< 10) = (< 10)", True),
    ("(< 10) = (null..10)", False),
    ("(=10) = (=10)", True),
    ("5 in (!= 5)", False),
    ("5 in [!= 4]", True),
    ("5 in [= 5]", True),
    ("{r: [1..3], y: 2 in r}.y", True),
    ("{r: (!= 5), y: 5 in r}.y", False),
    ("abs = abs", True),
    ("abs = floor", False),
    ("true and null", None),
    ("false and null", False),
    ("null or true", True),
    ("null or false", None),
    ('true and "x"', None),
    ("true or 1", True),
    ("if 1 > 0 then 1 else 2", 1),
    ("if null then 1 else 2", 2),
    ("for x in [1, 2], y in [10, 20] return x + y", [11, 21, 12, 22]),
    ("for x in 1..3 return x", [1, 2, 3]),
    ("for x in 3..1 return x", [3, 2, 1]),
    ("for x in (1..4) return x", [2, 3]),
    ("for x in [4..1) return x", [4, 3, 2]),
    ("for i in 0..3 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6]),
    ("for x in null return x", None),
    ('for x in "a" return x', ["a"]),
    ('for x in "a".."c" return x', None),
    ("for x in 1.5..3 return x", None),
    ("count(for d in @\"2020-02-28\"..@\"2020-03-01\" return d)", 3),
    ("some x in [1, 2] satisfies x > 1", True),
    ("some x in [1, 2] satisfies x > 2", False),
    ("some x in [1, 2] satisfies null", None),
    ("some x in null satisfies true", None),
    ('some x in [1] satisfies "x"', None),
    ("every x in [] satisfies false", True),
    ("every x in [1, 2], y in [3] satisfies x < y", True),
    ("every x in [1, 5], y in [3] satisfies x < y", False),
    ("[1, 2, 3][item > 1]", [2, 3]),
    ("[1, 2, 3][-1]", 3),
    ("[1, 2, 3][1]", 1),
    ("[1, 2, 3][0]", None),
    ("[1, 2, 3][4]", None),
    ("[][1]", None),
    ("[][item > 1]", []),
    ("null[item > 1]", []),
    ("7[1]", 7),
    ('[1]["x"]', None),
    ("[{a: 1}, {a: 2}][a > 1].a", [2]),
    ("[{a b: 1}, {a b: 2}][a b > 1].a b", [2]),
    ("[{a: 1}, {b: 2}][a = 1]", [{"a": 1}]),
    ("{x: 5, y: [{x: 1}, {z: 1}][x = 1]}.y", [{"x": 1}]),
    ("{a: 1, b: a + 1}.b", 2),
    ('{"a b": 1}.a b', 1),
    ("{foo+bar: 1}.foo+bar", None),
    ("{a: 1}.b", None),
    ("null.a", None),
    ("(function(x, y) x + y)(1, 2)", 3),
    ("{f: function(x) x * 2, y: f(3)}.y", 6),
    ("{f: function(x, y) x - y, z: f(y: 1, x: 3)}.z", 2),
    ("{f: function(x: number) x, z: f([3])}.z", 3),
    ('{f: function(x: number) x, z: f("a")}.z', None),
    ("{f: function(x) x, z: f(1, 2)}.z", None),
    ("{f: function(x) x, z: f(y: 1)}.z", None),
    ("{f: function() 1, z: f(y: 1)}.z", None),
    ("5(1)", None),
    ("5(a: 1)", None),
    ("1 instance of number", True),
    ("null instance of Any", False),
    ("null instance of Null", True),
    ('"a" instance of Any', True),
    ("[1, 2] instance of list<number>", True),
    ('[1, "a"] instance of list<number>', False),
    ("{a: 1} instance of context<a: number>", True),
    ("{a: 1} instance of context<b: number>", False),
    ("[1..3] instance of range<number>", True),
    ("(< 3) instance of range<number>", True),
    ("abs instance of function<number> -> number", True),
    ("(function(a: number) a) instance of function<number> -> Any", True),
    ("(function(a: number) a) instance of function<string> -> Any", False),
    ("(function(a: number) a) instance of function<number, number> -> Any", False),
    ("(function(a: number, b: string) a) instance of function<number, string> -> Any", True),
    ("(function() 1) instance of function<> -> Any", True),
    ("1 instance of function<> -> Any", False),
    ("(function(a: list<Any>) a) instance of function<list<number>> -> Any", True),
    ("(function(a: list<string>) a) instance of function<list<number>> -> Any", False),
    ("(function(a: list) a) instance of function<list<number>> -> Any", True),
    ("(function(a: range<Any>) a) instance of function<range<number>> -> Any", True),
    ("(function(a: range) a) instance of function<range<number>> -> Any", True),
    ("(function(a: context) a) instance of function<context<b: number>> -> Any", True),
    ("(function(a: context<b: number>) a) instance of function<context<b: number, c: string>> -> Any", True),
    ("(function(a: context<b: number, c: string>) a) instance of function<context<b: number>> -> Any", False),
    ("(function(a: function) a) instance of function<function<number> -> number> -> Any", True),
    ("(function(a: function<number> -> Any) a) instance of function<function<Any> -> number> -> Any", True),
    ("(function(a: function<number> -> Any) a) instance of function<function<> -> number> -> Any", False),
    ("@\"P1D\" instance of days and time duration", True),
    ("-(@\"P1D\")", feel.DayTimeDuration(-86_400 * 10**9)),
    ('-"a"', None),
    ("[1..5].end", 5),
    ("(> 5).end", None),
    ("[1..5).end included", False),
    ('["a".."b"] = null', False),
    ('[1.."b"]', None),
    ("1 /* one */ + 1 // two", 2),
    ('"\\u00e9\\t\\"\\\\"', 'é\t"\\'),
    ('"\\uD83D\\uDCA9"', "💩"),
    ('"\\U01F40E"', "🐎"),
    ('"\\UFFFFFF"', "\\UFFFFFF"),
    ("{🐎: 1}.🐎", 1),
    ("1 / 0", None),
    ("0 / 0", None),
    ("10 ** 400 ** 20", None),
    ("9999999999999999999999999999999999 + 1", Decimal("1E+34")),
    ("null + 1", None),
    ("nothing + 1", None),
    ("nothing()", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), VALUES, ids=[text for text, _ in VALUES])
def test_a_text_comes_to_its_value(text: str, expected: Any) -> None:
    found = feel.evaluate(text, {})

    assert found == expected
    assert type(found) is type(expected) or isinstance(found, int | Decimal)


@pytest.mark.parametrize(
    ("text", "scope", "expected"),
    [
        ("amount > limit", {"amount": 5, "limit": 3}, True),
        ("x > 1 and x < 9", {"x": 5}, True),
        ("10 < x", {"x": Decimal("10.01")}, True),
        ('region in ["EU", "US"]', {"region": "EU"}, True),
        ('region in ["EU", "US"]', {"region": None}, False),
        ('"EU" = region', {"region": "EU"}, True),
        ("paid = true", {"paid": False}, False),
        ("n in (1, 2, 3)", {"n": Decimal(2)}, True),
        ("Order total * 2", {"Order total": 21}, 42),
        ("Profit and loss + in stock", {"Profit and loss": 1, "in stock": 2}, 3),
        ("a-b", {"a-b": 7, "a": 3, "b": 1}, 7),
        ("a-b", {"a": 3, "b": 1}, 2),
        ("order.lines[price > 2].price", {"order": {"lines": [{"price": 1}, {"price": 3}]}}, [3]),
        ("date", {"date": "mine"}, "mine"),
        ("x[item = y]", {"x": [1, 2], "y": 2}, [2]),
        ("count", {"count": 3}, 3),
        ("if.x", {"if": {"x": 1}}, None),
    ],
)
def test_names_in_scope_may_hold_spaces_and_signs(text: str, scope: dict[str, Any], expected: Any) -> None:
    if expected is None:
        with pytest.raises(feel.FeelSyntaxError):
            feel.evaluate(text, scope)
        return

    found = feel.evaluate(text, scope)

    assert found == expected


def test_a_null_says_where_and_why_it_came_about() -> None:
    result = feel.run('total + "x"', {"total": 5})

    assert result.value is None
    (warning,) = result.warnings
    assert warning.text == 'total + "x"'
    assert warning.span == (0, 11)
    assert str(warning) == "`+` does not work on a number and a string at character 1 of 'total + \"x\"'"


def test_a_name_without_a_value_is_null_with_a_warning() -> None:
    expression = feel.compile("amount > 3", ["amount"])

    result = expression.run({})

    assert result.value is None
    assert "'amount' has no value" in str(result.warnings[0])
    assert expression.evaluate({}) is None


def test_a_name_that_nothing_explains_is_known_before_it_is_asked() -> None:
    expression = feel.compile("amuont > 3", ["amount"])

    assert list(expression.unknown) == ["amuont"]
    assert expression.evaluate({"amount": 5}) is None


def test_an_expression_tells_the_names_it_reads() -> None:
    expression = feel.compile("a > b and a > c", ["a", "b", "c", "d"])

    assert list(expression.used) == ["a", "b", "c"]


def test_texts_are_compiled_once() -> None:
    first = feel.compile("a + 1", ["a", "b"])
    second = feel.compile("a + 1", frozenset({"b", "a"}))

    assert first is second


def test_warnings_of_one_evaluation_are_bounded() -> None:
    result = feel.run('for x in 1..500 return x + "a"', {})

    assert len(result.warnings) == 100


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        pytest.param("true", "yes", id="true"),
        pytest.param("false", "no", id="false"),
        pytest.param("null", "no", id="null"),
        pytest.param("5", "no", id="a number"),
        pytest.param("0", "no", id="nothing"),
        pytest.param('"true"', "no", id="a text"),
    ],
)
def test_a_literal_as_a_condition_is_compiled_without_a_warning(condition: str, expected: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = feel.evaluate(f'if {condition} then "yes" else "no"', {"unused": condition})

    assert found == expected


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(lambda run: run.admit([]), id="a value from outside"),
        pytest.param(lambda run: run.warn(Place("x", (0, 1)), "why"), id="a warning"),
        pytest.param(lambda run: run.step(), id="a step"),
        pytest.param(lambda run: run.spend(0.1), id="time"),
        pytest.param(lambda run: run.enter(), id="a call"),
        pytest.param(lambda run: run.check_list(1), id="the length of a list"),
        pytest.param(lambda run: run.check_string(1), id="the length of a text"),
    ],
)
def test_what_is_to_be_recorded_is_never_recorded_in_the_evaluation_that_all_share(
    record: Callable[[Evaluation], object],
) -> None:
    with pytest.raises(NeedsEvaluation):
        record(QUIET)

    assert QUIET.warnings == []
