"""A tree written as a text and read again is the same tree, and every way to evaluate it agrees."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import feel
from rules.feel import nodes, types
from rules.feel.names import Scope
from rules.feel.parser import parse, parse_tests
from tests.rules.corpus_lines import CELLS, CONDITIONS, NOW, Line
from tests.rules.walker import walk_through
from tests.rules.writer import shape, written

NOWHERE = (0, 0)
NAMES = ["x", "y", "order total", "客户等级", "profit-margin"]
SCOPE = Scope(frozenset(NAMES))


@pytest.mark.parametrize("line", CONDITIONS)
def test_a_condition_of_the_corpus_is_read_as_it_was_written(line: Line) -> None:
    scope = Scope(frozenset(line.scope))
    tree = parse(line.parts[0], scope)

    again = parse(written(tree), scope)

    assert shape(again) == shape(tree)


@pytest.mark.parametrize("line", CELLS)
def test_a_cell_of_the_corpus_is_read_as_it_was_written(line: Line) -> None:
    scope = Scope(frozenset(line.scope))
    tree = parse_tests(line.parts[0], scope)

    again = parse_tests(written(tree), scope)

    assert shape(again) == shape(tree)


@pytest.mark.parametrize("line", CONDITIONS)
def test_a_condition_of_the_corpus_is_evaluated_as_the_plainest_way_does(line: Line) -> None:
    expression = feel.compile(line.parts[0], line.scope)

    plain = walk_through(expression.node, line.scope, NOW)

    assert feel.text_of(plain) == feel.text_of(expression.run(line.scope, NOW).value)


CONSTANTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 10**12),
    st.decimals(0, 10**6, places=3),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(["2026-01-31", "10:20:30Z", "P1DT2H", "-P1Y2M", "2026-01-31T10:00:00@Asia/Shanghai"]).map(
        lambda text: feel.evaluate(f'@"{text}"', {})
    ),
).map(lambda value: nodes.Constant(NOWHERE, value))
LEAVES = st.one_of(CONSTANTS, st.sampled_from(NAMES).map(lambda name: nodes.Name(NOWHERE, name)))
KINDS = st.recursive(
    st.sampled_from([types.NUMBER, types.STRING, types.DATE_TIME, types.DAY_TIME, types.ANY]),
    lambda inner: st.one_of(
        inner.map(types.ListType),
        inner.map(types.RangeType),
        st.tuples(st.tuples(st.just("a b"), inner)).map(types.ContextType),
        st.builds(types.FunctionType, st.tuples(inner), inner),
    ),
    max_leaves=3,
)
COMPARISONS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _node(kind: type[nodes.Node], *parts: Any) -> st.SearchStrategy[nodes.Node]:
    return st.builds(kind, st.just(NOWHERE), *parts)


def _larger(inner: st.SearchStrategy[nodes.Node]) -> st.SearchStrategy[nodes.Node]:
    several = st.lists(inner, min_size=1, max_size=3).map(tuple)
    iterators = st.builds(nodes.Iterator, st.sampled_from(["i", "each line"]), inner).map(
        lambda each: (each,)
    )
    tests = st.lists(
        st.one_of(inner, _node(nodes.UnaryComparison, COMPARISONS, inner)), min_size=1, max_size=3
    )
    named = st.lists(st.tuples(st.sampled_from(["k", "a b", "+"]), inner), unique_by=lambda entry: entry[0])
    return st.one_of(
        _node(
            nodes.Logic, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4).map(tuple)
        ),
        _node(nodes.Compare, COMPARISONS, inner, inner),
        _node(nodes.Calculate, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        _node(nodes.Between, inner, inner, inner),
        _node(nodes.In, inner, tests.map(tuple)),
        _node(nodes.InstanceOf, inner, KINDS),
        _node(nodes.Negate, inner),
        _node(nodes.Path, inner, st.sampled_from(["k", "a b"])),
        _node(nodes.Filter, inner, inner),
        _node(nodes.Call, inner, several),
        _node(nodes.Call, inner, st.tuples(inner, inner), st.just(("n", "start position"))),
        _node(nodes.If, inner, inner, inner),
        _node(nodes.For, iterators, inner),
        _node(nodes.Quantified, st.sampled_from(["some", "every"]), iterators, inner),
        _node(nodes.FunctionDefinition, st.tuples(st.tuples(st.just("p q"), st.none() | KINDS)), inner),
        _node(nodes.ContextLiteral, named.map(tuple)),
        _node(nodes.ListLiteral, several),
        _node(nodes.RangeLiteral, inner, st.booleans(), inner, st.booleans()),
    )


TREES = st.recursive(LEAVES, _larger, max_leaves=12)


@given(TREES)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_tree_that_is_written_is_read_as_it_was(tree: nodes.Node) -> None:
    again = parse(written(tree), SCOPE)

    assert shape(again) == shape(tree)
    assert written(again) == written(tree)


@given(TREES)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_tree_of_any_kind_is_evaluated_as_the_plainest_way_does(tree: nodes.Node) -> None:
    scope = {"x": 3, "y": [1, {"a b": 2}], "order total": 7, "客户等级": "金牌", "profit-margin": None}
    expression = feel.compile(written(tree), scope)

    plain = _said(lambda: walk_through(expression.node, scope, NOW))

    assert plain == _said(lambda: expression.run(scope, NOW).value)


def _said(evaluate: Callable[[], Any]) -> str:
    """Return a value as text, or that a limit was met: a tree may well count to a million."""
    try:
        return feel.text_of(evaluate())
    except feel.FeelLimitError:
        return "beyond a limit"
