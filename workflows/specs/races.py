"""An event-based gateway's race: the first event wins, the others are not awaited any more."""

from __future__ import annotations

from typing import Any


def win_race(token: Any) -> None:
    race = token.internal_data.pop("race", None)
    if race is None:
        return
    for other in token.scope.tokens():
        if other is not token and other.internal_data.get("race") == race:
            other.cancel()
