"""Customers who were erased."""

import sqlalchemy as sa
from alembic import op

from app.columns import Moment

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("customers")}
    if "erased_at" not in columns:
        op.add_column("customers", sa.Column("erased_at", Moment(), nullable=True))
