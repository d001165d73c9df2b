"""What each customer may want next, computed beforehand."""

from alembic import op

from app.database import Model

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # A database that begins today has it from 0001; create_all leaves what is there.
    Model.metadata.create_all(op.get_bind(), tables=[Model.metadata.tables["customer_suggestions"]])
