"""What insights hold of a customer who is erased: sayings about them, and rows that kinds computed."""

from __future__ import annotations

from app.customers.erasing import Erased
from app.database import Transaction
from app.insights import predictions
from app.insights.kinds import KINDS


def erase(tx: Transaction, whom: Erased) -> int:
    """Remove them from every table at once; return how many rows went. No later training reads of them."""
    rows = predictions.erase(tx, whom.id)
    return rows + sum(kind.erase(tx, whom.id) for kind in KINDS.values() if kind.erase is not None)
