"""Needs as pages: the list, one need's story, and the analysis."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries as accounts
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.customers import queries as customers
from app.database import reading
from app.entered import amount, identity, whole_number
from app.errors import InvalidError, PlacetError
from app.i18n import day
from app.moments import utc_now
from app.needs import commands, duplicates, following, ordering, outcome, queries, stages, views
from app.needs.asked import day_asked, filter_asked
from app.needs.beside import BESIDE
from app.needs.models import NeedStatus
from app.needs.queries import Analysis, Bucket, Filter
from app.paging import after_moment, cut
from app.web import go, page, signed_in

blueprint = Blueprint("needs", __name__)
PAGE = 50
# As many series as the chart has colours.
SERIES = 6


@blueprint.get("/needs")
@signed_in()
def list_page() -> Response:
    actor = current_actor()
    wanted = filter_asked()
    cursor = request.args.get("cursor")
    with reading(actor.org_id) as tx:
        rows = queries.list_needs(tx, wanted, after=after_moment(cursor or None), limit=PAGE + 1)
        drawn = [stage.key for stage in stages.current(tx).stages]
        types, channels = queries.list_values(tx, "need_type"), queries.list_values(tx, "channel")
        kept = views.list_views(tx, actor, "list")
        themes, segments = (BESIDE[name].values(tx) for name in ("theme", "customer_segment"))
        people = accounts.names_of(tx, [need.owner_id for need in rows])
    shown, after = cut(rows, PAGE, lambda row: (row.created_at, row.id))
    return page(
        "needs/list.html",
        rows=shown,
        next=after,
        people=people,
        views=kept,
        query=request.query_string.decode(),
        today=utc_now().date(),
        wanted=wanted,
        export=_export(wanted),
        types=types,
        channels=channels,
        themes=themes,
        segments=segments,
        statuses=drawn,
        args=request.args,
    )


def _export(wanted: Filter) -> str:
    """Return the address of all that the list would show, as a spreadsheet."""
    asked = {name: value for name, value in asdict(wanted).items() if value}
    return f"/api/v1/needs.csv?{urlencode(asked)}" if asked else "/api/v1/needs.csv"


@blueprint.get("/needs/analysis")
@signed_in()
def analysis_page() -> Response:
    actor = current_actor()
    wanted = filter_asked()
    known = {str(bucket) for bucket in Bucket}
    bucket = Bucket(request.args["by"]) if request.args.get("by") in known else Bucket.WEEK
    with reading(actor.org_id) as tx:
        analysis = queries.analyse(tx, wanted, bucket)
    return page(
        "needs/analysis.html",
        analysis=analysis,
        chart=_chart(analysis),
        wanted=wanted,
        buckets=list(Bucket),
        args=request.args,
    )


def _chart(analysis: Analysis) -> dict[str, Any]:
    """Shape the counts for the chart: a series for each of the most frequent types, and one for the rest."""
    days = sorted({cell.starts_on for cell in analysis.cells})
    types = list(dict.fromkeys(cell.need_type for cell in analysis.totals))
    shown = types if len(types) <= SERIES else types[: SERIES - 1]
    rest = gettext("everything else")
    counts: dict[tuple[date, str], int] = defaultdict(int)
    for cell in analysis.cells:
        counts[cell.starts_on, cell.need_type if cell.need_type in shown else rest] += cell.count
    labels = shown if shown == types else [*shown, rest]
    return {
        "labels": [str(day(each)) for each in days],
        "series": [{"label": t, "values": [counts[each, t] for each in days]} for t in labels],
    }


@blueprint.get("/needs/new")
@signed_in(Role.SALES)
def new_page() -> Response:
    return _form({}, None)


def _form(given: Any, error: InvalidError | None, need: Any = None) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        context = {
            "customers": customers.list_customers(tx, is_active=True, limit=200),
            "types": queries.list_values(tx, "need_type"),
            "people": accounts.list_people(tx),
            "currency": accounts.currency_of(tx),
        }
    return page("needs/form.html", 422 if error else 200, given=given, error=error, need=need, **context)


@blueprint.post("/needs/new")
@signed_in(Role.SALES)
def create() -> BaseResponse:
    try:
        saved = commands.create(current_actor(), _values())
    except InvalidError as error:
        return _form(request.form, error)
    return go(f"/needs/{saved.id}", gettext("Kept as %(number)s.", number=saved.number))


def _values() -> dict[str, Any]:
    """Read the form; raise InvalidError for what is no number."""
    form = request.form
    values: dict[str, Any] = {
        name: form.get(name, "").strip() for name in ("need_type", "text", "channel", "currency", "next_step")
    }
    wrong: dict[str, list[str]] = {}
    for name, default in (("quantity", "1"), ("value", "0")):
        values[name] = amount(form.get(name) or default)
        if values[name] is None:
            wrong[name] = [gettext("is not a number")]
    for name in ("customer_id", "owner_id"):
        values[name] = identity(form.get(name))
        if form.get(name) and values[name] is None:
            wrong[name] = [gettext("is not known here")]
    values["due_on"] = day_asked(form.get("due_on"))
    if form.get("due_on") and values["due_on"] is None:
        wrong["due_on"] = [gettext("is not a date")]
    if wrong:
        raise InvalidError("the need was not kept", dict(wrong))
    if values["owner_id"] is None:
        del values["owner_id"]
    values["channel"] = values["channel"] or "web"
    return values


@blueprint.get("/needs/<uuid:need_id>")
@signed_in()
def need_page(need_id: UUID) -> BaseResponse:
    """Show a need; the address of one that was merged leads to the one that stands for it."""
    with reading(current_actor().org_id) as tx:
        stands_for = duplicates.standing_for(tx, need_id)
    if stands_for != need_id:
        return go(f"/needs/{stands_for}", gettext("It was merged into this need."))
    return _need(need_id)


def _need(need_id: UUID, error: PlacetError | None = None) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        view = queries.get_need(tx, need_id)
        alike = duplicates.find(tx, view.need)
        became = outcome.of(tx, view.need)
        about = BESIDE["theme"].of(tx, need_id)
        possible = following.possible(tx, view.need)
        chosen = customers.list_customers(tx, is_active=True, limit=200)
    return page(
        "needs/detail.html",
        error.status if error else 200,
        view=view,
        need=view.need,
        possible=possible,
        alike=alike,
        became=became,
        about=about,
        today=utc_now().date(),
        moves=[stage for stage in possible if stage != NeedStatus.WON],
        customers=chosen,
        error=error,
    )


@blueprint.get("/needs/<uuid:need_id>/edit")
@signed_in(Role.SALES)
def edit_page(need_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        need = queries.get_need(tx, need_id).need
    given = {name: getattr(need, name) for name in commands.CHANGEABLE}
    return _form(given, None, need)


@blueprint.post("/needs/<uuid:need_id>/edit")
@signed_in(Role.SALES)
def change(need_id: UUID) -> BaseResponse:
    actor = current_actor()
    version = request.form.get("version", "")
    try:
        commands.change(actor, need_id, _values(), whole_number(version))
    except InvalidError as error:
        with reading(actor.org_id) as tx:
            need = queries.get_need(tx, need_id).need
        return _form(request.form, error, need)
    return go(f"/needs/{need_id}", gettext("Saved."))


@blueprint.post("/needs/<uuid:need_id>/status")
@signed_in(Role.SALES)
def move(need_id: UUID) -> BaseResponse:
    wanted = request.form.get("status", "")
    try:
        commands.move(current_actor(), need_id, wanted, request.form.get("reason", ""))
    except InvalidError as error:
        return _need(need_id, error)
    return go(f"/needs/{need_id}", gettext("Saved."))


@blueprint.post("/needs/<uuid:need_id>/note")
@signed_in(Role.SALES)
def note(need_id: UUID) -> BaseResponse:
    try:
        commands.add_note(current_actor(), need_id, request.form.get("text", ""))
    except InvalidError as error:
        return _need(need_id, error)
    return go(f"/needs/{need_id}", gettext("Noted."))


@blueprint.post("/needs/<uuid:need_id>/order")
@signed_in(Role.SALES)
def make_order(need_id: UUID) -> BaseResponse:
    chosen = request.form.get("customer_id")
    try:
        if chosen and identity(chosen) is None:
            raise InvalidError("no order was made", {"customer_id": [gettext("is not known here")]})
        order_id = ordering.make_order(current_actor(), need_id, identity(chosen))
    except InvalidError as error:
        return _need(need_id, error)
    return go(f"/orders/{order_id}/edit")
