"""Experiments as pages: the list, the plan with its size, and what may be concluded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import whole_number
from app.errors import InvalidError, PlacetError
from app.needs.experiments import commands, planning, queries, wording
from app.needs.experiments.entering import design_from, entered_of
from app.needs.experiments.models import Experiment, ExperimentStatus
from app.paging import after_moment, cut
from app.web import go, page, signed_in

blueprint = Blueprint("experiments", __name__)
PAGE = 50
WHO = (Role.SALES, Role.PROCESS_OWNER)


@blueprint.get("/experiments")
@signed_in()
def list_page() -> Response:
    with reading(current_actor().org_id) as tx:
        after = after_moment(request.args.get("cursor") or None)
        rows = queries.list_experiments(tx, after, PAGE + 1)
        shown, following = cut(rows, PAGE, lambda row: (row.created_at, row.id))
        said = [(row, _say(row, queries.list_looks(tx, row.id))) for row in shown]
    return page("experiments/list.html", rows=said, next=following, args=request.args)


def _say(experiment: Experiment, looks: list[Any]) -> wording.Said:
    return wording.say(experiment, planning.read(experiment.plan), looks[-1] if looks else None)


@blueprint.get("/experiments/new")
@signed_in(*WHO)
def new_page() -> Response:
    return _form(entered_of(None), None)


def _form(
    given: Mapping[str, str], error: PlacetError | None, experiment: Experiment | None = None
) -> Response:
    return page(
        "experiments/form.html",
        422 if error else 200,
        given=given,
        error=error,
        experiment=experiment,
        most=planning.MOST_VARIANTS,
        guards=2,
        size=_size(given),
    )


def _size(given: Mapping[str, str]) -> int | None:
    """Return how many units the plan needs; None while it cannot be told."""
    try:
        design = design_from(given)
        planning.check(design)
        return planning.units_needed(design)
    except InvalidError:
        return None


@blueprint.post("/experiments/size")
@signed_in(*WHO)
def size() -> Response:
    """Tell how many units the plan needs that is being typed."""
    return page("experiments/_size.html", size=_size(request.form), given=request.form)


@blueprint.post("/experiments/new")
@signed_in(*WHO)
def create() -> BaseResponse:
    form = request.form
    try:
        texts = (form.get("name", ""), form.get("hypothesis", ""), form.get("unit", ""))
        experiment_id, _ = commands.create(current_actor(), *texts, design_from(form))
    except InvalidError as error:
        return _form(form, error)
    return go(f"/experiments/{experiment_id}", gettext("The plan is kept. It begins when you start it."))


@blueprint.get("/experiments/<uuid:experiment_id>")
@signed_in()
def detail_page(experiment_id: UUID) -> Response:
    return _detail(experiment_id, None)


def _detail(experiment_id: UUID, error: PlacetError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        experiment = queries.get(tx, experiment_id)
        units = queries.count_units(tx, experiment_id)
        looks = queries.list_looks(tx, experiment_id)
    design = planning.read(experiment.plan)
    return page(
        "experiments/detail.html",
        error.status if error else 200,
        experiment=experiment,
        design=design,
        units=units,
        taking_part=sum(units.values()),
        looks=looks,
        said=_say(experiment, looks),
        sayings=[wording.say(experiment, design, look) for look in looks],
        rows=wording.rows_of(design, looks[-1]) if looks else [],
        percent=wording.percent,
        value=wording.value_words,
        error=error,
    )


@blueprint.get("/experiments/<uuid:experiment_id>/edit")
@signed_in(*WHO)
def edit_page(experiment_id: UUID) -> BaseResponse:
    with reading(current_actor().org_id) as tx:
        experiment = queries.get(tx, experiment_id)
    if experiment.status != ExperimentStatus.DRAFT:
        return go(f"/experiments/{experiment_id}")
    return _form(entered_of(experiment), None, experiment)


@blueprint.post("/experiments/<uuid:experiment_id>/edit")
@signed_in(*WHO)
def change(experiment_id: UUID) -> BaseResponse:
    form = request.form
    try:
        texts = (form.get("name", ""), form.get("hypothesis", ""), form.get("unit", ""))
        expected = whole_number(form.get("version"))
        commands.change(current_actor(), experiment_id, *texts, design_from(form), expected)
    except InvalidError as error:
        with reading(current_actor().org_id) as tx:
            experiment = queries.get(tx, experiment_id)
        return _form(form, error, experiment)
    return go(f"/experiments/{experiment_id}", gettext("The plan is changed."))


@blueprint.post("/experiments/<uuid:experiment_id>/start")
@signed_in(*WHO)
def start(experiment_id: UUID) -> BaseResponse:
    commands.start(current_actor(), experiment_id)
    return go(f"/experiments/{experiment_id}", gettext("It runs: whoever asks for a variant takes part."))


@blueprint.post("/experiments/<uuid:experiment_id>/look")
@signed_in(*WHO)
def look(experiment_id: UUID) -> BaseResponse:
    commands.ask_look(current_actor(), experiment_id)
    return go(f"/experiments/{experiment_id}", gettext("A worker looks at it; reload in a moment."))


@blueprint.post("/experiments/<uuid:experiment_id>/stop")
@signed_in(*WHO)
def stop(experiment_id: UUID) -> BaseResponse:
    try:
        commands.stop(current_actor(), experiment_id, request.form.get("conclusion", ""))
    except InvalidError as error:
        return _detail(experiment_id, error)
    return go(f"/experiments/{experiment_id}", gettext("It is stopped."))
