"""What rooms above tell of needs, such as their theme: signed up in wiring, for needs know none of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement

from app.database import Transaction


@dataclass(frozen=True, slots=True)
class Beside:
    """One thing that is told: its values with their words, which needs have one of them, and a need's own."""

    values: Callable[[Transaction], Sequence[tuple[str, str]]]
    narrow: Callable[[str], ColumnElement[bool]]
    of: Callable[[Transaction, UUID], tuple[str, str] | None]


BESIDE: dict[str, Beside] = {}
