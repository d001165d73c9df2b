"""Facts as small whole numbers: what a table of points has a line for is what the model is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.insights.learning.risk.cases import Column

MOST_EDGES = 40
MOST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Bins:
    """The lines of one column: numbers up to each edge and above the last, or words and all the others.

    The line after the last is for a number that is missing; a missing word is a word of its own, "".
    """

    column: Column
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.words) + 1 if self.column.kind == "category" else len(self.edges) + 2

    def lines_of(self, values: pd.Series) -> np.ndarray:
        """Return the line of each value."""
        if self.column.kind == "category":
            found: dict[str, int] = {word: line for line, word in enumerate(self.words)}
            lines = values.astype(str).map(found).fillna(len(self.words))
            return lines.to_numpy(dtype=int)
        numbers = values.to_numpy(dtype=float)
        lines_: np.ndarray = np.searchsorted(np.array(self.edges), numbers, side="left")
        return np.where(np.isnan(numbers), len(self.edges) + 1, lines_)

    def exported(self, points: Sequence[float]) -> Mapping[str, Any]:
        """Return the column's part of a card (`app/insights/scorecards.py`), with the points of each line."""
        name = self.column.name
        if self.column.kind == "category":
            values = dict(zip(self.words, points, strict=False))
            return {"name": name, "kind": "category", "values": values, "other": points[-1]}
        return {
            "name": name,
            "kind": "number",
            "edges": list(self.edges),
            "values": list(points[:-1]),
            "missing": points[-1],
        }


def bins_of(column: Column, values: pd.Series, least: int) -> Bins:
    """Choose the lines of a column: a word has its own where at least so many cases have it."""
    if column.kind == "category":
        counts = values.astype(str).value_counts()
        return Bins(column, words=tuple(map(str, counts[counts >= least].index[:MOST_WORDS])))
    numbers = values.to_numpy(dtype=float)
    numbers = numbers[~np.isnan(numbers)]
    if not len(numbers):
        return Bins(column)
    cut = np.unique(np.quantile(numbers, np.linspace(0, 1, MOST_EDGES + 1), method="lower"))
    return Bins(column, edges=tuple(float(each) for each in cut[:-1]))
