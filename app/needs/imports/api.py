"""/api/v1/needs/imports: a file of needs given, looked at, told how to read, begun and watched."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import IO, Any
from uuid import UUID

from flask import Response, request, stream_with_context
from flask.views import MethodView

from app import downloads
from app.accounts.door import allowed, current_actor, find_actor_quietly
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import refusals
from app.database import reading
from app.needs.imports import choices, commands, queries, schemas
from app.needs.imports.models import ImportStatus
from app.needs.imports.words import words_of
from app.paging import after_moment, cut

blueprint = new_blueprint("need_imports", __name__, "Files of needs: CSV, or a workbook of Excel.")
_FILE = {
    "required": True,
    "content": {
        "text/csv": {"schema": {"type": "string"}, "example": "need_type,text\nlighting,Twenty lamps\n"},
        "application/octet-stream": {"schema": {"type": "string", "contentMediaType": "application/zip"}},
    },
}


@blueprint.url_value_preprocessor
def _let_long_files_in(endpoint: str | None, _: Any) -> None:
    """A long file is read only from somebody who has a token; it is never whole in memory."""
    is_file = endpoint == f"{blueprint.name}.FileImports" and request.method == "POST"
    if is_file and not request.is_json and find_actor_quietly() is not None:
        request.max_content_length = commands.MOST_BYTES


@blueprint.route("/needs/imports")
class FileImports(MethodView):
    @allowed("needs:read", Role.SALES)
    @blueprint.arguments(schemas.FileImportQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.FileImportPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List files of needs, the newest first."""
        with reading(current_actor().org_id) as tx:
            rows = queries.list_imports(tx, query["limit"] + 1, after_moment(query["cursor"]))
        page, following = cut(rows, query["limit"], lambda row: (row.created_at, row.id))
        return {"items": page, "next": following}

    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.FileQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, schemas.ImportIdOut)
    @blueprint.doc(requestBody=_FILE)
    def post(self, query: dict[str, Any]) -> dict[str, UUID]:
        """Give a file as the body of the request, up to 512 MB; nothing is kept of it until it is started."""
        # A body that says it is JSON was read already, and is a file like any other.
        stream: IO[bytes] = io.BytesIO(request.get_data()) if request.is_json else request.stream
        return {"id": commands.receive(current_actor(), query["name"], stream)}


@blueprint.route("/needs/imports/<uuid:import_id>")
class OneFileImport(MethodView):
    @allowed("needs:read", Role.SALES)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, schemas.FileImportDetailOut)
    def get(self, import_id: UUID) -> dict[str, Any]:
        """Return where a file stands: how it would be read, how far it is, what became of its rows."""
        with reading(current_actor().org_id) as tx:
            found = queries.get_import(tx, import_id)
            result = queries.result(tx, found) if found.status == ImportStatus.DONE else None
        is_mapping, is_done = found.status == ImportStatus.MAPPING, found.status == ImportStatus.DONE
        begun = {
            "percent": queries.percent(found) if found.status == ImportStatus.RUNNING else 100 * is_done,
            "choices": choices.of(found.choices) if found.choices else None,
            "preview": queries.preview(found) if is_mapping else None,
            "result": result,
            "error": words_of(found.error) if found.error else None,
        }
        told: dict[str, Any] = schemas.FileImportOut().dump(found)
        return {**{name: getattr(found, name) for name in told}, **begun}

    @allowed("needs:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(204)
    def delete(self, import_id: UUID) -> None:
        """Forget a file and what was said of it; needs that were kept of it stay."""
        commands.discard(current_actor(), import_id)


@blueprint.route("/needs/imports/<uuid:import_id>/choices")
class FileImportChoices(MethodView):
    @allowed("needs:write", Role.SALES)
    @blueprint.arguments(schemas.ChoicesIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, schemas.FilePreviewOut)
    def put(self, given: dict[str, Any], import_id: UUID) -> queries.Preview:
        """Say how a file is to be read, and see its first rows as they would be read so."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            before = choices.of(queries.get_import(tx, import_id).choices)
        commands.choose(actor, import_id, replace(before, **given))
        with reading(actor.org_id) as tx:
            found = queries.get_import(tx, import_id)
        return queries.preview(found)


@blueprint.route("/needs/imports/<uuid:import_id>/start")
class FileImportStart(MethodView):
    @allowed("needs:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, import_id: UUID) -> None:
        """Begin to keep the needs: up to 1,000 rows at once, more by a worker; watch it by GET."""
        commands.start(current_actor(), import_id)


@blueprint.route("/needs/imports/<uuid:import_id>/refused.csv")
class RefusedRows(MethodView):
    @allowed("needs:read", Role.SALES)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, import_id: UUID) -> Response:
        """Return the refused rows with their lines and reasons, ready to be put right and given again."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            found = queries.get_import(tx, import_id)
        downloads.note(actor, "refused.csv", hidden=False, count=found.bad)
        return Response(stream_with_context(queries.refused_rows(found)), mimetype="text/csv")
