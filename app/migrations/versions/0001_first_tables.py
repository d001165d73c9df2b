"""The first tables of every room."""

from alembic import op

from app.database import Model

revision = "0001"
down_revision = None


def upgrade() -> None:
    Model.metadata.create_all(op.get_bind())
