"""What an incident's element saw, and in which process it stands."""

import sqlalchemy as sa
from alembic import op

from app.columns import Json

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # A database that begins today has both from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("incidents")}
    if "process" not in columns:
        op.add_column("incidents", sa.Column("process", sa.String(120), nullable=True))
    if "seen" not in columns:
        op.add_column("incidents", sa.Column("seen", Json, nullable=True))
