"""What holds of every text: an answer or a FEEL error, and the same answer by the plainest way."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from rules import feel
from rules.feel.builtins.library import FUNCTIONS
from rules.feel.comparing import same
from rules.feel.evaluation import Evaluation
from tests.rules.walker import walk_through

PIECES = [
    "1", "0", "2.5", "-", "+", "*", "/", "**", "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "<",
    "<=", ">", "=", "!=", '"a"', '"', "true", "null", "and", "or", "not", "if", "then", "else", "for",
    "in", "return", "some", "every", "satisfies", "between", "instance of", "function", "number", "x", "y",
    "item", "partial", "a b", '@"2020-01-01"', '@"PT1H"', '@"10:00:00Z"', "date", "count", "sum", "sort",
    "string", "matches", "?", "list", "9e6144", "-1e-6143", "1e34", "1e7000", r'"\ud800"',
]  # fmt: skip
SCOPE = {"x": 3, "y": [1, {"a b": Decimal("2.5")}, None]}

LITERALS = st.sampled_from(
    ["1", "2.5", "-3", '"a"', '"b"', "true", "false", "null", "x", "y", '@"2020-01-01"', '@"P1D"']
)


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    operators = st.sampled_from(["+", "-", "*", "/", "<", "<=", ">", ">=", "=", "!=", "and", "or"])
    return st.one_of(
        st.tuples(operators, pairs).map(lambda part: f"({part[1][0]} {part[0]} {part[1][1]})"),
        st.tuples(inner, pairs).map(lambda part: f"(if {part[0]} then {part[1][0]} else {part[1][1]})"),
        st.tuples(inner, pairs).map(lambda part: f"({part[0]} between {part[1][0]} and {part[1][1]})"),
        st.tuples(inner, pairs).map(lambda part: f"({part[0]} in ({part[1][0]}, {part[1][1]}))"),
        st.tuples(inner, pairs).map(lambda part: f"({part[0]} in [{part[1][0]}..{part[1][1]}])"),
        st.tuples(inner, pairs).map(lambda part: f"({part[0]} in [{part[1][0]}, {part[1][1]}])"),
        st.tuples(inner, inner).map(lambda part: f"({part[0]} in > {part[1]})"),
        pairs.map(lambda part: f"[{part[0]}, {part[1]}]"),
        pairs.map(lambda part: f"{{k: {part[0]}, m: {part[1]}}}.k"),
        inner.map(lambda part: f"(-({part}))"),
    )


EXPRESSIONS = st.recursive(LITERALS, _combined, max_leaves=8)


def _answer_or_error(text: str) -> str:
    """What the text comes to, in words; any other exception than a FEEL error goes on."""
    try:
        return repr(feel.run(text, SCOPE))
    except feel.FeelError as error:
        return str(error)


ARGUMENTS = LITERALS | st.sampled_from(["9e6144", "-9e6144", "1e-6143", "1e34", "[1e6000]", "[1..9e6144]"])

# What breaks readers: signs that open and never close, numbers at their ends, text of every script.
HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(
        alphabet='()[]{}<>,.:;=+-*/"@?!&|%^~`$\\\n\t 0123456789eExyüПн中😀\u200b\ufeff\x00\ud800', max_size=60
    ),
    st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join),
    st.tuples(
        st.sampled_from(["(", "[", "{a:", "-", "not(", "if ", "x[", "x.", "for x in "]), st.integers(1, 80)
    ).map(lambda part: part[0] * part[1] + "x"),
    st.tuples(st.sampled_from(sorted(FUNCTIONS)), st.lists(ARGUMENTS, max_size=4)).map(
        lambda part: f"{part[0]}({', '.join(part[1])})"
    ),
)
CHUNKS, CHUNK = 20, 500


@pytest.mark.untraced
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_hostile_text_has_a_value_or_a_feel_error(chunk: int) -> None:
    @seed(chunk)
    @given(HOSTILE)
    @settings(max_examples=CHUNK, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def judge(text: str) -> None:
        assert _answer_or_error(text)

    judge()


@pytest.mark.untraced
@given(EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_the_compiled_way_agrees_with_the_plain_one(text: str) -> None:
    expression = feel.compile(text, SCOPE)

    compiled, plain = expression.run(SCOPE).value, walk_through(expression.node, SCOPE)

    assert _alike(compiled, plain), f"{text}: {compiled!r} is not {plain!r}"
    assert _alike(expression.evaluate(SCOPE), compiled)


@pytest.mark.untraced
@given(EXPRESSIONS)
@settings(max_examples=50, deadline=None)
def test_a_value_comes_back_from_the_state(text: str) -> None:
    value = feel.evaluate(text, SCOPE)

    assert _alike(feel.from_typed_json(feel.to_typed_json(value)), value)


@pytest.mark.untraced
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)), st.lists, max_leaves=5
    )
)
@settings(max_examples=50, deadline=None)
def test_a_literal_means_what_it_was_written_from(value: Any) -> None:
    fitted = feel.to_feel(value)

    assert _alike(feel.evaluate(feel.text_of(fitted), {}), fitted)


def _alike(left: Any, right: Any) -> bool:
    if type(left) is not type(right):
        return False
    return repr(left) == repr(right) or same(Evaluation(), left, right) is not False
