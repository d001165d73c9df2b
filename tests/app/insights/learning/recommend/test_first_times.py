"""What others have just begun to buy is told from what they have always bought."""

from __future__ import annotations

import numpy as np
import pytest

from app.insights.learning.recommend import first_times
from app.insights.learning.recommend.purchases import Purchases

STAPLE, FRESH, RARE = 0, 1, 2


def purchases() -> Purchases:
    """Ten customers buy the staple each month; four have the fresh thing since this week, at place 1."""
    rows = [(customer, STAPLE, day, customer % 2) for customer in range(10) for day in (10, 40, 70, 95)]
    rows += [(customer, FRESH, 96, 1) for customer in (1, 3, 5, 7)]
    rows += [(9, RARE, 20, 1)]
    customer, item, day, place = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases(customer, item, customer * 1_000 + day, day.astype(float), place, 10, 3, 2)


def test_the_first_time_of_each_pair_is_found() -> None:
    first = purchases().where(purchases().first_times())

    assert len(first.item) == 15
    assert set(first.day[first.item == STAPLE]) == {10.0}


def test_a_basket_counts_once_whatever_it_holds() -> None:
    rows = Purchases(
        np.zeros(3, int), np.arange(3), np.array([7, 7, 8]), np.zeros(3), np.zeros(3, int), 1, 3, 1
    )

    assert list(rows.part_of_basket()) == [0.5, 0.5, 1.0]


def test_what_is_just_begun_rates_above_what_was_always_bought() -> None:
    kinds = np.array([0, 0, 1])
    customer = np.array([0, 0, 9, 9])
    item = np.array([STAPLE, FRESH, STAPLE, FRESH])

    columns = first_times.features(purchases(), kinds, 100, customer, item)

    within_a_week, of_all_buyers, at_places = columns[0], columns[5], columns[9]
    assert within_a_week[1] > within_a_week[0]
    assert of_all_buyers[1] == pytest.approx(5 / 6)
    assert of_all_buyers[0] == pytest.approx(1 / 12)
    assert at_places[3] > at_places[1]
