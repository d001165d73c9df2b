"""Whether a business profiles customers who were never asked."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("organisations")}
    if "profiles_unasked" not in columns:
        op.add_column(
            "organisations",
            sa.Column("profiles_unasked", sa.Boolean(), nullable=False, server_default=sa.true()),
        )
