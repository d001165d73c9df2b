"""Models as a process owner sees them: how good they are, whether to trust them, and one click back."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import whole_number
from app.errors import NotFoundError
from app.insights import drawing, forecast_pages, nights, publishing, queries, said, training
from app.insights.segments import pages as segments_pages
from app.insights.tables import pages as tables_pages
from app.insights.themes import pages as themes_pages
from app.moments import utc_now
from app.web import go, page, signed_in

blueprint = Blueprint("insights", __name__)
for rule, view, methods in tables_pages.RULES:
    blueprint.add_url_rule(rule, view_func=view, methods=methods)
blueprint.add_url_rule("/segments", view_func=segments_pages.segments_page)
blueprint.add_url_rule("/themes", view_func=themes_pages.themes_page)
blueprint.add_url_rule("/themes/<string:number>/name", view_func=themes_pages.rename_theme, methods=["POST"])
blueprint.add_url_rule("/forecast", view_func=forecast_pages.forecast_page)


@blueprint.get("/models")
@signed_in()
def models_page() -> Response:
    with reading(current_actor().org_id) as tx:
        rows, hour = queries.list_kinds(tx), nights.read_hour(tx)
    return page("insights/models.html", rows=rows, hour=hour)


@blueprint.post("/models/schedule")
@signed_in(Role.PROCESS_OWNER)
def schedule() -> BaseResponse:
    nights.set_hour(current_actor(), whole_number(request.form.get("hour", "")))
    return go("/models", gettext("Saved."))


@blueprint.get("/models/<string:name>")
@signed_in()
def model_page(name: str) -> Response:
    with reading(current_actor().org_id) as tx:
        view = queries.view(tx, name, utc_now())
    oldest_first = list(view.versions)[::-1]
    chart = drawing.drawn(
        [[each.candidate for each in oldest_first], [each.baseline for each in oldest_first]]
    )
    return page("insights/model.html", view=view, chart=chart, charted=oldest_first, fact_words=said.facts)


@blueprint.post("/models/<string:name>/train")
@signed_in(Role.PROCESS_OWNER)
def train(name: str) -> BaseResponse:
    training.ask(current_actor(), name)
    return go(f"/models/{name}", gettext("The training is on its way."))


@blueprint.post("/models/<string:name>/use")
@signed_in(Role.PROCESS_OWNER)
def use(name: str) -> BaseResponse:
    version = whole_number(request.form.get("version", ""))
    if version is None:
        raise NotFoundError("version", request.form.get("version", ""))
    publishing.use_version(current_actor(), name, version)
    return go(f"/models/{name}", gettext("Version %(version)s is in use.", version=version))


@blueprint.post("/models/<string:name>/stop")
@signed_in(Role.PROCESS_OWNER)
def stop(name: str) -> BaseResponse:
    publishing.stop_using(current_actor(), name)
    return go(f"/models/{name}", gettext("The baseline answers now."))
