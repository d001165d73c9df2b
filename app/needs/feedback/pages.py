"""The page of what customers said of orders, and the needs that are made of it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.needs import given_types
from app.needs import queries as needs
from app.needs.feedback import commands, queries, rules
from app.paging import after_moment, cut
from app.web import go, page, signed_in

blueprint = Blueprint("need_feedback", __name__)
PAGE = 50


@blueprint.get("/needs/feedback")
@signed_in()
def list_page() -> Response:
    cursor = after_moment(request.args.get("cursor") or None)
    with reading(current_actor().org_id) as tx:
        rows = queries.list_offered(tx, cursor, PAGE + 1)
        rule = rules.rule_of(tx)
        names, usual = given_types.names_of(tx), given_types.usual_names(tx)
        known = needs.list_values(tx, "need_type")
    shown, following = cut(rows, PAGE, lambda row: (row.answered_at, row.id))
    return page(
        "needs/feedback.html",
        rows=shown,
        next=following,
        rule=rule.becomes,
        low=rules.LOW,
        names=names,
        usual=usual,
        known=known,
        args=request.args,
    )


@blueprint.post("/needs/feedback/rule")
@signed_in(Role.ADMINISTRATOR)
def choose() -> BaseResponse:
    rules.choose(current_actor(), request.form.get("becomes", ""))
    return go("/needs/feedback", gettext("Saved."))


@blueprint.post("/needs/feedback/types")
@signed_in(Role.ADMINISTRATOR)
def name_types() -> BaseResponse:
    given_types.choose(
        current_actor(), {given: request.form.get(given, "") for given in given_types.GivenType}
    )
    return go("/needs/feedback", gettext("Saved."))


@blueprint.post("/needs/feedback/<uuid:feedback_id>/need")
@signed_in(Role.SALES)
def make_need(feedback_id: UUID) -> BaseResponse:
    saved = commands.make_need(current_actor(), feedback_id)
    return go(f"/needs/{saved.id}", gettext("Kept as %(number)s.", number=saved.number))
