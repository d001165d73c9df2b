"""How many must take part, and which plans cannot be carried out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from statsmodels.stats.power import NormalIndPower, TTestIndPower
from statsmodels.stats.proportion import proportion_effectsize

from app.errors import InvalidError
from app.needs.experiments.planning import Metric, Variant, check, read, units_needed
from tests.app.needs.experiments.plans import DESIGN, RETURNS, a_design

AMOUNT = Metric("value", "Order value", "mean")
CALLS = Metric("calls", "Calls", "count", higher_is_better=False)


@pytest.mark.parametrize(("baseline", "effect"), [(0.2, 0.5), (0.1, 0.2), (0.5, 0.1)])
def test_a_share_needs_as_many_as_a_well_known_library_says(baseline: float, effect: float) -> None:
    needed = units_needed(a_design(baseline=baseline, effect=effect, looks=1))

    size = proportion_effectsize(baseline * (1 + effect), baseline)
    expected = 2 * NormalIndPower().solve_power(size, alpha=0.05, power=0.8)
    assert needed == pytest.approx(expected, rel=0.03)


def test_an_amount_needs_as_many_as_a_well_known_library_says() -> None:
    needed = units_needed(a_design(primary=AMOUNT, baseline=50, spread=60, effect=0.1, looks=1))

    expected = 2 * TTestIndPower().solve_power(5 / 60, alpha=0.05, power=0.8)
    assert needed == pytest.approx(expected, rel=0.01)


def test_rarer_bunched_or_fewer_events_need_more_units() -> None:
    plain = units_needed(a_design(primary=CALLS, baseline=1, effect=0.2))

    assert units_needed(a_design(primary=CALLS, baseline=0.5, effect=0.2)) > plain
    assert units_needed(a_design(primary=CALLS, baseline=1, effect=0.2, spread=2)) > plain
    assert units_needed(a_design(primary=CALLS, baseline=1, effect=0.1)) > plain


def test_several_variants_uneven_weights_and_early_looks_cost_units() -> None:
    plain = units_needed(a_design(looks=1))
    third = (*DESIGN.variants, Variant("chat", "Chat"))
    uneven = (DESIGN.variants[0], Variant("short", "Short", 0.1))

    assert units_needed(a_design(looks=5)) == pytest.approx(plain * 1.036, rel=0.01)
    assert units_needed(a_design(looks=1, variants=third)) > 1.5 * plain
    assert units_needed(a_design(looks=1, variants=uneven)) > 2.5 * plain


def test_a_plan_is_kept_and_read_as_it_was() -> None:
    assert read(DESIGN.plain()) == DESIGN


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("variants", {"variants": DESIGN.variants[:1]}),
        ("variants", {"variants": (DESIGN.variants[0], DESIGN.variants[0])}),
        ("variants", {"variants": (DESIGN.variants[0], Variant("Key!", "x"))}),
        ("variants", {"variants": (DESIGN.variants[0], Variant("b", "x", 0.0))}),
        ("metrics", {"primary": Metric("", "x", "proportion")}),
        ("metrics", {"guards": (Metric("ordered", "Again", "count"),)}),
        ("metrics", {"guards": tuple(Metric(f"g{n}", "g", "count") for n in range(5))}),
        ("baseline", {"baseline": 0.0}),
        ("baseline", {"baseline": 1.0}),
        ("baseline", {"primary": AMOUNT, "baseline": 1e308}),
        ("spread", {"primary": AMOUNT, "spread": 1e200}),
        ("effect", {"baseline": 0.8}),
        ("effect", {"effect": 0.0}),
        ("effect", {"primary": CALLS, "effect": 1.0}),
        ("spread", {"primary": AMOUNT, "spread": 0.0}),
        ("alpha", {"alpha": 0.5}),
        ("power", {"power": 0.3}),
        ("looks", {"looks": 0}),
        ("margins", {"margins": {"returns": 1.0}}),
    ],
)
def test_what_cannot_be_is_named(field: str, facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        check(a_design(**facts))

    assert field in caught.value.fields


@pytest.mark.parametrize("effect", [0.0001, 1e-200])
def test_an_effect_too_small_to_ever_be_found_is_refused(effect: float) -> None:
    with pytest.raises(InvalidError) as caught:
        units_needed(a_design(effect=effect))

    assert list(caught.value.fields) == ["effect"]


def test_a_plan_never_has_fewer_units_than_a_look_needs_to_say_anything() -> None:
    large = a_design(primary=replace(CALLS, higher_is_better=True), baseline=5, effect=10)
    uneven = replace(large, variants=(Variant("a", "A", 3), Variant("b", "B", 1)))

    assert (units_needed(large), units_needed(uneven)) == (40, 80)


def test_a_good_plan_passes() -> None:
    check(a_design(guards=(RETURNS,)))
