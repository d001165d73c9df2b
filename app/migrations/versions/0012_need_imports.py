"""Files of needs on their way, and how files with the same columns were read."""

from alembic import op

from app.database import Model

revision = "0012"
down_revision = "0011"
TABLES = ("need_imports", "need_import_parts", "need_import_remarks", "remembered_mappings")


def upgrade() -> None:
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in TABLES])
