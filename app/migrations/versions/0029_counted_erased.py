"""Who was erased is counted with every batch of an import."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    names = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("customers")}
    if "ix_customers_org_erased" not in names:
        op.create_index("ix_customers_org_erased", "customers", ["org_id", "erased_at"])
