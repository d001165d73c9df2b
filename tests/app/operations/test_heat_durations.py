"""Lengths of time in buckets: what is read from them is near what went in."""

from __future__ import annotations

import random
from collections import Counter
from statistics import median, quantiles

import pytest

from app.operations.heat_durations import added, bucket_of, quantile


def _buckets(lengths: list[float]) -> Counter[int]:
    return Counter(bucket_of(seconds) for seconds in lengths)


@pytest.mark.parametrize("seconds", [1, 1.02, 59, 3_600, 86_400, 31_536_000])
def test_a_length_is_read_back_to_two_and_a_half_percent(seconds: float) -> None:
    assert quantile(_buckets([seconds]), 0.5) == pytest.approx(seconds, rel=0.025)


def test_what_nobody_waited_for_took_no_time() -> None:
    assert quantile(_buckets([0, 0.4, 0.99]), 0.95) == 0


def test_median_and_95th_of_many_are_near_the_exact_ones() -> None:
    chance = random.Random(7)
    lengths = [chance.lognormvariate(8, 2) for _ in range(5_001)]

    assert quantile(_buckets(lengths), 0.5) == pytest.approx(median(lengths), rel=0.03)
    assert quantile(_buckets(lengths), 0.95) == pytest.approx(quantiles(lengths, n=20)[-1], rel=0.03)


def test_without_visits_there_is_no_length() -> None:
    assert quantile({}, 0.5) is None


def test_the_most_and_the_least_are_those_at_the_ends() -> None:
    buckets = _buckets([10, 1_000, 100_000])

    assert quantile(buckets, 0) == pytest.approx(10, rel=0.025)
    assert quantile(buckets, 1) == pytest.approx(100_000, rel=0.025)


def test_days_add_up() -> None:
    kept = added(added({}, Counter({-1: 2, 30: 1})), Counter({30: 2, 4: 1}))

    assert kept == {"-1": 2, "4": 1, "30": 3}
