"""What may be suggested is known before the moment it is suggested at, and lists are judged rightly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.recommend import habits, novelties, walking
from app.insights.learning.recommend.measures import fit
from app.insights.learning.recommend.novelties import Products
from app.insights.learning.recommend.purchases import Purchases
from app.insights.learning.recommend.ranking import HABITS, learn


def some_purchases(seed: int = 1) -> Purchases:
    random = np.random.default_rng(seed)
    customer, item = random.integers(0, 30, 3_000), random.integers(0, 40, 3_000)
    day = random.integers(0, 150, 3_000).astype(float)
    basket = customer * 1_000 + day.astype(int)
    _, once = np.unique(basket * 40 + item, return_index=True)
    whole = Purchases(customer, item, basket, day, customer % 3, 30, 40, 3)
    return whole.where(np.sort(once))


def bought(*pairs: tuple[int, int]) -> Purchases:
    customer, item = np.array(pairs).T
    noughts = np.zeros(len(pairs))
    return Purchases(customer, item, customer, noughts, noughts, 5, 40, 1)


def test_a_list_is_judged_by_what_it_found_and_where_it_stood() -> None:
    customer, item = np.array([0] * 12 + [1]), np.array([*range(12), 3])
    score = np.array([*range(12, 0, -1), 1.0])

    found = fit(customer, item, score, bought((0, 0), (0, 2), (0, 11), (1, 4)))

    best = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert found.customers == 2
    assert found.recall == pytest.approx((2 / 3 + 0) / 2)
    assert found.ndcg == pytest.approx((1 + 1 / np.log2(4)) / best / 2)
    assert found.hit_rate == 0.5


def test_nothing_that_comes_later_is_known() -> None:
    purchases, products = some_purchases(), Products(np.arange(40) % 7, np.arange(40) % 3)
    later = purchases.day >= 100
    changed = replace(purchases, item=np.where(later, (purchases.item + 5) % 40, purchases.item))

    for see in (
        lambda given: habits.candidates(given, 100, 0),
        lambda given: novelties.candidates(given, products, 100, 0)[0],
    ):
        one, other = see(purchases), see(changed)

        assert np.array_equal(one.item, other.item)
        assert np.allclose(one.features, other.features, atol=1e-4)


def test_what_a_customer_has_bought_is_never_new_to_them() -> None:
    purchases, products = some_purchases(), Products(np.arange(40) % 7, np.arange(40) % 3)

    seen, _ = novelties.candidates(purchases, products, 40, 0)

    pairs = seen.customer.astype(np.int64) * purchases.items + seen.item
    assert len(pairs)
    assert not np.isin(pairs, purchases.before(40).pairs()).any()


def test_the_next_basket_is_the_first_one_and_only_that() -> None:
    purchases = some_purchases()

    first = purchases.first_baskets(100, 130)

    for customer in np.unique(first.customer):
        days = purchases.day[(purchases.customer == customer) & (purchases.day >= 100)]
        assert set(first.day[first.customer == customer]) == {days.min()}


def test_too_short_a_history_says_how_much_is_missing() -> None:
    with pytest.raises(TooLittleDataError, match="too few days of purchases before the test: 80, and 105"):
        walking.moments(0, -80, 5)


def test_each_ranking_says_how_many_features_it_has() -> None:
    purchases, products = some_purchases(), Products(np.arange(40) % 7, np.arange(40) % 3)

    assert habits.candidates(purchases, 100, 0).features.shape[1] == habits.FEATURES
    assert novelties.candidates(purchases, products, 100, 0)[0].features.shape[1] == novelties.FEATURES


def test_customers_with_large_baskets_do_not_drown_the_others() -> None:
    """Forty customers with twelve things each like the one kind, sixty with one thing the other."""
    random, rows = np.random.default_rng(5), []
    for customer in range(100):
        large = customer < 40
        for _ in range(30):
            likes_first = random.random() < 0.5
            rows.append((12 if large else 1, likes_first, likes_first == large))
    size, kind, took = (np.array(column) for column in zip(*rows, strict=True))
    again = np.repeat(np.arange(len(size)), size)
    features, bought = kind[again, None].astype(float), took[again]

    evened, plain = (
        learn(lambda kept: features[kept], bought, size[again], replace(HABITS, evened=power), seed=1)
        for power in (1.0, 0.0)
    )

    one, other = np.array([[0.0], [1.0]])
    assert plain.score(other[None]) > plain.score(one[None])
    assert evened.score(other[None]) < evened.score(one[None])
