"""Trained models, the runs that train them, what they said, and what is computed beforehand."""

from alembic import op

from app.database import Model

revision = "0008"
down_revision = "0007"

TABLES = ("training_runs", "trained_models", "said_predictions", "forecasts", "model_drifts")


def upgrade() -> None:
    # A database that begins today has them from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in TABLES])
