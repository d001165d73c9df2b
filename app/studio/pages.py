"""The process library, the editors, and a file's versions."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import queries as accounts
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import Transaction, reading
from app.entered import whole_number
from app.errors import InvalidError, NotFoundError
from app.studio import commands, queries
from app.web import go, page, signed_in

blueprint = Blueprint("studio", __name__)


@blueprint.get("/processes")
@signed_in()
def library_page() -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        files = queries.list_files(tx)
    kinds = {kind: [file for file in files if file.kind == kind] for kind in ("bpmn", "dmn", "tests")}
    return page("studio/library.html", diagrams=kinds["bpmn"], tables=kinds["dmn"], tests=kinds["tests"])


@blueprint.get("/processes/<string:name>")
@signed_in()
def file_page(name: str) -> Response:
    """Open a file: in the editor for its owners, to look at for everybody else."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        file = queries.read_file(tx, name)
        if not actor.has_role(Role.PROCESS_OWNER):
            versions = queries.list_versions(tx, name)
            return page("studio/versions.html", file=file, versions=versions, shown=None)
        teams = accounts.list_teams(tx)
        tests = _tests(tx, name)
    template = "studio/editor.html" if file.kind == "bpmn" else "studio/rules.html"
    return page(template, file=file, teams=teams, tests=tests)


def _tests(tx: Transaction, name: str) -> queries.FileContent | None:
    if not name.endswith(".dmn"):
        return None
    try:
        return queries.read_file(tx, name.removesuffix(".dmn") + ".tests.csv")
    except NotFoundError:
        return None


@blueprint.get("/processes/<string:name>/content")
@signed_in()
def content(name: str) -> Response:
    """Return a file for the viewer and the editors: the draft, or a version."""
    actor = current_actor()
    version = request.args.get("version", "")
    with reading(actor.org_id) as tx:
        deployment = whole_number(request.args.get("deployment"))
        if deployment is not None:
            found = queries.read_deployed(tx, name, deployment)
        else:
            found = queries.read_file(tx, name, whole_number(version))
    response = make_response(found.content)
    response.mimetype = "text/csv" if found.kind == "tests" else "application/xml"
    response.headers["ETag"] = f'"{found.version}"'
    return response


@blueprint.get("/processes/<string:name>/versions")
@signed_in()
def versions_page(name: str) -> Response:
    actor = current_actor()
    shown = request.args.get("version", "")
    with reading(actor.org_id) as tx:
        file = queries.read_file(tx, name)
        versions = queries.list_versions(tx, name)
    return page(
        "studio/versions.html",
        file=file,
        versions=versions,
        shown=whole_number(shown),
    )


@blueprint.post("/processes/<string:name>/discard")
@signed_in(Role.PROCESS_OWNER)
def discard(name: str) -> BaseResponse:
    commands.discard_draft(current_actor(), name)
    return go("/processes", gettext("The draft is gone; what is published stays."))


@blueprint.post("/processes/<string:name>/restore")
@signed_in(Role.PROCESS_OWNER)
def restore(name: str) -> BaseResponse:
    """Make a former version the draft, to be published again."""
    actor = current_actor()
    version = request.form.get("version", "")
    with reading(actor.org_id) as tx:
        former = queries.read_file(tx, name, whole_number(version))
    commands.save_draft(actor, name, former.content, None)
    return go(f"/processes/{name}", gettext("Version %(version)s is the draft now.", version=version))


@blueprint.post("/processes/import")
@signed_in(Role.PROCESS_OWNER)
def import_file() -> BaseResponse:
    """Take a file from another tool as a draft."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise InvalidError("nothing was imported", {"file": [gettext("choose a file")]})
    name = upload.filename.rsplit("/", 1)[-1].lower().replace("-", "_").replace(" ", "_")
    commands.save_draft(current_actor(), name, upload.stream.read(commands.LARGEST + 1), None)
    return go(f"/processes/{name}")
