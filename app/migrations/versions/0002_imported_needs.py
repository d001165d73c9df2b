"""What rows of imported files are known by."""

from alembic import op

from app.database import Model

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # A database that begins today has the table from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["imported_needs"]])
