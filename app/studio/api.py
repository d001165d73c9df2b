"""/api/v1/processes: files of diagrams and tables, their drafts, versions, checks and publishing."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, make_response
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, if_match, refusals, with_etag
from app.api import blueprint as new_blueprint
from app.api_fields import Base64, Text
from app.database import reading
from app.processes import telling
from app.studio import commands, example, queries, replaying, testing

blueprint = new_blueprint("processes", __name__, "Diagrams and tables: drafts, checks, tests, publishing.")
NAME = r"^[a-z][a-z0-9_]{0,80}\.(bpmn|dmn|tests\.csv)$"


class FileOut(Schema):
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    published_in = ma.fields.Integer(required=True, allow_none=True)
    draft_version = ma.fields.Integer(required=True, allow_none=True)
    draft_by = ma.fields.String(required=True, allow_none=True)
    draft_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    running = ma.fields.Integer(required=True)


class FilesOut(Schema):
    items = ma.fields.List(ma.fields.Nested(FileOut), required=True)


class VersionOut(Schema):
    version = ma.fields.Integer(required=True)
    deployment_id = ma.fields.UUID(required=True)
    number = ma.fields.Integer(required=True)
    note = ma.fields.String(required=True)
    published_at = ma.fields.AwareDateTime(required=True)
    published_by = ma.fields.String(required=True, allow_none=True)
    running = ma.fields.Integer(required=True)


class VersionsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(VersionOut), required=True)


class VersionQuery(Schema):
    version = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1, 2**31 - 1))


class SavedDraftOut(Schema):
    """The draft's version; send it as If-Match when you save again."""

    name = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class FindingOut(Schema):
    """`rules`: the numbers of a decision table's rules that it is about, from 1."""

    severity = ma.fields.String(required=True)
    file = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    line = ma.fields.Integer(required=True, allow_none=True)
    rules = ma.fields.List(ma.fields.Integer(), required=True)


class CheckOut(Schema):
    """What would keep this content from being published (errors), and what to look at (warnings)."""

    findings = ma.fields.List(ma.fields.Nested(FindingOut), required=True)


class DifferenceOut(Schema):
    output = ma.fields.String(required=True)
    got = ma.fields.String(required=True)
    expected = ma.fields.String(required=True)


class TestRowOut(Schema):
    number = ma.fields.Integer(required=True)
    passed = ma.fields.Boolean(required=True)
    differences = ma.fields.List(ma.fields.Nested(DifferenceOut), required=True)
    matched = ma.fields.List(ma.fields.Integer(), required=True)


class TestIn(Schema):
    """What to test instead of the drafts, as base64; nothing of it is kept."""

    content = Base64(load_default=None, metadata={"examples": [example.TABLE]})
    tests = Base64(load_default=None, metadata={"examples": [example.CASES]})


class ProposedOut(Schema):
    """A case worth adding, as cells by their column; it expects what the table says today."""

    cells = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    rule = ma.fields.Integer(required=True)


class TestReportOut(Schema):
    rows = ma.fields.List(ma.fields.Nested(TestRowOut), required=True)
    unhit_rules = ma.fields.List(ma.fields.Integer(), required=True)
    proposed = ma.fields.List(ma.fields.Nested(ProposedOut), required=True)


class PublishIn(Schema):
    """Drafts to publish together; `versions` refuses any that changed since you saw it."""

    names = ma.fields.List(
        ma.fields.String(validate=ma.validate.Regexp(NAME)),
        required=True,
        validate=ma.validate.Length(min=1, max=50),
    )
    note = Text(required=True, longest=2000, shortest=1)
    versions = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(strict=True), load_default=dict
    )


class PublishedOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.Integer(required=True)
    changed = ma.fields.List(ma.fields.String(), required=True)


class ContentIn(Schema):
    """A file's content, as base64."""

    content = Base64(required=True, metadata={"examples": [example.TABLE]})


