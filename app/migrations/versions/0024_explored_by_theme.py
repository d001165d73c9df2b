"""The index that answers grouped questions about needs holds their ids, by which they are in a theme."""

from alembic import op

revision = "0024"
down_revision = "0023"
_NAME = "ix_needs_org_explored"


def upgrade() -> None:
    # Other databases keep a row's id in each of its indexes.
    if op.get_bind().dialect.name != "postgresql":
        return
    op.drop_index(_NAME, "needs")
    op.create_index(
        _NAME,
        "needs",
        ["org_id", "merged_into_id", "created_at", "need_type", "channel", "status"],
        postgresql_include=["id", "currency", "value", "quantity", "customer_id", "order_id"],
    )
