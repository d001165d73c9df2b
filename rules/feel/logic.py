"""`and` and `or` in three values: what is not known may still not matter."""

from typing import Any

from rules.feel.comparing import describe
from rules.feel.evaluation import Evaluation, Place


def undecided(run: Evaluation, place: Place, word: str, values: tuple[Any, ...]) -> None:
    """Say why an `and` or `or` is null: some operand is neither true nor false, and none decides."""
    stray = next((value for value in values if value is not None and type(value) is not bool), None)
    run.warn(place, f"`{word}` came to null because of {describe(stray)}")
