"""Two themes of a version in use, that tells lamps from all else: for tests that need no training."""

from __future__ import annotations

import base64
from array import array
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.columns import new_id
from app.database import transaction
from app.insights.models import TrainedModel
from app.insights.pseudonyms import secret_of
from app.insights.scoring_texts import FORMAT
from app.insights.text_pieces import digests
from app.insights.themes.models import NAME, Theme
from tests.builders import Firm

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def _telling(firm: Firm) -> dict[str, Any]:
    """One word speaks for the first theme; without it the second is told."""
    words = {
        "pieces": _written(b"".join(digests(["lamp"], secret_of(firm.org_id)))),
        "rarities": [1.0],
        "lengths": [1],
        "types": _written(bytes([0])),
        "steps": _written(array("b", [1]).tobytes()),
    }
    known = {"format": FORMAT, "types": ["1", "2"], "step": 1.0, "offsets": [0.0, 0.5]}
    return {**known, "cuts": {"words": words}, "doubt": {}}


def _written(content: bytes) -> str:
    return base64.b64encode(content).decode()


def themes_in_use(
    firm: Firm, words: tuple[str, str] = ("lamp", "desk"), version: int = 1, first: int = 1
) -> UUID:
    with transaction(firm.org_id) as tx:
        model = TrainedModel(id=new_id(), org_id=firm.org_id, kind=NAME, version=version, status="in_use")
        model.used_as, model.used_at, model.run_id, model.seed = NAME, BEGUN, new_id(), 1
        model.rows_since = model.rows_until = model.held_since = model.trained_at = BEGUN
        model.row_count, model.held_back, model.features, model.reasons = 100, 20, ["text"], []
        model.metrics = {"candidate": {"agreement": 0.9}, "baseline": {"agreement": 0.1}, "in_use": None}
        model.code_version, model.artefact, model.trusted, model.reference = "", b"", [], {}
        model.weights = {"telling": _telling(firm)}
        tx.session.add(model)
        tx.flush()
        for number, word in enumerate(words, first):
            theme = Theme(org_id=firm.org_id, model_id=model.id, number=number, is_new=False)
            theme.name, theme.terms, theme.examples = [word], [word], []
            tx.session.add(theme)
        return model.id
