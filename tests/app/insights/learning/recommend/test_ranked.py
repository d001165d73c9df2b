"""A business's own rankings: kept only where they beat counts, read again as they were, made in groups."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from app.insights.learning.recommend import ranked, training
from app.insights.learning.recommend.lists import Lists
from app.insights.learning.recommend.purchases import Purchases
from app.insights.learning.recommend.ranked import Plan


def regulars(days: int = 200, people: int = 60) -> Purchases:
    """Customers who buy six things in turn: what they bought last counts most, and comes again last."""
    random, rows = np.random.default_rng(3), []
    for customer in range(people):
        usual = random.choice(30, 6, replace=False)
        for order, day in enumerate(range(customer % 10, days, 10)):
            items = {int(usual[order % 6]), int(random.integers(30))}
            rows += [(customer, item, customer * 1_000 + order, day - days + 0.5) for item in items]
    customer, item, basket, day = (np.array(column) for column in zip(*rows, strict=True))
    return Purchases(customer, item, basket, day.astype(float), customer * 0, people, 30, 1)


def test_too_short_a_history_leaves_the_counts() -> None:
    bought = regulars(days=80)

    assert ranked.learn(bought, 0, 60, seed=1) == Plan(60)


def test_a_ranking_that_beats_the_counts_is_kept_and_read_again_as_it_was() -> None:
    bought = regulars()

    plan = ranked.learn(bought, 0, 60, seed=1)

    assert plan.again is not None
    read = training._unpacked(training._packed(plan))
    one, two = (list(ranked.lists_of(each, bought, 0, 1)) for each in (plan, read))
    assert [list(each.again) for each in one] == [list(each.again) for each in two]
    owned = {customer: set(bought.item[bought.customer == customer]) for customer in range(60)}
    for each in one:
        assert set(each.again) <= owned[each.customer]
        assert not set(each.new) & owned[each.customer]
        assert set(each.beside) <= owned[each.customer] | {-1}


def test_customers_in_groups_have_a_list_each_and_it_is_told_how_far_that_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bought = regulars()
    plan = ranked.learn(bought, 0, 60, seed=1)
    counts = _again(ranked.lists_of(Plan(60), bought, 0, 1))
    told: list[float] = []

    monkeypatch.setattr(ranked, "GROUP", 25)
    grouped = _again(ranked.lists_of(plan, bought, 0, 1, tell=told.append))

    assert list(grouped) == list(range(60))
    assert grouped != counts
    assert told == [pytest.approx(share) for share in (1 / 3, 2 / 3, 1)]


def test_of_too_many_customers_those_who_ordered_last_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    bought = regulars()
    away = list(range(40, 60))
    bought = bought.where(~np.isin(bought.customer, away) | (bought.day < -20))
    plan = ranked.learn(bought, 0, 60, seed=1)
    counts = _again(ranked.lists_of(Plan(60), bought, 0, 1))

    monkeypatch.setattr(ranked, "MOST", 40)
    some = _again(ranked.lists_of(plan, bought, 0, 1))

    assert list(some) == list(range(60))
    assert {customer: some[customer] for customer in away} == {each: counts[each] for each in away}
    assert sum(some[each] != counts[each] for each in range(40)) > 20


def _again(made: Iterable[Lists]) -> dict[int, list[int]]:
    return {each.customer: list(each.again) for each in made}


def test_a_ranking_of_other_features_is_not_asked_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    bought = regulars()
    kept = training._packed(ranked.learn(bought, 0, 60, seed=1))

    monkeypatch.setitem(training.FEATURES, "again", 28)

    assert training._unpacked(kept).again is None
    assert training._unpacked(kept).half_life == 60
