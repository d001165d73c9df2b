"""/api/v1/surveys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import PageQuery, refusals
from app.api import blueprint as new_blueprint
from app.database import reading
from app.needs.surveys import commands, queries, schemas
from app.needs.surveys.models import Survey
from app.paging import after_moment, after_name, cut

blueprint = new_blueprint(
    "surveys", __name__, "Samples of customers, their answers, and what these stand for."
)


@blueprint.route("/surveys")
class Surveys(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(PageQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, schemas.SurveyPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List surveys, the newest first."""
        with reading(current_actor().org_id) as tx:
            rows = queries.list_surveys(tx, after_moment(query["cursor"]), query["limit"] + 1)
        page, following = cut(rows, query["limit"], lambda row: (row.created_at, row.id))
        return {"items": page, "next": following}

    @allowed("needs:write", *commands.WHO)
    @blueprint.arguments(schemas.SurveyIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, schemas.SurveyIdOut)
    def post(self, given: dict[str, Any]) -> dict[str, UUID]:
        """Draw a stratified sample of the active customers."""
        return {"id": commands.create(current_actor(), **given)}


@blueprint.route("/surveys/<uuid:survey_id>")
class OneSurvey(MethodView):
    @allowed("needs:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, schemas.SurveyOut)
    def get(self, survey_id: UUID) -> Survey:
        """Return a survey with its groups and what the answers stand for."""
        with reading(current_actor().org_id) as tx:
            return queries.get(tx, survey_id)


@blueprint.route("/surveys/<uuid:survey_id>/members")
class SurveyMembers(MethodView):
    @allowed("needs:read")
    @blueprint.arguments(PageQuery, location="query")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, schemas.SurveyMemberPage)
    def get(self, query: dict[str, Any], survey_id: UUID) -> dict[str, Any]:
        """List whom to ask, in order of name, with what they answered."""
        with reading(current_actor().org_id) as tx:
            queries.get(tx, survey_id)
            after = after_name(query["cursor"])
            rows = queries.list_asked(tx, survey_id, after=after, limit=query["limit"] + 1)
        page, following = cut(rows, query["limit"], lambda row: (row.name, row.customer_id))
        return {"items": page, "next": following}


@blueprint.route("/surveys/<uuid:survey_id>/answers")
class SurveyAnswers(MethodView):
    @allowed("needs:write", *commands.WHO)
    @blueprint.arguments(schemas.SurveyAnswerIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], survey_id: UUID) -> None:
        """Keep a customer's answer; told again it takes the place of the one before."""
        commands.answer(current_actor(), survey_id, given["customer_id"], given["answer"])


@blueprint.route("/surveys/<uuid:survey_id>/close")
class SurveyClose(MethodView):
    @allowed("needs:write", *commands.WHO)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, survey_id: UUID) -> None:
        """Take no more answers."""
        commands.close(current_actor(), survey_id)
