"""What customers said of being suggested products."""

import sqlalchemy as sa
from alembic import op

from app.columns import Moment

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("customers")}
    if "profiling" not in columns:
        said = sa.Column("profiling", sa.String(10), nullable=False, server_default="unasked")
        op.add_column("customers", said)
        op.add_column(
            "customers", sa.Column("profiling_text", sa.String(40), nullable=False, server_default="")
        )
        op.add_column("customers", sa.Column("profiling_at", Moment(), nullable=True))
