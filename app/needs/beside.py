"""What rooms above tell of needs, such as their theme: signed up in wiring, for needs know none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery

from app.database import Transaction


@dataclass(frozen=True, slots=True)
class Beside:
    """One thing that is told: its values with their words, which needs have one of them, and a need's own.

    `told` holds a `number` for each `subject`: a need, or where it is told `of_customer`, a customer.
    """

    values: Callable[[Transaction], Sequence[tuple[str, str]]]
    narrow: Callable[[str], ColumnElement[bool]]
    told: Callable[[Transaction], Subquery]
    of: Callable[[Transaction, UUID], tuple[str, str] | None]
    of_customer: bool = False


BESIDE: dict[str, Beside] = {}
# Who hears of texts, by the ids of their needs, that are new or changed.
READERS: list[Callable[[Transaction, Mapping[UUID, str]], None]] = []


def tell_texts(tx: Transaction, texts: Mapping[UUID, str]) -> None:
    for read in READERS:
        read(tx, texts)
