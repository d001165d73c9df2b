"""Designed experiments: the units that take part, what they did, and the looks."""

from alembic import op

from app.database import Model

revision = "0010"
down_revision = "0009"

NEW = ("experiments", "experiment_units", "experiment_outcomes", "experiment_looks")


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in NEW])
