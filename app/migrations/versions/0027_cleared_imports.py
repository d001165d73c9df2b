"""How often customers were erased from a file that is still to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("need_imports")}
    if "cleared" not in columns:
        column = sa.Column("cleared", sa.Integer(), nullable=False, server_default="0")
        op.add_column("need_imports", column)
