"""/api/v1/audit: the record, for auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, Schema, decode_cursor, page_of, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.audit import queries
from app.database import reading
from app.entered import moment_and_id, unknown_page, whole_number
from app.paging import cut

blueprint = new_blueprint("audit", __name__, "The hash-chained record of every change.")


class EntryOut(Schema):
    """One change; `digest` binds it to the entry before it."""

    stream_id = ma.fields.UUID(required=True)
    stream = ma.fields.String(required=True, allow_none=True)
    seq = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    person_id = ma.fields.UUID(required=True, allow_none=True)
    action = ma.fields.String(required=True)
    detail = ma.fields.Dict(keys=ma.fields.String(), required=True)
    digest = ma.fields.String(required=True)


class EntryQuery(PageQuery):
    stream_id = ma.fields.UUID(
        load_default=None, metadata={"description": "An instance, or a stream of settings."}
    )
    person_id = ma.fields.UUID(load_default=None)
    action = Text(load_default="", longest=80, metadata={"description": "How the action begins."})


@blueprint.route("/audit")
class Entries(MethodView):
    @allowed("audit:read", Role.AUDITOR)
    @blueprint.arguments(EntryQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(EntryOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the entries of the record, the newest first."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            rows = queries.list_entries(
                tx,
                stream_id=query["stream_id"],
                person_id=query["person_id"],
                action=query["action"],
                after=after(query["cursor"]),
                limit=query["limit"] + 1,
            )
        page, following = cut(rows, query["limit"], place_of)
        return {"items": page, "next": following}


def place_of(row: queries.EntryRow) -> tuple[datetime, UUID, str]:
    return row.at, row.stream_id, str(row.seq)


def after(cursor: str | None) -> tuple[datetime, UUID, int] | None:
    if cursor is None:
        return None
    at, stream_id, seq = decode_cursor(cursor, 3)
    number = whole_number(seq)
    if number is None:
        raise unknown_page()
    return (*moment_and_id([at, stream_id]), number)
