"""What a risk is learned from: cases with what was known when they were placed, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
import pandas as pd


class Availability(StrEnum):
    """When a column's value is there."""

    AT_ONCE = "at_once"
    LATER = "later"  # or may still be changed


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its source declares it; `trend` 1 means that more can only raise the risk, -1 lower it."""

    name: str
    kind: Literal["number", "category"]
    available: Availability = Availability.AT_ONCE
    trend: Literal[-1, 0, 1] = 0


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases with one row for each in every part, in the order in which they were placed.

    `facts` holds the declared columns; `placed`, `due` and `known` are days: when it was placed, when it
    would have ended well, when its outcome was known. `failed` is True where what is predicted happened.
    """

    columns: tuple[Column, ...]
    facts: pd.DataFrame
    placed: pd.Series
    due: pd.Series
    known: pd.Series
    failed: pd.Series

    def __len__(self) -> int:
        return len(self.failed)

    @property
    def usable(self) -> tuple[Column, ...]:
        """Return the columns that a model may be given."""
        return tuple(each for each in self.columns if each.available is Availability.AT_ONCE)

    def where(self, keep: np.ndarray | pd.Series | Callable[[Cases], pd.Series]) -> Cases:
        """Return those of the cases that are to be kept."""
        rows = np.asarray(keep(self) if callable(keep) else keep, dtype=bool)
        return replace(
            self,
            facts=self.facts[rows],
            placed=self.placed[rows],
            due=self.due[rows],
            known=self.known[rows],
            failed=self.failed[rows],
        )
