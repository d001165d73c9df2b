"""Messages that nobody awaits, as a page: what waits, for how long, and what was decided of their names."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import identity, whole_number
from app.moments import utc_now
from app.operations import messages_queries
from app.operations.instances_api import READERS
from app.paging import after_moment, cut
from app.processes import keeping_messages
from app.web import go, page, signed_in

blueprint = Blueprint("messages", __name__)
PAGE = 50
HOUR = 3600


@blueprint.get("/messages")
@signed_in(*READERS)
def list_page() -> Response:
    show_all = request.args.get("all") == "1"
    after = after_moment(request.args.get("cursor") or None)
    with reading(current_actor().org_id) as tx:
        rows = messages_queries.list_kept(tx, utc_now(), everything=show_all, after=after, limit=PAGE + 1)
        policies = messages_queries.list_policies(tx)
    shown, following = cut(rows, PAGE, lambda row: (row.at, row.id))
    return page(
        "operations/messages.html",
        rows=shown,
        next=following,
        args=request.args,
        show_all=show_all,
        policies=policies,
        hours={policy.name: max(policy.keep_seconds // HOUR, 1) for policy in policies},
    )


@blueprint.post("/messages/<uuid:message_id>/deliver")
@signed_in(Role.OPERATOR)
def deliver(message_id: UUID) -> BaseResponse:
    """Give it to who awaits it, or to the instance that is named."""
    said = request.form.get("instance_id", "").strip()
    instance_id = keeping_messages.redeliver(current_actor(), message_id, identity(said), None)
    return go(f"/instances/{instance_id}", gettext("The message was delivered."))


@blueprint.post("/messages/<uuid:message_id>/discard")
@signed_in(Role.OPERATOR)
def discard(message_id: UUID) -> BaseResponse:
    keeping_messages.discard(current_actor(), message_id, request.form.get("reason", "")[:500])
    return go("/messages", gettext("The message was discarded."))


@blueprint.post("/messages/policy")
@signed_in(Role.OPERATOR)
def set_policy() -> BaseResponse:
    """Decide what becomes of messages of a name, or of all others."""
    hours = whole_number(request.form.get("hours"))
    keeps = request.form.get("keeps") == "1"
    name = request.form.get("name", "").strip()
    keeping_messages.set_policy(current_actor(), name, keeps, None if hours is None else hours * HOUR)
    return go("/messages", gettext("It is decided."))
