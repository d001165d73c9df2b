"""What is planned for each order, drawn from the seed alone, so that a run can be repeated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Fate(StrEnum):
    """What people will do with an order."""

    CLOSE = "close"
    REJECT = "reject"
    CANCEL = "cancel"
    CHANGE = "change"  # sent back once, submitted again, approved


@dataclass(frozen=True, slots=True)
class Plan:
    """`scarce` goods are bought first; `hold`: decided with undo; `cancel_after` is in seconds from entry."""

    number: int
    fate: Fate
    quantity: int
    scarce: bool
    hold: bool
    cancel_after: float


# Of 100 orders; the rest is closed.
_SHARES = ((15, Fate.REJECT), (15, Fate.CANCEL), (10, Fate.CHANGE))
# Nobody, the sales lead, and finance too must approve these.
_QUANTITIES = (5, 30, 120)


def plans(orders: int, seed: int) -> list[Plan]:
    chance = Random(f"fates {seed}")  # a plan, not a secret
    return [_plan(number, chance) for number in range(orders)]


def _plan(number: int, chance: Random) -> Plan:
    fate = _fate(chance.random() * 100)
    asked = fate in (Fate.REJECT, Fate.CHANGE)
    return Plan(
        number=number,
        fate=fate,
        quantity=chance.choice(_QUANTITIES[1:] if asked else _QUANTITIES),
        scarce=chance.random() < 0.2,
        hold=chance.random() < 0.3,
        cancel_after=chance.uniform(0, 12),
    )


def _fate(drawn: float) -> Fate:
    for share, fate in _SHARES:
        if drawn < share:
            return fate
        drawn -= share
    return Fate.CLOSE
