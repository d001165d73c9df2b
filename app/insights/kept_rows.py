"""Rows that a kind computed beforehand belong to a model, or to the baseline, and go all together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, not_, select

from app.customers.models import Customer
from app.customers.profiling import may_be_profiled
from app.database import Transaction


def belong_to(table: Any, model_id: UUID | None) -> ColumnElement[bool]:
    """Say which rows are a model's; None: the baseline's."""
    owner: ColumnElement[Any] = table.model_id
    return owner.is_(None) if model_id is None else owner == model_id


def remove(tx: Transaction, model_id: UUID | None, *tables: Any) -> None:
    """Remove what a model, or the baseline, has in these tables."""
    for table in tables:
        tx.session.execute(delete(table).where(belong_to(table, model_id)))


def remove_unprofiled(tx: Transaction, model_id: UUID | None, table: Any) -> None:
    """Remove what a model has of who was erased, or refused, while its rows were written."""
    erase_unprofiled(tx, table, belong_to(table, model_id))


def erase_unprofiled(tx: Transaction, table: Any, *conditions: ColumnElement[bool]) -> int:
    """Remove what any model has of everybody who may not be profiled; return how many rows that was."""
    theirs = table.customer_id.in_(select(Customer.id).where(not_(may_be_profiled())))
    gone = tx.session.execute(delete(table).where(theirs, *conditions))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows


def erase(tx: Transaction, customer_id: UUID, table: Any) -> int:
    """Remove what any model has of a customer; return how many rows that was."""
    gone = tx.session.execute(delete(table).where(table.customer_id == customer_id))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a delete's result counts its rows
