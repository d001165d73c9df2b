"""Playing a plan many times before it begins: how often it calls a difference, where there is one or none.

Units are drawn at random as the plan says, and every look is the look that a running experiment takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from app.insights.learning.experiments.analysis import Summary
from app.insights.learning.experiments.boundaries import Course
from app.insights.learning.experiments.looking import Plan, look


@dataclass(frozen=True, slots=True)
class Scene:
    """What is true in the simulation.

    `mean` is the control's share, mean amount or number of events, `spread` the standard deviation of an
    amount or how many times a count's variance is its mean; `effect` is the relative one of the last variant.
    """

    kind: str
    mean: float
    spread: float
    effect: float


@dataclass(frozen=True, slots=True)
class Played:
    """What came of all runs: shares of them, and the mean share of the planned units that was needed.

    Where there is no effect, `called_different` is the rate of false alarms, and should be the plan's level.
    """

    runs: int
    called_different: float
    found: float
    stopped_early: float
    units_used: float


def play(plan: Plan, scene: Scene, looks: int, runs: int, seed: int, tell: Callable[[int], object]) -> Played:
    """Play the plan `runs` times with evenly spaced looks; `tell` hears how many are done.

    A run ends where a verdict falls. Raises ValueError where the scene cannot be (a share above 1).
    """
    _check(scene)
    random = np.random.default_rng(seed)
    results = []
    for number in range(1, runs + 1):
        results.append(_one_run(plan, scene, looks, random))
        if number % 100 == 0:
            tell(number)
    last = list(plan.weights)[-1]
    return Played(
        runs,
        sum(bool(different) for different, _, _ in results) / runs,
        sum(winner == last for _, winner, _ in results) / runs,
        sum(fraction < 1 for _, _, fraction in results) / runs,
        float(np.mean([fraction for _, _, fraction in results])),
    )


def _check(scene: Scene) -> None:
    if scene.kind == "proportion" and not 0 < scene.mean * max(1, 1 + scene.effect) < 1:
        raise ValueError("a share lies between 0 and 1, with its effect too")
    if not (scene.mean > 0 and scene.spread > 0 and scene.effect > -1):  # nor is any of them NaN
        raise ValueError("mean and spread are above 0, and an effect above -1")


def _one_run(
    plan: Plan, scene: Scene, looks: int, random: np.random.Generator
) -> tuple[set[str], str | None, float]:
    """Return who was ever called different, who won, and the share of the plan that was known at the end."""
    seen = dict.fromkeys(plan.weights, Summary(0, 0.0, 0.0))
    different: set[str] = set()
    information: list[float] = []
    for number in range(1, looks + 1):
        known = plan.planned_units * number // looks
        _come(plan, scene, seen, known, random)
        information.append(known)
        reading = look(plan, Course(tuple(information), plan.planned_units), seen, _no_guards(plan))
        different.update(reading.different)
        if reading.verdict != "too_early":
            break
    return different, reading.winner, information[-1] / plan.planned_units


def _come(
    plan: Plan, scene: Scene, seen: dict[str, Summary], known: int, random: np.random.Generator
) -> None:
    """Let units come until so many are known, shared out as the weights say."""
    whole = sum(plan.weights.values())
    last = list(plan.weights)[-1]
    for variant, weight in plan.weights.items():
        more = round(known * weight / whole) - seen[variant].units
        mean = scene.mean * (1 + scene.effect if variant == last else 1)
        seen[variant] = _with_more(seen[variant], more, _draw(scene, mean, more, random))


def _no_guards(plan: Plan) -> Mapping[str, Mapping[str, Summary]]:
    return {name: dict.fromkeys(plan.weights, Summary(0, 0.0, 0.0)) for name in plan.guards}


def _draw(scene: Scene, mean: float, units: int, random: np.random.Generator) -> np.ndarray:
    """Draw the values of so many units: yes or no, skewed amounts, or events that come in bunches."""
    if scene.kind == "proportion":
        return random.random(units) < mean
    if scene.kind == "mean":
        sigma = np.sqrt(np.log1p((scene.spread / scene.mean) ** 2))
        return random.lognormal(np.log(mean) - sigma**2 / 2, sigma, units)
    if scene.spread <= 1:
        return random.poisson(mean, units)
    return random.negative_binomial(mean / (scene.spread - 1), 1 / scene.spread, units)


def _with_more(before: Summary, units: int, values: np.ndarray) -> Summary:
    values = values.astype(float)
    return Summary(
        before.units + units, before.total + float(values.sum()), before.squares + float(values @ values)
    )
