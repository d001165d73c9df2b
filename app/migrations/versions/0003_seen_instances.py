"""What pages show of instances: the variables that steps changed, and how long elements take."""

import sqlalchemy as sa
from alembic import op

from app.columns import Json
from app.database import Model

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("history_steps")}
    if "changed" not in columns:
        op.add_column("history_steps", sa.Column("changed", Json, nullable=True))
    tables = [Model.metadata.tables[name] for name in ("element_times", "element_marks")]
    Model.metadata.create_all(op.get_bind(), tables=tables)
