"""The process library, the editors, and a file's versions."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries as accounts
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import whole_number
from app.errors import InvalidError, NotFoundError
from app.orders import policy_words
from app.studio import beginning, commands, outline, queries, showing
from app.web import go, page, signed_in

blueprint = Blueprint("studio", __name__)


@blueprint.get("/processes")
@signed_in()
def library_page() -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        files = queries.list_files(tx)
    kinds = {kind: [file for file in files if file.kind == kind] for kind in ("bpmn", "dmn")}
    return page("studio/library.html", diagrams=kinds["bpmn"], tables=kinds["dmn"])


@blueprint.post("/processes/new")
@signed_in(Role.PROCESS_OWNER)
def begin() -> BaseResponse:
    """Begin a diagram or a table as a draft."""
    title = request.form.get("title", "").strip()[:120]
    name, content = beginning.new_file(title, request.form.get("kind", "bpmn"))
    commands.begin_new(current_actor(), name, content)
    return go(f"/processes/{name}")


@blueprint.post("/processes/import")
@signed_in(Role.PROCESS_OWNER)
def import_file() -> BaseResponse:
    """Take a file from another tool as a draft."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidError("nothing was imported", {"file": [gettext("choose a file")]})
    content = upload.stream.read(commands.LARGEST + 1)
    name = beginning.imported_name(upload.filename, content)
    commands.begin(current_actor(), {name: content})
    return go(f"/processes/{name}")


@blueprint.get("/processes/<string:name>")
@signed_in()
def file_page(name: str) -> BaseResponse:
    """Open a file: in the editor for its owners, to look at for everybody else."""
    actor = current_actor()
    if queries.kind_of(name) == "tests":
        return redirect(f"/processes/{name.removesuffix('.tests.csv')}.dmn")
    if not actor.has_role(Role.PROCESS_OWNER):
        return versions_page(name)
    with reading(actor.org_id) as tx:
        file = queries.read_file(tx, name)
        teams = accounts.list_teams(tx)
        tests = queries.read_tests(tx, name)
    template = "studio/editor.html" if file.kind == "bpmn" else "studio/rules.html"
    drafted = file.is_draft or bool(tests and tests.is_draft)
    inputs = policy_words.inputs_of(name)
    return page(template, file=file, teams=teams, tests=tests, drafted=drafted, inputs=inputs)


@blueprint.get("/processes/<string:name>/content")
@signed_in()
def content(name: str) -> Response:
    """Return a file for the viewer and the editors: a version, a deployment's, else its owners' draft.

    `?shown`: to look at, so that its names speak the reader's language.
    """
    actor = current_actor()
    version, deployment = (
        whole_number(request.values.get("version")),
        whole_number(request.values.get("deployment")),
    )
    with reading(actor.org_id) as tx:
        if deployment is not None:
            found = queries.read_deployed(tx, name, deployment)
        elif version is not None or not actor.has_role(Role.PROCESS_OWNER):
            found = queries.read_published(tx, name, version)
        else:
            found = queries.read_file(tx, name)
    shown = "shown" in request.args and found.kind == "bpmn"
    response = make_response(showing.in_readers_language(found.content) if shown else found.content)
    response.mimetype = "text/csv" if found.kind == "tests" else "application/xml"
    response.headers["ETag"] = f'"{found.version}"'
    return response


@blueprint.get("/processes/<string:name>/versions")
@signed_in()
def versions_page(name: str) -> Response:
    """Show what a file was and is: its drawing, the same in words, and what runs on each version."""
    actor = current_actor()
    is_owner = actor.has_role(Role.PROCESS_OWNER)
    with reading(actor.org_id) as tx:
        versions = queries.list_versions(tx, name)
        draft = queries.read_file(tx, name) if is_owner else None
        if not versions and draft is None:
            raise NotFoundError("file", name)
        shown = whole_number(request.values.get("version")) or (versions[0].version if versions else None)
        file = queries.read_published(tx, name, shown) if shown else draft
    assert file is not None  # noqa: S101 - without versions there is a draft
    return page(
        "studio/versions.html",
        file=file,
        versions=versions,
        draft=draft if draft and draft.is_draft else None,
        shown=shown,
        steps=outline.steps_of(showing.in_readers_language(file.content)) if file.kind == "bpmn" else [],
        tables=outline.tables_of(file.content) if file.kind == "dmn" else [],
    )


@blueprint.post("/processes/<string:name>/discard")
@signed_in(Role.PROCESS_OWNER)
def discard(name: str) -> BaseResponse:
    also = commands.tests_of(name) if queries.kind_of(name) == "dmn" else None
    commands.discard_draft(current_actor(), name, also)
    return go("/processes", gettext("The draft is gone; what is published stays."))


@blueprint.post("/processes/<string:name>/restore")
@signed_in(Role.PROCESS_OWNER)
def restore(name: str) -> BaseResponse:
    """Make a former version the draft, to be published again."""
    version = whole_number(request.values.get("version"))
    if version is None:
        raise InvalidError("nothing was restored", {"version": [gettext("choose a version")]})
    commands.restore(current_actor(), name, version)
    return go(f"/processes/{name}", gettext("Version %(version)s is the draft now.", version=version))
