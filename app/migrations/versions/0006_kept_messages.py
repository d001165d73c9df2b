"""Messages that nobody awaits, the keys that they are found by, and processes that begin by themselves."""

import sqlalchemy as sa
from alembic import op

from app.columns import LongText
from app.database import Model

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("subscriptions")}
    if "correlates" not in columns:
        op.add_column("subscriptions", sa.Column("correlates", LongText, nullable=True))
        op.add_column("subscriptions", sa.Column("fits", sa.String(64), nullable=False, server_default=""))
    tables = [Model.metadata.tables[name] for name in ("message_policies", "kept_messages", "start_timers")]
    Model.metadata.create_all(op.get_bind(), tables=tables)
