"""An index that answers grouped questions about needs by itself, and needs that were merged into others."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # A database that begins today has all of it from 0001.
    if "merged_into_id" in {column["name"] for column in sa.inspect(op.get_bind()).get_columns("needs")}:
        return
    op.add_column("needs", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.create_index("ix_needs_merged_into_id", "needs", ["merged_into_id"])
    op.create_index(
        "ix_needs_org_explored",
        "needs",
        ["org_id", "merged_into_id", "created_at", "need_type", "channel", "status"],
        postgresql_include=["currency", "value", "quantity", "customer_id", "order_id"],
    )
