"""The pages of an import: give a file, say what its columns are, watch, read what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, stream_with_context
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app import downloads
from app.accounts.door import current_actor, find_actor_quietly
from app.accounts.models import Role
from app.database import reading
from app.errors import InvalidError, PlacetError
from app.needs.imports import choices, commands, queries
from app.needs.imports.columns import COLUMNS
from app.needs.imports.models import ImportStatus
from app.needs.imports.shape import ENCODINGS
from app.needs.imports.words import words_of
from app.web import go, page, signed_in

blueprint = Blueprint("need_imports", __name__)


@blueprint.url_value_preprocessor
def _let_long_files_in(endpoint: str | None, _: Any) -> None:
    """A long file is read only from somebody who has signed in; it goes to the disk, not to memory."""
    if endpoint == "need_imports.give":
        request.max_content_length = commands.MOST_BYTES + 64 * 1024
        if find_actor_quietly() is None:
            request.max_content_length = None


@blueprint.get("/needs/import")
@signed_in(Role.SALES)
def give_page() -> Response:
    return _give(None)


def _give(error: PlacetError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        recent = queries.list_imports(tx)
    return page(
        "needs/import.html", error.status if error else 200, error=error, recent=recent, columns=COLUMNS
    )


@blueprint.post("/needs/import")
@signed_in(Role.SALES)
def give() -> BaseResponse:
    """Keep a file; what its columns are is said on its own page."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        missing = {"file": [gettext("choose a CSV file or a workbook")]}
        return _give(InvalidError("the file was not read", missing))
    try:
        import_id = commands.receive(current_actor(), upload.filename, upload.stream)
    except InvalidError as refused:
        return _give(refused)
    return go(f"/needs/imports/{import_id}")


@blueprint.get("/needs/imports/<uuid:import_id>")
@signed_in(Role.SALES)
def import_page(import_id: UUID) -> Response:
    return _import(import_id)


def _import(import_id: UUID, error: PlacetError | None = None) -> Response:
    with reading(current_actor().org_id) as tx:
        found = queries.get_import(tx, import_id)
        is_done = found.status == ImportStatus.DONE
        result = queries.result(tx, found) if is_done else None
    return page(
        "needs/import_detail.html",
        error.status if error else 200,
        found=found,
        error=error,
        is_waiting=queries.is_waiting(found),
        preview=queries.preview(found) if found.status == ImportStatus.MAPPING else None,
        percent=queries.percent(found) if found.status == ImportStatus.RUNNING else None,
        result=result,
        why=words_of(found.error) if found.error else None,
        fields=list(COLUMNS),
        encodings=ENCODINGS,
    )


@blueprint.post("/needs/imports/<uuid:import_id>")
@signed_in(Role.SALES)
def choose(import_id: UUID) -> BaseResponse:
    """Read the file as it is said now; begin to keep it where that button was pressed."""
    actor = current_actor()
    try:
        commands.choose(actor, import_id, _wanted(import_id))
        if "start" in request.form:
            commands.start(actor, import_id)
    except InvalidError as error:
        return _import(import_id, error)
    return go(f"/needs/imports/{import_id}")


def _wanted(import_id: UUID) -> choices.Choices:
    form = request.form
    with reading(current_actor().org_id) as tx:
        before = choices.of(queries.get_import(tx, import_id).choices)
    return replace(
        before,
        mapping=[form.get(f"column-{at}", "") for at in range(len(before.header))],
        encoding=form.get("encoding", before.encoding),
        separator={"tab": "\t"}.get(form.get("separator", ""), form.get("separator", before.separator)),
        day_order=form.get("day_order", before.day_order),
        decimal_mark=form.get("decimal_mark", before.decimal_mark),
        need_type=form.get("need_type", before.need_type),
    )


@blueprint.post("/needs/imports/<uuid:import_id>/discard")
@signed_in(Role.SALES)
def discard(import_id: UUID) -> BaseResponse:
    commands.discard(current_actor(), import_id)
    return go("/needs/import", gettext("Discarded. Needs that were kept of it stay."))


@blueprint.get("/needs/imports/<uuid:import_id>/refused.csv")
@signed_in(Role.SALES)
def refused(import_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        found = queries.get_import(tx, import_id)
    downloads.note(actor, "refused.csv", hidden=False, count=found.bad)
    answer = Response(stream_with_context(queries.refused_rows(found)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="refused.csv"'
    return answer
