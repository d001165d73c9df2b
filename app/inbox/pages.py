"""The approver's desk: views, list and item; decisions are posted at once and held for undo."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.actor import Actor
from app.accounts.door import current_actor
from app.api import decode_cursor, encode_cursor
from app.config import settings
from app.database import Transaction, reading
from app.entered import identity
from app.errors import ConflictError, InvalidError, NotFoundError, PlacetError, RefusedError
from app.inbox import commands, queries
from app.inbox.queries import View
from app.moments import utc_now
from app.orders import commands as order_commands
from app.orders import detail as orders
from app.orders import foresight
from app.orders.timeline import telling
from app.web import go, is_fragment, page, signed_in

blueprint = Blueprint("inbox", __name__)
PAGE = 100


@blueprint.get("/inbox")
@signed_in()
def inbox_page() -> Response:
    actor = current_actor()
    view = _view()
    with reading(actor.org_id) as tx:
        context = _list(tx, actor, view)
        if request.headers.get("HX-Target") == "rows":
            return page("inbox/_refreshed.html", **context)
        item = _first(tx, actor, context["rows"])
    return page("inbox/list.html", **{**context, **item})


def _view() -> View:
    try:
        return View(request.args.get("view", "all"))
    except ValueError:
        return View.ALL


def _list(tx: Transaction, actor: Actor, view: View) -> dict[str, Any]:
    search, now = request.args.get("search", "").strip()[:100], utc_now()
    cursor = request.args.get("cursor", "")
    found = queries.list_items(tx, actor, view, now=now, search=search, after=_after(cursor), limit=PAGE + 1)
    rows = found[:PAGE]
    return {
        "next": encode_cursor(*queries.cursor_of(rows[-1])) if len(found) > PAGE else None,
        "query": urlencode({"view": view, "search": search, "cursor": cursor}),
        "view": view,
        "views": list(View),
        "counts": queries.count_items(tx, actor, now),
        "rows": rows,
        "groups": _groups(rows),
        "search": search,
        "now": now,
    }


def _after(cursor: str) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    due_at, item_id = decode_cursor(cursor, 2)
    return datetime.fromisoformat(due_at), UUID(item_id)


def _groups(rows: list[queries.Row]) -> list[tuple[str, list[queries.Row]]]:
    """Late, within a day, later, and what has no deadline: headings of the list."""
    now = utc_now()
    names = {"late": gettext("Late"), "today": gettext("Today"), "later": gettext("Later")}
    names["none"] = gettext("No deadline")
    grouped: dict[str, list[queries.Row]] = {}
    for row in rows:
        if row.due_at is None:
            key = "none"
        elif row.due_at < now:
            key = "late"
        else:
            key = "today" if (row.due_at - now).days < 1 else "later"
        grouped.setdefault(key, []).append(row)
    return [(names[key], grouped[key]) for key in names if key in grouped]


def _first(tx: Transaction, actor: Actor, rows: list[queries.Row]) -> dict[str, Any]:
    wanted = request.args.get("item")
    if wanted:
        item_id = identity(wanted)
        if item_id is not None:
            return _item(tx, actor, item_id)
    return _item(tx, actor, rows[0].id) if rows else {"item": None}


def _item(tx: Transaction, actor: Actor, item_id: UUID) -> dict[str, Any]:
    item = queries.get_item(tx, actor, item_id)
    order = orders.get_order(tx, item.row.order_id) if item.row.order_id else None
    entries = telling.timeline_of(tx, order.id) if order else []
    foreseen = foresight.foresee_order(tx, order.id, utc_now()) if order else None
    return {
        "item": item,
        "order": order,
        "foreseen": foreseen,
        "entries": entries,
        "now": utc_now(),
        "alone": _is_alone(item_id),
    }


def _is_alone(item_id: UUID) -> bool:
    """Say whether the item is a page of its own, whose heading it is, or goes into one that shows it."""
    shown_at = request.headers.get("HX-Current-URL") if is_fragment() else request.url
    return urlsplit(shown_at or "").path == f"/inbox/{item_id}"


@blueprint.get("/inbox/<uuid:item_id>")
@signed_in()
def item_page(item_id: UUID) -> Response:
    """Show one item: a pane beside the list, or a page of its own on a phone."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        context = _item(tx, actor, item_id)
        if is_fragment():
            return page("inbox/_item.html", **context)
    return page("inbox/item.html", **context)


