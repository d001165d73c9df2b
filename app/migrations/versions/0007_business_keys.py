"""The business key of a called process that was given one of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("subscriptions")}
    if "business_key" not in columns:
        op.add_column("subscriptions", sa.Column("business_key", sa.String(120), nullable=True))
