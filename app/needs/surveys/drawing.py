"""Drawing a stratified sample: how many of each group, and which."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from app.needs.surveys.models import Allocation

# A group's spread cannot be told from fewer answers.
LEAST = 2


def shares(populations: Mapping[str, int], size: int, allocation: Allocation) -> dict[str, int]:
    """Return how many of each group are asked, at least two of each and never more than there are.

    Proportional shares are rounded by the largest remainders, so that they add up to `size` where the groups
    allow it.
    """
    whole = sum(populations.values())
    if allocation is Allocation.EQUAL:
        wanted = {name: size / len(populations) for name in populations}
    else:
        wanted = {name: size * count / whole for name, count in populations.items()}
    asked = {name: min(max(int(share), LEAST), populations[name]) for name, share in wanted.items()}
    by_remainder = sorted(wanted, key=lambda name: (int(wanted[name]) - wanted[name], name))
    while sum(asked.values()) < min(size, whole):
        open_groups = [name for name in by_remainder if asked[name] < populations[name]]
        for name in open_groups[: min(size, whole) - sum(asked.values())]:
            asked[name] += 1
    return asked


def draw(groups: Mapping[str, Sequence[UUID]], asked: Mapping[str, int], seed: int) -> dict[UUID, str]:
    """Return who is asked, with their group; the same seed draws the same of the same customers."""
    chance = random.Random(seed)  # noqa: S311 - a sample must be drawn again, and hides nothing
    return {
        customer: name
        for name, customers in sorted(groups.items())
        for customer in chance.sample(sorted(customers), asked[name])
    }
