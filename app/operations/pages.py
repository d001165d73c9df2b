"""What operators and auditors look at: incidents, an instance, the record; and the API's description."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries as accounts
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.audit import queries as audit
from app.config import settings
from app.database import reading
from app.events import tickets
from app.events.listening import Listener
from app.operations import audit_api, bulk, queries, record_words, retrying
from app.paging import cut
from app.processes import incidents, reasons
from app.web import go, page, signed_in
from app.wording import translated

blueprint = Blueprint("operations", __name__)
PAGE = 50


@blueprint.app_template_filter("reason")
def reason(text: str) -> str:
    """Write a kept reason in the reader's language; a text, so that it can be cut."""
    return translated(reasons.find(text))


@blueprint.get("/incidents")
@signed_in()
def incidents_page() -> Response:
    actor = current_actor()
    show_all = request.args.get("all") == "1"
    with reading(actor.org_id) as tx:
        rows = queries.list_incidents(tx, only_open=not show_all, limit=200)
        causes = [cause for cause in bulk.causes(tx) if cause.count > 1]
    return page("operations/incidents.html", rows=rows, show_all=show_all, causes=causes)


@blueprint.post("/incidents/<uuid:incident_id>/retry")
@signed_in(Role.OPERATOR)
def retry(incident_id: UUID) -> BaseResponse:
    incidents.retry(current_actor(), incident_id, request.form.get("reason", "")[:500])
    return go("/incidents", gettext("It is tried again."))


@blueprint.post("/incidents/retry-all")
@signed_in(Role.OPERATOR)
def retry_all() -> BaseResponse:
    """Retry every open incident of one cause."""
    count = retrying.retry_all(current_actor(), request.form.get("message", ""))
    return go("/incidents", gettext("%(count)s are tried again.", count=count))


@blueprint.get("/audit")
@signed_in(Role.AUDITOR)
def audit_page() -> Response:
    actor = current_actor()
    after = audit_api.after(request.args.get("cursor") or None)
    action = request.args.get("action", "")[:80]
    with reading(actor.org_id) as tx:
        rows = audit.list_entries(tx, action=action, after=after, limit=PAGE + 1)
        names = accounts.names_of(tx, record_words.people_in(rows))
    shown, following = cut(rows, PAGE, audit_api.place_of)
    return page(
        "operations/audit.html",
        entries=[(row, record_words.told(row, names)) for row in shown],
        names=names,
        next=following,
        action=action,
        actions=record_words.ACTIONS,
    )


@blueprint.get("/events/ticket")
@signed_in()
def ticket() -> Response:
    """Give an open page a short-lived ticket for the stream of changes."""
    actor = current_actor()
    listener = Listener(
        org_id=actor.org_id,
        person_id=actor.person_id,
        principals=frozenset(actor.principals),
        roles=actor.roles,
    )
    return jsonify(ticket=tickets.mint(settings().secret_key, listener), url=settings().events_url)


@blueprint.get("/api/docs")
def api_docs() -> Response:
    return page("operations/api_docs.html")
