"""What takes migrated instances back."""

from alembic import op

from app.database import Model

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # A database that begins today has the table from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["moved_instances"]])
