"""A model and the baseline both say something of one subject in one moment."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
_TABLE, _FORMER = "said_predictions", "uq_said_predictions_org_id_kind_subject_said_at"


def upgrade() -> None:
    # A database that begins today has it from 0001.
    unique = {each["name"] for each in sa.inspect(op.get_bind()).get_unique_constraints(_TABLE)}
    if _FORMER not in unique:
        return
    with op.batch_alter_table(_TABLE) as table:
        table.drop_constraint(_FORMER, type_="unique")
        table.create_unique_constraint(
            f"{_FORMER}_model_id", ["org_id", "kind", "subject", "said_at", "model_id"]
        )
