"""What people call themes."""

from alembic import op

from app.database import Model

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    # A database that begins today has it from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["theme_names"]])
