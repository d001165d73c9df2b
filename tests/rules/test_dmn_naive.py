"""Decision tables against the most naive way to decide: look at every rule, then do what the policy says."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import dmn
from tests.rules.dmn_builders import decision, definitions, input_data, needs_input, table

Judge = Callable[[Any], bool]
RANKED = ["3", "1", "2"]
POLICIES = [
    ("UNIQUE", ""), ("FIRST", ""), ("ANY", ""), ("PRIORITY", ""), ("RULE ORDER", ""), ("OUTPUT ORDER", ""),
    ("COLLECT", ""), ("COLLECT", "SUM"), ("COLLECT", "MIN"), ("COLLECT", "MAX"), ("COLLECT", "COUNT"),
]  # fmt: skip


class Cell(NamedTuple):
    """A cell as it is written, and as Python says it."""

    text: str
    fits: Judge


def _is_number(value: Any) -> bool:
    return type(value) is int


@st.composite
def numbers(draw: st.DrawFn) -> Cell:
    low, high = sorted(draw(st.tuples(st.integers(0, 5), st.integers(0, 5))))
    return draw(
        st.sampled_from(
            [
                Cell("-", lambda x: True),
                Cell("", lambda x: True),
                Cell(f"{low}", lambda x: x == low),
                Cell(f"< {high}", lambda x: _is_number(x) and x < high),
                Cell(f">= {low}", lambda x: _is_number(x) and x >= low),
                Cell(f"[{low}..{high})", lambda x: _is_number(x) and low <= x < high),
                Cell(f"({low}..{high}]", lambda x: _is_number(x) and low < x <= high),
                Cell(f"{low}, > {high}", lambda x: x == low or (_is_number(x) and x > high)),
                Cell(f"not({low})", lambda x: x != low),
                Cell("null", lambda x: x is None),
                Cell("not(null)", lambda x: x is not None),
                Cell("even(?)", lambda x: _is_number(x) and x % 2 == 0),
                Cell(f"? + 1 > {high}", lambda x: _is_number(x) and x + 1 > high),
            ]
        )
    )


TEXTS = st.sampled_from(
    [
        Cell("-", lambda y: True),
        Cell('"EU"', lambda y: y == "EU"),
        Cell('"EU", "US"', lambda y: y in {"EU", "US"}),
        Cell('not("EU")', lambda y: y != "EU"),
        Cell('starts with(?, "E")', lambda y: isinstance(y, str) and y.startswith("E")),
    ]
)
ROWS = st.lists(st.tuples(numbers(), TEXTS, st.sampled_from(RANKED)), max_size=5)


@pytest.mark.parametrize(("policy", "aggregation"), POLICIES)
def test_a_table_decides_as_the_most_naive_way_does(policy: str, aggregation: str) -> None:
    @given(ROWS)
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def judge(rows: list[tuple[Cell, Cell, str]]) -> None:
        model = _model(rows, policy, aggregation)
        for x in (None, 0, 1, 2, 3, 4, 5, 6):
            for y in (None, "EU", "US", "CN"):
                hits = [number for number, row in enumerate(rows, 1) if row[0].fits(x) and row[1].fits(y)]
                outcome = model.decide("d", {"x": x, "y": y})

                assert outcome.value == _naive([int(rows[hit - 1][2]) for hit in hits], policy, aggregation)
                assert set(outcome.matched) <= set(hits)

    judge()


def _model(rows: list[tuple[Cell, Cell, str]], policy: str, aggregation: str) -> dmn.Model:
    cells = [[number.text, text.text, result] for number, text, result in rows]
    body = table(["x", "y"], [f"o:number|{','.join(RANKED)}"], cells, policy, aggregation)
    data = input_data("x") + input_data("y")
    return dmn.load(definitions(data + decision("d", body, needs=needs_input("x", "y"))))


def _naive(results: list[int], policy: str, aggregation: str) -> Any:
    if aggregation == "COUNT":
        return len(results)
    if aggregation:
        return {"SUM": sum, "MIN": min, "MAX": max}[aggregation](results) if results else None
    if policy in {"RULE ORDER", "COLLECT"}:
        return results
    ranked = sorted(results, key=lambda each: RANKED.index(str(each)))
    if policy == "OUTPUT ORDER":
        return ranked
    if (
        not results
        or (policy == "UNIQUE" and len(results) > 1)
        or (policy == "ANY" and len(set(results)) > 1)
    ):
        return None
    return ranked[0] if policy == "PRIORITY" else results[0]
