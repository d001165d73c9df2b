"""/api/v1/needs/suggest-type: which type a text is of, answered while somebody types."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.insights import suggesting

blueprint = new_blueprint("insights", __name__, "What needs and orders tell.")


class TextIn(Schema):
    text = Text(required=True, longest=4000, metadata={"examples": ["Twelve chairs before the move"]})


class LikelyOut(Schema):
    type = ma.fields.String(required=True)
    confidence = ma.fields.Float(required=True)


class SuggestionOut(Schema):
    """`status` is suggested, none (of the known types) or untrained: then `missing` needs are to be typed.

    `confidence` is the probability, 0 to 1, of the likeliest type among those known; the three likeliest are
    named in either case. `missing` is 0 where only the training is outstanding.
    """

    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["suggested", "none", "untrained"]))
    type = ma.fields.String(required=True, allow_none=True)
    confidence = ma.fields.Float(required=True, allow_none=True)
    likeliest = ma.fields.List(ma.fields.Nested(LikelyOut), required=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    missing = ma.fields.Integer(required=True)


@blueprint.route("/needs/suggest-type")
class SuggestType(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(TextIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, SuggestionOut)
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Say which type a need's text is of, or that it is none of those known. Keeps nothing."""
        with reading(current_actor().org_id) as tx:
            answer = suggesting.suggest(tx, given["text"])
        found = answer.suggestion
        if found is None:
            return _shown("untrained", missing=answer.missing)
        return _shown(
            "suggested" if found.type else "none",
            type=found.type,
            confidence=found.confidence,
            likeliest=[{"type": name, "confidence": chance} for name, chance in found.likeliest],
            version=answer.version,
        )


def _shown(status: str, **more: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {"type": None, "confidence": None, "likeliest": [], "version": None, "missing": 0}
    return {**empty, "status": status, **more}
