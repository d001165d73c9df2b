"""/api/v1/needs."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

from flask import Response, jsonify, stream_with_context
from flask.views import MethodView

from app import downloads
from app.accounts import queries as accounts
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import if_match, refusals
from app.database import reading
from app.insights.pseudonyms import hiding
from app.needs import commands, export, following, ordering, outcome, queries, schemas
from app.needs.imports import at_once
from app.paging import after_moment, cut

blueprint = new_blueprint("needs", __name__, "What customers need: collected, followed, added up.")
_FILTERS = tuple(queries.Filter.__dataclass_fields__)


@blueprint.route("/needs")
class Needs(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(schemas.NeedQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.NeedPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List needs, the newest first."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            rows = queries.list_needs(
                tx, filter_of(query), after=after_moment(query["cursor"]), limit=query["limit"] + 1
            )
        page, following = cut(rows, query["limit"], lambda row: (row.created_at, row.id))
        return {"items": page, "next": following}

    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.NewNeed)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, schemas.SavedNeedOut)
    def post(self, given: dict[str, Any]) -> commands.Saved:
        """Keep a need."""
        return commands.create(current_actor(), given)


def filter_of(query: dict[str, Any]) -> queries.Filter:
    """Read a filter out of a query's values."""
    return queries.Filter(**{name: query[name] for name in _FILTERS})


@blueprint.route("/needs.csv")
class NeedExport(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(schemas.NeedExportQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, query: dict[str, Any]) -> Response:
        """Export all needs of a list; with pseudonyms, and no words, to who does not work with customers."""
        actor = current_actor()
        pseudonym = hiding(actor, query["pseudonyms"])
        downloads.note(actor, "needs.csv", hidden=pseudonym is not None, asked=query)
        lines = export.csv_lines(actor.org_id, filter_of(query), pseudonym)
        headers = {"Content-Disposition": 'attachment; filename="needs.csv"'}
        return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


@blueprint.route("/needs/analysis")
class NeedAnalysis(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(schemas.AnalysisQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.AnalysisOut)
    def get(self, query: dict[str, Any]) -> queries.Analysis:
        """Count needs and add up their value by type over time."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return queries.analyse(tx, filter_of(query), query["bucket"])


@blueprint.route("/needs/import")
class NeedImport(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.ImportIn)
    @refusals(blueprint, 401, 403, 409, 422, 503)
    @blueprint.response(200, schemas.ImportOut)
    def post(self, given: dict[str, Any]) -> at_once.ImportReport:
        """Keep the needs of a CSV file; a bad row is named by its line, the good ones are kept.

        A customer is known by number, e-mail address or exact name; other names stay text, with a notice.
        Rows that an earlier import kept are named and not doubled, so a file may be sent again. Where an
        import stops midway (503, or 409 where a customer was erased meanwhile) the message says at which
        line, and how many needs were kept before it.
        """
        actor = current_actor()
        with reading(actor.org_id) as tx:
            currency = accounts.currency_of(tx)
        stream = io.BytesIO(given["csv"].encode())
        return at_once.import_needs(actor.org_id, actor.person_id, stream, currency)


@blueprint.route("/needs/<uuid:need_id>")
class OneNeed(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, schemas.NeedDetailOut)
    def get(self, need_id: UUID) -> Response:
        """Return a need with its history; the ETag is its version."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            view = queries.get_need(tx, need_id)
            became = outcome.of(tx, view.need)
            possible = following.possible(tx, view.need)
        more = {
            "owner_name": view.owner_name,
            "events": view.events,
            "merged": view.merged,
            "possible": possible,
            "outcome": became,
            "origin": view.origin,
            "consent": view.consent,
        }
        body = {
            **schemas.NeedOut().dump(view.need),
            **schemas.NeedDetailOut(only=tuple(more)).dump(more),
        }
        response = jsonify(body)
        response.headers["ETag"] = f'"{view.need.version}"'
        return response

    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.NeedIn)
    @refusals(blueprint, 401, 403, 404, 412, 422)
    @blueprint.response(200, schemas.SavedNeedOut)
    def patch(self, given: dict[str, Any], need_id: UUID) -> commands.Saved:
        """Change what is given; with If-Match somebody else's change is never overwritten."""
        return commands.change(current_actor(), need_id, given, if_match())


@blueprint.route("/needs/<uuid:need_id>/status")
class NeedMove(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.MoveIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, schemas.SavedNeedOut)
    def post(self, given: dict[str, Any], need_id: UUID) -> commands.Saved:
        """Move a need on; refused moves say what is possible."""
        return commands.move(current_actor(), need_id, given["status"], given["reason"])


@blueprint.route("/needs/<uuid:need_id>/notes")
class NeedNotes(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.NoteIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], need_id: UUID) -> None:
        """Write a note on a need's history."""
        commands.add_note(current_actor(), need_id, given["text"])


@blueprint.route("/needs/<uuid:need_id>/order")
class NeedOrder(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.MakeOrderIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(201, schemas.MadeOrderOut)
    def post(self, given: dict[str, Any], need_id: UUID) -> dict[str, UUID]:
        """Make an order of a need: a draft that knows its need; the need is won."""
        return {"order_id": ordering.make_order(current_actor(), need_id, given["customer_id"])}
