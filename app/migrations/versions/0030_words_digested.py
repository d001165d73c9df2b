"""Models that read texts knew their words in clear, and names among them: those words go.

Such a version answers no more until the next training; numbers and names of themes stay, to be followed.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.database import Model

revision = "0030"
down_revision = "0029"
IN_CLEAR = 1


def upgrade() -> None:
    bind = op.get_bind()
    models = Model.metadata.tables["trained_models"]
    asked = sa.select(models.c.id, models.c.weights).where(models.c.kind.in_(["need_type", "themes"]))
    for row in bind.execute(asked).all():
        weights: dict[str, Any] = dict(row.weights)
        if weights.get("format") == IN_CLEAR:
            weights["cuts"] = {}
        elif weights.get("telling", {}).get("format") == IN_CLEAR:
            weights["telling"] = {**weights["telling"], "cuts": {}}
        else:
            continue
        bind.execute(sa.update(models).where(models.c.id == row.id).values(weights=weights))
