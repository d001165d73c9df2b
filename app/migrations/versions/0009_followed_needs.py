"""Where a need stands in its diagram and since when, what comes next, and views that people keep."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from app.columns import Moment
from app.database import Model

revision = "0009"
down_revision = "0008"
LONGEST_STAGE = 40


def _columns() -> Iterator[sa.Column]:  # type: ignore[type-arg] # of several types
    yield sa.Column("instance_id", sa.Uuid(), nullable=True)
    yield sa.Column("stage_since", Moment(), nullable=True)
    yield sa.Column("closed_at", Moment(), nullable=True)
    yield sa.Column("next_step", sa.String(190), nullable=False, server_default="")
    yield sa.Column("due_on", sa.Date(), nullable=True)


def upgrade() -> None:
    bind = op.get_bind()
    # A database that begins today has all of it from 0001.
    if "instance_id" not in {column["name"] for column in sa.inspect(bind).get_columns("needs")}:
        for column in _columns():
            op.add_column("needs", column)
        op.add_column("need_events", sa.Column("stayed_seconds", sa.BigInteger(), nullable=True))
        op.execute("update needs set closed_at = updated_at where status in ('won', 'lost')")
        op.create_index("ix_needs_org_due", "needs", ["org_id", "due_on"])
        if bind.dialect.name != "sqlite":  # which keeps any length
            _widen()
    Model.metadata.create_all(bind, tables=[Model.metadata.tables["kept_views"]])


def _widen() -> None:
    for table, column, nullable in (
        ("needs", "status", False),
        ("need_events", "from_status", True),
        ("need_events", "to_status", True),
    ):
        op.alter_column(
            table,
            column,
            type_=sa.String(LONGEST_STAGE),
            existing_type=sa.String(20),
            existing_nullable=nullable,
        )
