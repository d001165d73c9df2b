"""What customers were seen to do, and what needs came of."""

from alembic import op

from app.database import Model

revision = "0018"
down_revision = "0017"

NEW = ("observations", "need_origins")


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in NEW])
