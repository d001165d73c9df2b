"""Surveys as pages: the list, a new sample, whom to ask, and what the answers stand for."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import format_percent, gettext
from werkzeug.wrappers import Response as BaseResponse

from app import downloads
from app.accounts.door import current_actor
from app.database import reading
from app.entered import amount, identity, whole_number
from app.errors import InvalidError
from app.insights.pseudonyms import hiding
from app.needs.surveys import commands, export, queries
from app.needs.surveys.models import Allocation, AnswerKind, Grouping
from app.paging import after_moment, after_name, cut
from app.web import go, page, signed_in
from app.wording import worded

blueprint = Blueprint("surveys", __name__)
PAGE = 50


@blueprint.get("/surveys")
@signed_in()
def list_page() -> Response:
    with reading(current_actor().org_id) as tx:
        rows = queries.list_surveys(tx, after_moment(request.args.get("cursor") or None), PAGE + 1)
    shown, following = cut(rows, PAGE, lambda row: (row.created_at, row.id))
    return page("surveys/list.html", rows=shown, next=following, args=request.args, share=_share)


def _share(value: float) -> str:
    return str(format_percent(value, "#,##0.#%"))


@blueprint.get("/surveys/new")
@signed_in(*commands.WHO)
def new_page() -> Response:
    return _form({"size": "200"}, None)


def _form(given: Mapping[str, str], error: InvalidError | None) -> Response:
    return page("surveys/form.html", 422 if error else 200, given=given, error=error)


@blueprint.post("/surveys/new")
@signed_in(*commands.WHO)
def create() -> BaseResponse:
    form = request.form
    try:
        survey_id = commands.create(
            current_actor(),
            form.get("name", ""),
            form.get("question", ""),
            AnswerKind.NUMBER if form.get("kind") == AnswerKind.NUMBER else AnswerKind.YES_NO,
            _grouping(form.get("grouping", "")),
            Allocation.EQUAL if form.get("allocation") == Allocation.EQUAL else Allocation.PROPORTIONAL,
            whole_number(form.get("size")) or 0,
        )
    except InvalidError as error:
        return _form(form, error)
    return go(f"/surveys/{survey_id}", gettext("The sample is drawn."))


def _grouping(text: str) -> Grouping:
    return Grouping(text) if text in set(Grouping) else Grouping.KIND


@blueprint.get("/surveys/<uuid:survey_id>")
@signed_in()
def detail_page(survey_id: UUID) -> Response:
    return _detail(survey_id, None)


def _detail(survey_id: UUID, error: InvalidError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        survey = queries.get(tx, survey_id)
        after = after_name(request.args.get("cursor") or None)
        rows = queries.list_asked(tx, survey_id, after=after, limit=PAGE + 1)
    shown, following = cut(rows, PAGE, lambda row: (row.name, row.customer_id))
    return page(
        "surveys/detail.html",
        422 if error else 200,
        survey=survey,
        rows=shown,
        next=following,
        args=request.args,
        share=_share,
        error=error,
    )


@blueprint.get("/surveys/<uuid:survey_id>/members.csv")
@signed_in()
def members_file(survey_id: UUID) -> Response:
    """Whom to ask, as a file for whoever asks them; with pseudonyms to who does not work with customers."""
    actor = current_actor()
    pseudonym = hiding(actor, asked=False)
    with reading(actor.org_id) as tx:
        queries.get(tx, survey_id)
        rows = queries.list_asked(tx, survey_id)
    downloads.note(actor, "members.csv", hidden=pseudonym is not None, survey=survey_id, count=len(rows))
    lines = "".join(export.csv_lines(rows, pseudonym))
    headers = {"Content-Disposition": "attachment; filename=members.csv"}
    return Response(lines, mimetype="text/csv", headers=headers)


@blueprint.post("/surveys/<uuid:survey_id>/answers")
@signed_in(*commands.WHO)
def answer(survey_id: UUID) -> BaseResponse:
    form = request.form
    try:
        customer_id, value = identity(form.get("customer_id")), amount(form.get("answer"))
        if customer_id is None or (value is None and form.get("answer")):
            why = worded("is not a number such as 12.5")
            raise InvalidError("the answer was not kept", {"answer": [why]})
        commands.answer(current_actor(), survey_id, customer_id, value)
    except InvalidError as error:
        return _detail(survey_id, error)
    cursor = form.get("cursor", "")
    return go(f"/surveys/{survey_id}" + (f"?cursor={cursor}" if cursor.isalnum() else ""), gettext("Kept."))


@blueprint.post("/surveys/<uuid:survey_id>/close")
@signed_in(*commands.WHO)
def close(survey_id: UUID) -> BaseResponse:
    commands.close(current_actor(), survey_id)
    return go(f"/surveys/{survey_id}", gettext("The survey is closed."))
