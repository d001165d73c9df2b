"""An erased customer takes no part in an experiment any more, whichever of their names they came by."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.experiments.assigning import hashed
from app.needs.experiments.models import Experiment, ExperimentOutcome, ExperimentUnit


def erase(tx: Transaction, whom: Erased) -> int:
    """Remove what is kept of them under the hash of their id, number, name or address."""
    names = [str(whom.id), whom.number, *whom.replaced]
    gone = 0
    for experiment in tx.session.scalars(select(Experiment)):
        units = [hashed(experiment, name) for name in names]
        for table in (ExperimentOutcome, ExperimentUnit):
            mine = (table.experiment_id == experiment.id) & table.unit.in_(units)
            gone += tx.session.execute(delete(table).where(mine)).rowcount  # type: ignore[attr-defined] # a delete's result counts its rows
    return gone
