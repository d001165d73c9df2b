"""`placet insights clusters`: a table of needs added up and grouped, without a server or a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.insights.learning.errors import LearningError
from app.insights.learning.texts import tables
from tasks.errors import InsightsError


def show(file: Path, k: int, scaled: bool, seed: int, say: Callable[[str], object]) -> None:
    """Print sums by need type, then the clusters; raise InsightsError naming what is wrong and where."""
    try:
        found = tables.group(tables.read(file), k, seed, scaled)
    except LearningError as error:
        raise InsightsError(str(error)) from None
    for line in tables.lines(found):
        say(line)
