"""What a state keeps of variables: every kind of FEEL's values, whatever their names and texts are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest

from rules import feel
from tests.workflows.building import Run, diagram, element, script, user
from workflows import values

pytestmark = pytest.mark.usefixtures("each_way")

_KEPT = [
    pytest.param(
        {"n": None, "b": True, "i": 5, "t": "text", "l": [1, [2]], "c": {"d": {}}}, id="what JSON has"
    ),
    pytest.param({"price": Decimal("12.50"), "prices": [Decimal("0.1"), {"p": Decimal("1E+3")}]}, id="money"),
    pytest.param({"on": feel.parse_date("2026-03-02"), "in": feel.parse_duration("P2D")}, id="days"),
    pytest.param({"when": feel.parse_date_time("2026-03-02T09:00:00@Europe/Berlin")}, id="a moment"),
    pytest.param({"r": feel.evaluate("[1..5)", {}), "s": [feel.evaluate("(< 2.5)", {})]}, id="ranges"),
    pytest.param({"$feel": "a name like the tag's"}, id="the name of a tag"),
    pytest.param({"c": {"$feel": "number", "text": "1"}, "p": Decimal("2.5")}, id="a context like a tag"),
    pytest.param({"t": "$feel", "u": '"$feel"', "p": Decimal("2.5")}, id="a text like a tag"),
]


@pytest.mark.parametrize("given", _KEPT)
def test_variables_come_back_as_they_were(given: dict[str, Any]) -> None:
    run = Run(diagram(element("startEvent", "s") + user("a") + user("b"), "s -> a\na -> b"), **given)

    run.complete("a")

    assert run.variables == given
    assert {name: str(value) for name, value in run.variables.items()} == {
        name: str(value) for name, value in given.items()
    }


@pytest.mark.parametrize("given", _KEPT)
def test_they_are_written_as_feel_says(given: dict[str, Any]) -> None:
    written = orjson.loads(values.dumps(lambda out: [out(given), 1.5]))

    assert written == [feel.to_typed_json(given), 1.5]


def test_what_cannot_be_kept_is_refused() -> None:
    with pytest.raises(feel.FeelValueError, match="cannot be kept"):
        values.dumps(lambda out: out({"f": [feel.evaluate("abs", {})]}))


@pytest.mark.parametrize("text", ["abs", "[1, abs]", "{a: {b: function(x) x}}"])
def test_a_script_that_gives_a_function_is_an_incident(text: str) -> None:
    run = Run(diagram(element("startEvent", "s") + script("t", text, "x") + user("a"), "s -> t\nt -> a"))

    assert run.tasks == []
    assert "gives a function" in run.incidents[0].message
