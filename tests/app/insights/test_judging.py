"""The gate, drift and the safe format: what is published is better, what is read back is allowed."""

from __future__ import annotations

import math
from random import Random

import pytest
from sklearn.linear_model import LogisticRegression

from app.insights import drift
from app.insights.gate import Metric, judge
from app.insights.learning.keeping import UntrustedError, pack, unpack
from app.insights.trained import Distribution, Measured

ACCURACY = Metric("accuracy", higher_is_better=True)
ERROR = Metric("error", higher_is_better=False, least_gain=0.01)


@pytest.mark.parametrize(
    ("candidate", "baseline", "in_use", "passed", "codes"),
    [
        pytest.param(
            0.8, 0.7, None, True, ["beats_baseline", "first"], id="the first that beats the baseline"
        ),
        pytest.param(
            0.7, 0.7, None, False, ["not_above_baseline", "first"], id="no better than the baseline"
        ),
        pytest.param(0.8, 0.7, 0.75, True, ["beats_baseline", "beats_in_use"], id="better than both"),
        pytest.param(
            0.8, 0.7, 0.8, False, ["beats_baseline", "not_above_in_use"], id="no better than the one in use"
        ),
        pytest.param(
            0.6,
            0.7,
            0.5,
            False,
            ["not_above_baseline", "beats_in_use", "in_use_below_baseline"],
            id="all are worse than the baseline",
        ),
        pytest.param(math.nan, 0.7, None, False, ["not_above_baseline", "first"], id="not a number"),
    ],
)
def test_a_model_is_published_that_beats_the_baseline_and_the_one_in_use(
    candidate: float, baseline: float, in_use: float | None, passed: bool, codes: list[str]
) -> None:
    used = None if in_use is None else {"accuracy": in_use}

    verdict = judge(ACCURACY, Measured({"accuracy": candidate}, {"accuracy": baseline}, used))

    assert verdict.passed is passed
    assert [code for code, _ in verdict.reasons] == codes


@pytest.mark.parametrize(("error", "passed"), [(0.98, True), (0.995, False), (1.2, False)])
def test_an_error_must_be_smaller_by_the_least_gain(error: float, passed: bool) -> None:
    assert judge(ERROR, Measured({"error": error}, {"error": 1.0})).passed is passed


def test_what_is_spread_alike_has_not_drifted() -> None:
    edges = drift.deciles(range(1000))
    reference = drift.of_numbers(range(1000), edges)

    assert len(edges) == 9
    assert drift.stability_index(reference, drift.of_numbers(range(0, 1000, 3), edges)) == pytest.approx(
        0, abs=0.001
    )


def test_drift_is_the_population_stability_index() -> None:
    before, now = Distribution((80, 20), edges=(1.0,)), Distribution((40, 60), edges=(1.0,))

    found = drift.stability_index(before, now)

    assert found == pytest.approx(-0.4 * math.log(0.5) + 0.4 * math.log(3))
    assert found > drift.LARGE


def test_small_samples_of_what_has_not_moved_show_no_drift() -> None:
    random = Random(5)
    moved = 0
    for _ in range(300):
        counts = [[0] * 5 for _ in range(2)]
        for at, size in enumerate((180, 49)):
            for _ in range(size):
                counts[at][random.randrange(5)] += 1
        reference, recent = (Distribution(tuple(each), edges=(1.0, 2.0, 3.0, 4.0)) for each in counts)
        shift = drift.beyond_chance(reference, recent)
        assert shift is not None
        moved += shift > drift.NOTABLE

    assert moved <= 15
    other = Distribution((100, 0, 0, 0, 0), edges=(1.0, 2.0, 3.0, 4.0))
    assert (drift.beyond_chance(reference, other) or 0) > drift.LARGE
    assert drift.beyond_chance(reference, Distribution((1, 1), edges=(1.0,))) is None


def test_words_that_nobody_knew_make_a_bin_of_their_own() -> None:
    assert drift.of_words(["a", "b", "x", "a"], ["a", "b"]).counts == (2, 1, 1)
    assert drift.deciles([]) == ()


def test_distributions_of_other_bins_are_not_compared() -> None:
    other = Distribution((1, 1), edges=(2.0,))

    assert drift.stability_index(Distribution((1, 1), edges=(1.0,)), other) is None
    assert drift.stability_index(other, Distribution((0, 0), edges=(2.0,))) is None


def test_distributions_are_kept_as_json() -> None:
    kept = {"length": Distribution((1, 2), edges=(0.5,)), "type": Distribution((1, 0), words=("a",))}

    assert drift.from_json(drift.as_json(kept)) == kept


def test_an_estimator_is_kept_without_pickle_and_read_again() -> None:
    estimator = LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])

    packed = pack(estimator)

    assert packed.startswith(b"PK")  # a zip of JSON and arrays
    assert list(unpack(packed).predict([[0.1], [2.9]])) == [0, 1]


class Foreign:
    """A type that nobody allowed."""


def test_types_that_the_code_does_not_name_are_neither_kept_nor_read() -> None:
    name = f"{Foreign.__module__}.Foreign"

    with pytest.raises(UntrustedError, match="Foreign"):
        pack(Foreign())
    packed = pack(Foreign(), [name])
    with pytest.raises(UntrustedError):
        unpack(packed)
    assert isinstance(unpack(packed, [name]), Foreign)
