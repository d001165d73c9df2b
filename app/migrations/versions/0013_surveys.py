"""Samples of customers and what they answer."""

from alembic import op

from app.database import Model

revision = "0013"
down_revision = "0012"

NEW = ("surveys", "survey_members")


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in NEW])
