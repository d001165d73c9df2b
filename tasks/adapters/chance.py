"""Chance that comes out the same each time: a simulated party keeps to what it did for an order."""

from __future__ import annotations

from datetime import timedelta
from random import Random


def happens(percent: float, *seed: object) -> bool:
    """Say whether something happens that does so this often in a hundred."""
    return _random("happens", *seed).random() * 100 < percent


def about(seconds: float, *seed: object) -> timedelta:
    """Return a time around this one, half as long to half as long again."""
    return timedelta(seconds=seconds * _random("about", *seed).uniform(0.5, 1.5))


def digits(count: int, *seed: object) -> str:
    return "".join(str(_random("digits", *seed, place).randrange(10)) for place in range(count))


def pick(low: int, high: int, *seed: object) -> int:
    """Return a whole number from low to high, both included."""
    return _random("pick", *seed).randint(low, high)


def _random(*seed: object) -> Random:
    return Random(":".join(str(part) for part in seed))  # noqa: S311 # a simulation, not a secret
