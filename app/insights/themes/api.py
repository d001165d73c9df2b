"""/api/v1/themes: what needs are about, and how it goes over time."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.insights.themes import naming, queries
from app.insights.themes.courses import Course
from app.insights.themes.models import LONGEST_NAME
from app.moments import utc_now
from app.needs.explore import Period
from app.wording import translated

blueprint = new_blueprint("themes", __name__, "Themes of needs: what they are about, and which grow.")
_PERIODS = [str(each) for each in queries.COMPARED]


class ThemeQuery(Schema):
    by = ma.fields.String(load_default="week", validate=ma.validate.OneOf(_PERIODS))


class ThemeNameIn(Schema):
    """Another name; empty: by its words again."""

    name = Text(required=True, longest=LONGEST_NAME, metadata={"examples": ["Lamps that flicker"]})


class TypicalNeedOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    text = ma.fields.String(required=True)


class ThemeOut(Schema):
    """`number` stays from version to version; `named_by` says who gave the name, else its words are it.

    `counts` are needs in each period; shares go from 0 to 1.
    """

    number = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    named_by = ma.fields.String(required=True, allow_none=True)
    named_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    terms = ma.fields.List(ma.fields.String(), required=True)
    examples = ma.fields.List(ma.fields.Nested(TypicalNeedOut), required=True)
    size = ma.fields.Integer(required=True)
    counts = ma.fields.List(ma.fields.Integer(), required=True)
    share = ma.fields.Float(required=True)
    share_before = ma.fields.Float(required=True)
    course = ma.fields.Enum(Course, by_value=True, required=True)


class ThemesOut(Schema):
    """Without a version `missing` says why; `have` of the `least` needs that it takes are there."""

    version = ma.fields.Integer(required=True, allow_none=True)
    agreement = ma.fields.Float(required=True, allow_none=True)
    chance = ma.fields.Float(required=True, allow_none=True)
    starts = ma.fields.List(ma.fields.Date(), required=True)
    items = ma.fields.List(ma.fields.Nested(ThemeOut), required=True)
    missing = ma.fields.List(ma.fields.String(), required=True)
    have = ma.fields.Integer(required=True)
    least = ma.fields.Integer(required=True)


@blueprint.route("/themes")
class Themes(MethodView):
    @allowed("insights:read")
    @blueprint.arguments(ThemeQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ThemesOut)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List themes, the largest first, with their needs by week or month and how they go."""
        with reading(current_actor().org_id) as tx:
            shown = queries.present(tx, Period(query["by"]), utc_now())
        names = ("version", "agreement", "chance", "starts", "have", "least")
        return {
            **{name: getattr(shown, name) for name in names},
            "items": shown.lines,
            "missing": [translated(reason) for reason in shown.missing],
        }


@blueprint.route("/themes/<string:number>/name")
class OneThemeName(MethodView):
    @allowed("insights:write", Role.SALES, Role.PROCESS_OWNER)
    @blueprint.arguments(ThemeNameIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any], number: str) -> None:
        """Call a theme by another name, which it keeps over trainings."""
        naming.rename(current_actor(), number, given["name"])
