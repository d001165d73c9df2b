"""Which messages were taken already."""

from alembic import op

from app.database import Model

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["inbound_mails"]])
