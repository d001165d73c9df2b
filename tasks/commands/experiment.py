"""`placet insights experiment`: a plan played many times, to see what its verdicts are worth."""

from __future__ import annotations

from collections.abc import Callable

from app.insights.learning.experiments import Plan, Scene, play
from tasks.errors import InsightsError


def run(
    *,
    kind: str,
    mean: float,
    spread: float,
    effect: float,
    units: int,
    variants: int,
    looks: int,
    alpha: float,
    runs: int,
    seed: int,
    say: Callable[[str], object],
    note: Callable[[str], object],
) -> None:
    """Say what came of all runs; raise InsightsError where the scene cannot be."""
    weights = {"control": 1.0, **{f"variant {number}": 1.0 for number in range(1, variants)}}
    plan = Plan(kind, True, alpha, units, weights, {})
    try:
        scene = Scene(kind, mean, spread, effect)
        played = play(plan, scene, looks, runs, seed, lambda done: note(f"{done} of {runs} runs"))
    except ValueError as error:
        raise InsightsError(str(error)) from error
    what = "false alarms" if effect == 0 else "called different"
    say(f"{what}: {played.called_different:.2%} of {played.runs} runs, at a level of {alpha:.2%}")
    if effect:
        say(f"found: {played.found:.2%}")
    say(f"ended early: {played.stopped_early:.2%}, after {played.units_used:.0%} of the units on average")
