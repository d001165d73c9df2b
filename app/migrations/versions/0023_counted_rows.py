"""What rows of a file were known by is counted in a table of its own, not read whole by each slice."""

from alembic import op

from app.database import Model

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # A database that begins today has it from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["need_import_seen"]])
    op.execute("delete from need_import_parts where kind = 'seen'")
