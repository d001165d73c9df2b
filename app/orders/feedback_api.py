"""/api/v1/feedback/…: what a customer's link asks, for a shop that asks on its own page."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.orders import feedback
from app.rate_limiting import limited

blueprint = new_blueprint(
    "feedback", __name__, "A customer's answer; the link is the proof of who may give it."
)


class AskedOut(Schema):
    """What is asked, and the answer if there is one."""

    organisation = ma.fields.String(required=True)
    order_number = ma.fields.String(required=True)
    order_title = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    locale = ma.fields.String(required=True)
    score = ma.fields.Integer(required=True, allow_none=True)
    text = ma.fields.String(required=True)
    answered_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class AnswerIn(Schema):
    score = ma.fields.Integer(
        required=True, strict=True, validate=ma.validate.Range(feedback.LOWEST, feedback.HIGHEST)
    )
    text = Text(load_default="", longest=feedback.LONGEST_TEXT, metadata={"examples": ["On time."]})


@blueprint.route("/feedback/<string:secret>")
class Answer(MethodView):
    @limited("60 per minute")
    @refusals(blueprint, 404, 429)
    @blueprint.response(200, AskedOut)
    @blueprint.doc(security=[])
    def get(self, secret: str) -> feedback.FeedbackPage:
        """Say what the link asks about."""
        return feedback.page_of(secret)

    @limited("20 per minute")
    @blueprint.arguments(AnswerIn)
    @refusals(blueprint, 404, 409, 422, 429)
    @blueprint.response(204)
    @blueprint.doc(security=[])
    def post(self, given: dict[str, Any], secret: str) -> None:
        """Give the answer, once."""
        feedback.answer(secret, given["score"], given["text"])
