"""Needs as a board, and the views that people keep of their lists."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import identity
from app.errors import InvalidError
from app.needs import board, duplicates, funnel, queries, views
from app.needs.asked import filter_asked
from app.web import go, page, signed_in

blueprint = Blueprint("need_board", __name__)


@blueprint.get("/needs/board")
@signed_in()
def board_page() -> Response:
    actor = current_actor()
    wanted = filter_asked()
    with reading(actor.org_id) as tx:
        shown = board.columns(tx, wanted)
        types, channels = queries.list_values(tx, "need_type"), queries.list_values(tx, "channel")
    return page(
        "needs/board.html",
        columns=shown,
        wanted=wanted,
        args=request.args,
        types=types,
        channels=channels,
        most=board.CARDS,
    )


@blueprint.get("/needs/funnel")
@signed_in()
def funnel_page() -> Response:
    wanted = filter_asked()
    with reading(current_actor().org_id) as tx:
        shown = funnel.funnel(tx, wanted)
        types, channels = queries.list_values(tx, "need_type"), queries.list_values(tx, "channel")
    return page(
        "needs/funnel.html",
        funnel=shown,
        passages=shown.passages,
        wanted=wanted,
        args=request.args,
        types=types,
        channels=channels,
    )


@blueprint.get("/needs/duplicates")
@signed_in()
def duplicates_page() -> Response:
    with reading(current_actor().org_id) as tx:
        found = duplicates.pairs(tx)
    return page("needs/duplicates.html", pairs=found)


@blueprint.post("/needs/<uuid:need_id>/merge")
@signed_in(Role.SALES)
def merge(need_id: UUID) -> BaseResponse:
    other_id = identity(request.form.get("need_id"))
    if other_id is None:
        with reading(current_actor().org_id) as tx:
            queries.get_need(tx, need_id)
        raise InvalidError("the needs were not merged", {"need_id": [gettext("is not known here")]})
    duplicates.merge(current_actor(), need_id, other_id)
    return go(f"/needs/{need_id}", gettext("Merged."))


@blueprint.post("/needs/<uuid:need_id>/part")
@signed_in(Role.SALES)
def part(need_id: UUID) -> BaseResponse:
    duplicates.part(current_actor(), need_id)
    return go(f"/needs/{need_id}", gettext("It stands for itself again."))


@blueprint.post("/needs/views")
@signed_in()
def keep_view() -> BaseResponse:
    form = request.form
    where = form.get("page", "list")
    allowed = views.KEYS.get(where, frozenset())
    query = {key: value for key, value in parse_qsl(form.get("query", "")) if key in allowed}
    views.keep(current_actor(), where, form.get("name", ""), query, shared=bool(form.get("shared")))
    return _back(where, query, gettext("Kept."))


@blueprint.post("/needs/views/<uuid:view_id>/remove")
@signed_in()
def forget_view(view_id: UUID) -> BaseResponse:
    views.forget(current_actor(), view_id)
    return _back(request.form.get("page", "list"), {}, gettext("Taken away."))


def _back(where: str, query: dict[str, str], said: str) -> BaseResponse:
    path = views.PATHS.get(where, "/needs")
    return go(f"{path}?{urlencode(query)}" if query else path, said)
