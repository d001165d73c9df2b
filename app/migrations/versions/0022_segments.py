"""Segments of customers, computed beforehand."""

from alembic import op

from app.database import Model

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    # A database that begins today has it from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["customer_segments"]])
