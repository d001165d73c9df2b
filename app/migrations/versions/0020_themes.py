"""Themes of needs, and which need is of which."""

from alembic import op

from app.database import Model

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    # A database that begins today has them from 0001; create_all leaves what is there.
    tables = [Model.metadata.tables[name] for name in ("themes", "need_themes")]
    Model.metadata.create_all(op.get_bind(), tables=tables)