@blueprint.route("/processes/files")
class Files(MethodView):
    @allowed("processes:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, FilesOut)
    def get(self) -> dict[str, Any]:
        """List all diagrams and tables with their versions, drafts and running instances."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"items": queries.list_files(tx)}


@blueprint.route("/processes/files/<string:name>")
class File(MethodView):
    @allowed("processes:read")
    @blueprint.arguments(VersionQuery, location="query")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, {"type": "string"}, content_type="application/xml")
    @blueprint.doc(responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}})
    def get(self, query: dict[str, Any], name: str) -> Response:
        """Return a file's content: what is published, a former version, or to a process owner its draft.

        The ETag is the draft's version; 0 where there is no draft.
        """
        actor = current_actor()
        sees_draft = actor.has_role(Role.PROCESS_OWNER) and query["version"] is None
        with reading(actor.org_id) as tx:
            found = (
                queries.read_file(tx, name)
                if sees_draft
                else queries.read_published(tx, name, query["version"])
            )
        response = make_response(found.content)
        response.mimetype = "text/csv" if found.kind == "tests" else "application/xml"
        response.headers["X-Placet-Draft"] = "yes" if found.is_draft else "no"
        return with_etag(response, found.version)

    @allowed("processes:write", Role.PROCESS_OWNER)
    @blueprint.arguments(ContentIn)
    @refusals(blueprint, 401, 403, 412, 422)
    @blueprint.response(200, SavedDraftOut)
    def put(self, given: dict[str, Any], name: str) -> Response | dict[str, Any]:
        """Save a draft. With If-Match (0: no draft yet) a newer draft of somebody else is never lost."""
        version = commands.save_draft(current_actor(), name, given["content"], if_match())
        return {"name": name, "version": version}

    @allowed("processes:write", Role.PROCESS_OWNER)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(204)
    def delete(self, name: str) -> None:
        """Discard a draft; what is published stays."""
        commands.discard_draft(current_actor(), name)


@blueprint.route("/processes/files/<string:name>/versions")
class Versions(MethodView):
    @allowed("processes:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, VersionsOut)
    def get(self, name: str) -> dict[str, Any]:
        """List the contents that a file has had, the newest first."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"items": queries.list_versions(tx, name)}


@blueprint.route("/processes/files/<string:name>/check")
class Check(MethodView):
    @allowed("processes:write", Role.PROCESS_OWNER)
    @blueprint.arguments(ContentIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, CheckOut)
    def post(self, given: dict[str, Any], name: str) -> dict[str, Any]:
        """Check a content as if it were published now; nothing is kept."""
        commands.check_name(name)
        content = given["content"]
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"findings": telling.told(queries.check_together(tx, name, content))}


@blueprint.route("/processes/files/<string:name>/test")
class Test(MethodView):
    @allowed("processes:write", Role.PROCESS_OWNER)
    @blueprint.arguments(TestIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, TestReportOut)
    def post(self, given: dict[str, Any], name: str) -> testing.Report:
        """Run a table's tests: as sent, else as drafted, else as published."""
        actor = current_actor()
        table = name.removesuffix(".dmn")
        with reading(actor.org_id) as tx:
            content, tests = (
                sent if sent is not None else queries.read_file(tx, file).content
                for sent, file in ((given["content"], f"{table}.dmn"), (given["tests"], f"{table}.tests.csv"))
            )
        return testing.run(table, content, tests)


class ChangedOut(Schema):
    """An order that would be decided otherwise: whom the table asks now, and whom it would ask."""

    subject_id = ma.fields.UUID(required=True, allow_none=True)
    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    started_at = ma.fields.AwareDateTime(required=True)
    before = ma.fields.List(ma.fields.String(), required=True)
    after = ma.fields.List(ma.fields.String(), required=True)


class ReplayOut(Schema):
    decided = ma.fields.Integer(required=True)
    changed = ma.fields.List(ma.fields.Nested(ChangedOut), required=True)


@blueprint.route("/processes/files/<string:name>/replay")
class Replaying(MethodView):
    @allowed("processes:write", Role.PROCESS_OWNER)
    @blueprint.arguments(ContentIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, ReplayOut)
    def post(self, given: dict[str, Any], name: str) -> replaying.Replay:
        """Decide the last 200 orders by the published table and by this content; nothing is kept."""
        commands.check_name(name)
        content = given["content"]
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return replaying.replay(tx, name, content)


@blueprint.route("/processes/publish")
class Publishing(MethodView):
    @allowed("processes:write", Role.PROCESS_OWNER)
    @blueprint.arguments(PublishIn)
    @refusals(blueprint, 401, 403, 404, 409, 412, 422)
    @blueprint.response(201, PublishedOut)
    def post(self, given: dict[str, Any]) -> commands.Published:
        """Publish drafts together as a new deployment; instances that run stay on theirs."""
        return commands.publish(current_actor(), given["names"], given["note"], given["versions"])
