"""/api/v1/grouped-tables: a table of needs added up by type, and its rows in groups by their numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.insights.tables import commands
from app.needs.imports.words import words_of
from app.wording import translated

blueprint = new_blueprint("tables", __name__, "Tables of needs, added up and grouped by a worker.")


class TableIn(Schema):
    """A CSV file as text, with a column need_type and columns of numbers; null: the needs that are here."""

    csv = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(max=4_000_000),
        metadata={"examples": ["need_type,quantity,value\nlighting,20,970.00\n"]},
    )
    k = ma.fields.Integer(load_default=3, strict=True, validate=ma.validate.Range(1, commands.MOST_GROUPS))
    scaled = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class TableGivenOut(Schema):
    id = ma.fields.UUID(required=True)


class TypeSumOut(Schema):
    need_type = ma.fields.String(required=True)
    sums = ma.fields.List(ma.fields.Float(), required=True)


class RowGroupOut(Schema):
    size = ma.fields.Integer(required=True)
    centre = ma.fields.List(ma.fields.Float(), required=True)


class GroupedTableOut(Schema):
    """`status` is waiting, done or failed: then `error` says why. Sums and centres are in `columns`' order.

    `left_out` rows with an empty number are in no group; `ruled_by` names a column that decides alone.
    """

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    k = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    error = ma.fields.String(required=True, allow_none=True)
    columns = ma.fields.List(ma.fields.String(), required=True)
    sums = ma.fields.List(ma.fields.Nested(TypeSumOut), required=True)
    groups = ma.fields.List(ma.fields.Nested(RowGroupOut), required=True)
    left_out = ma.fields.Integer(required=True)
    ruled_by = ma.fields.String(required=True, allow_none=True)


@blueprint.route("/grouped-tables")
class Tables(MethodView):
    @allowed("insights:write", Role.SALES, Role.PROCESS_OWNER)
    @blueprint.arguments(TableIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(202, TableGivenOut)
    def post(self, given: dict[str, Any]) -> dict[str, UUID]:
        """Give a table to be grouped; a worker takes it up."""
        content = given["csv"].encode() if given["csv"] is not None else None
        name = "API" if content is not None else ""
        return {"id": commands.give(current_actor(), name, content, given["k"], scaled=given["scaled"])}


@blueprint.route("/grouped-tables/<uuid:table_id>")
class OneTable(MethodView):
    @allowed("insights:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, GroupedTableOut)
    def get(self, table_id: UUID) -> dict[str, Any]:
        """Return what came of a table so far."""
        with reading(current_actor().org_id) as tx:
            found = commands.get(tx, table_id)
        result = found.result or {}
        why = translated(words_of(found.error)) if found.error else None
        where = found.error["column"] if found.error else ""
        return {
            **{name: getattr(found, name) for name in ("id", "name", "k", "status")},
            "error": f"{where}: {why}" if where else why,
            "columns": result.get("columns", []),
            "sums": [{"need_type": name, "sums": sums} for name, sums in result.get("sums", [])],
            "groups": [{"size": size, "centre": centre} for size, centre in result.get("clusters", [])],
            "left_out": result.get("left_out", 0),
            "ruled_by": result.get("ruled_by"),
        }
