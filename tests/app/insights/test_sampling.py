"""What all would answer, from those who were asked: every interval holds the truth as often as it says."""

from __future__ import annotations

import numpy as np
import pytest

from app.insights.learning.sampling import Stratum, estimate

SIZES = (4000, 900, 100)


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(11)
    everybody = [
        random.normal(mean, spread, size)
        for mean, spread, size in zip((10, 30, 90), (4, 9, 30), SIZES, strict=True)
    ]
    truth = np.concatenate(everybody).mean()
    held = 0
    for _ in range(600):
        strata = [
            Stratum(str(at), len(group), asked, tuple(random.choice(group, asked, replace=False)))
            for at, (group, asked) in enumerate(zip(everybody, (40, 40, 40), strict=True))
        ]
        found = estimate(strata, is_share=False)
        assert found is not None
        held += found.low <= truth <= found.high

    assert 0.92 <= held / 600 <= 0.98


def test_answers_are_weighted_back_to_the_size_of_their_group() -> None:
    strata = [
        Stratum("many", 900, 10, (1.0,) * 5 + (0.0,) * 5),
        Stratum("few", 100, 10, (1.0,) * 10),
    ]

    found = estimate(strata, is_share=True)

    assert found is not None
    assert found.mean == pytest.approx(0.9 * 0.5 + 0.1 * 1.0)
    assert (found.answers, found.response, found.covered) == (20, 1.0, 1.0)
    assert found.strata == (("many", 0.5, 10), ("few", 1.0, 10))
    assert 0 <= found.low < found.mean < found.high <= 1


def test_a_group_with_too_few_answers_is_named_and_left_out() -> None:
    strata = [Stratum("a", 300, 10, (4.0, 6.0, 5.0)), Stratum("b", 100, 10, (9.0,))]

    found = estimate(strata, is_share=False)

    assert found is not None
    assert (found.mean, found.missing, found.covered) == (5.0, ("b",), 0.75)
    assert found.response == pytest.approx(4 / 20)


def test_whoever_asked_everybody_knows() -> None:
    found = estimate([Stratum("all", 3, 3, (1.0, 2.0, 6.0))], is_share=False)

    assert found is not None
    assert (found.mean, found.low, found.high) == (3.0, 3.0, 3.0)
    assert found.design_effect == 1.0


def test_without_answers_nothing_is_estimated() -> None:
    assert estimate([Stratum("a", 300, 10, (4.0,))], is_share=False) is None


def test_sharing_out_by_size_beats_a_plain_sample() -> None:
    random = np.random.default_rng(5)
    strata = [Stratum(str(mean), 1000, 50, tuple(random.normal(mean, 1, 50))) for mean in (0.0, 20.0, 40.0)]

    found = estimate(strata, is_share=False)

    assert found is not None
    assert found.design_effect < 0.05
