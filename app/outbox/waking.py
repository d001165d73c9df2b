"""Telling the relay that calls were written, at the moment when they become visible."""

from __future__ import annotations

from app.database import Transaction

CHANNEL = "outbox"


def wake(tx: Transaction) -> None:
    """Notify the relay at commit; elsewhere than on PostgreSQL it polls."""
    if tx.dialect == "postgresql":
        tx.connection.exec_driver_sql(f"notify {CHANNEL}")