@blueprint.post("/inbox/<uuid:item_id>/complete")
@signed_in()
def complete(item_id: UUID) -> BaseResponse:
    """Decide; the answer is the item as it now stands, and a toast with Undo."""
    actor = current_actor()
    given = _given()
    try:
        decided = commands.decide(actor, item_id, given, hold=True)
    except InvalidError as error:
        return _refused(item_id, error)
    except (ConflictError, RefusedError) as error:
        head = {"approved": gettext("Not approved."), "rejected": gettext("Not rejected.")}
        return _refused(item_id, error, head.get(given.get("decision", ""), gettext("Not decided.")))
    if not is_fragment():
        return go(f"/inbox/{item_id}", gettext("Decided. It counts in a few seconds."))
    with reading(actor.org_id) as tx:
        context = _item(tx, actor, item_id)
    response = page("inbox/_item.html", **context)
    toast = _toast(decided, context["item"], given)
    response.headers["HX-Trigger-After-Swap"] = json.dumps({"placet:held": toast})
    return response


def _given() -> dict[str, Any]:
    """Read the form; a choice of yes or no comes as text."""
    given: dict[str, Any] = {"comment": request.form.get("comment", "")}
    for name in ("decision", "way"):
        if name in request.form:
            given[name] = request.form[name]
    for name in ("more_time", "close_now"):
        if name in request.form:
            given[name] = request.form[name] in ("True", "true", "yes")
    return given


def _toast(decided: commands.Decided, item: queries.Item, given: dict[str, Any]) -> dict[str, Any]:
    said = {
        "approved": gettext("Approved: %(title)s.", title=item.row.title),
        "rejected": gettext("Rejected: %(title)s.", title=item.row.title),
        "changes": gettext("Sent back: %(title)s.", title=item.row.title),
    }
    text = said.get(given.get("decision", ""), gettext("Done: %(title)s.", title=item.row.title))
    return {
        "item": str(decided.item_id),
        "text": text,
        "seconds": settings().undo_seconds,
        "undo": f"/inbox/{decided.item_id}/undo",
    }


@blueprint.post("/inbox/<uuid:item_id>/undo")
@signed_in()
def undo(item_id: UUID) -> BaseResponse:
    try:
        commands.take_back(current_actor(), item_id)
    except ConflictError as error:
        return _refused(item_id, error, gettext("Not taken back."))
    return _again(item_id, gettext("Taken back. Nothing was sent."))


@blueprint.post("/inbox/<uuid:item_id>/claim")
@signed_in()
def claim(item_id: UUID) -> BaseResponse:
    try:
        commands.claim(current_actor(), item_id)
    except (ConflictError, RefusedError) as error:
        return _refused(item_id, error, gettext("Not claimed."))
    return _again(item_id, gettext("It is yours."))


@blueprint.post("/inbox/<uuid:item_id>/release")
@signed_in()
def release(item_id: UUID) -> BaseResponse:
    try:
        commands.release(current_actor(), item_id)
    except (ConflictError, RefusedError) as error:
        return _refused(item_id, error, gettext("Not released."))
    return _again(item_id, gettext("Given back to the team."))


@blueprint.post("/inbox/<uuid:item_id>/comment")
@signed_in()
def comment(item_id: UUID) -> BaseResponse:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        order_id = queries.get_item(tx, actor, item_id).row.order_id
    if order_id is None:
        raise NotFoundError("order of work item", item_id)
    order_commands.comment(actor, order_id, request.form.get("text", ""))
    return _again(item_id, gettext("Commented."))


def _refused(item_id: UUID, error: PlacetError, head: str = "") -> Response:
    """Show the item as it now stands, with a banner that says why nothing of this was done."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        context = _item(tx, actor, item_id)
    if isinstance(error, InvalidError):
        context["error"] = error
    else:
        context["refused"] = (head, error.message)
    if is_fragment():
        return page("inbox/_item.html", error.status, **context)
    return page("inbox/item.html", error.status, **{**context, "alone": True})


def _again(item_id: UUID, message: str) -> BaseResponse:
    if not is_fragment():
        return go(f"/inbox/{item_id}", message)
    actor = current_actor()
    with reading(actor.org_id) as tx:
        context = _item(tx, actor, item_id)
    return Response(render_template("inbox/_item.html", **context))
