"""The page behind the link that asks a customer how it went; nobody signs in for it."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.entered import whole_number
from app.errors import ConflictError, InvalidError
from app.orders import feedback
from app.rate_limiting import limited
from app.web import page

blueprint = Blueprint("feedback", __name__)


@blueprint.get("/feedback/<string:secret>")
@limited("60 per minute")
def feedback_page(secret: str) -> Response:
    return page("orders/feedback.html", asked=feedback.page_of(secret), secret=secret, error=None)


@blueprint.post("/feedback/<string:secret>")
@limited("20 per minute")
def answer(secret: str) -> Response:
    """Keep the answer; the link itself is the proof of who may give it."""
    score = whole_number(request.form.get("score"))
    error = None
    try:
        feedback.answer(secret, -1 if score is None else score, request.form.get("text", "").strip())
    except (InvalidError, ConflictError) as refused:
        error = refused
    asked = feedback.page_of(secret)
    return page(
        "orders/feedback.html", error.status if error else 200, asked=asked, secret=secret, error=error
    )
