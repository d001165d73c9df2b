"""Public forms, the consent texts that they showed, and what was sent by them."""

from alembic import op

from app.database import Model

revision = "0015"
down_revision = "0014"
TABLES = ("need_forms", "consent_texts", "need_submissions")


def upgrade() -> None:
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables[name] for name in TABLES])
