"""A sample is drawn as its groups say, and drawn again the same."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.needs.surveys.drawing import draw, shares
from app.needs.surveys.models import Allocation

SIZES = {"business": 900, "person": 95, "?": 5}


def test_each_group_is_asked_as_its_size_says_and_two_at_least() -> None:
    asked = shares(SIZES, 100, Allocation.PROPORTIONAL)

    assert asked == {"business": 90, "person": 9, "?": 2} or sum(asked.values()) in (100, 101)
    assert asked["?"] == 2
    assert asked["business"] == 90


def test_equal_shares_stop_at_what_there_is_and_the_others_take_the_rest() -> None:
    assert shares(SIZES, 90, Allocation.EQUAL) == {"business": 43, "person": 42, "?": 5}


@pytest.mark.parametrize("allocation", list(Allocation))
def test_whoever_asks_more_than_there_are_asks_everybody(allocation: Allocation) -> None:
    assert shares(SIZES, 5000, allocation) == SIZES


def test_the_same_seed_draws_the_same_and_another_another() -> None:
    groups = {"a": [uuid4() for _ in range(50)], "b": [uuid4() for _ in range(9)]}
    asked = {"a": 10, "b": 3}

    once, again, other = draw(groups, asked, 7), draw(groups, asked, 7), draw(groups, asked, 8)

    assert once == again != other
    assert sorted(once.values()) == ["a"] * 10 + ["b"] * 3
    assert all(customer in groups[group] for customer, group in once.items())
