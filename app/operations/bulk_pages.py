"""The pages of an operator's verbs on many: which ones, what would come of each, what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from app.accounts.actor import Actor
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import Transaction, reading
from app.entered import identity
from app.errors import PlacetError
from app.moments import utc_now
from app.operations import acting_view, bulk
from app.operations.acting import Result
from app.operations.acting_forms import act_from, help_from
from app.operations.instances_list import InstanceRow
from app.operations.instances_pages import filter_asked
from app.processes import deployments
from app.processes.helping import Way
from app.processes.operating import Verb
from app.web import page, signed_in

blueprint = Blueprint("bulk", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One of the selection, as the page lists it; `result` once something was foreseen or done."""

    id: UUID
    instance_id: UUID | None
    title: str
    business_key: str
    chosen: bool
    result: Result | None


@blueprint.get("/instances/bulk")
@signed_in(Role.OPERATOR)
def instances() -> Response:
    return _instances_page()


@blueprint.post("/instances/bulk")
@signed_in(Role.OPERATOR)
def act_on_instances() -> Response:
    """Foresee an act on those that are chosen; do it once somebody has seen that."""
    actor, ids = current_actor(), _chosen()
    try:
        asked = act_from(request.form, utc_now())
        if "sure" in request.form:
            return _instances_page(bulk.do_all(actor, ids, asked), done=True)
        return _instances_page(bulk.foresee_all(actor, ids, asked))
    except PlacetError as error:
        return _instances_page(error=error)


def _instances_page(
    results: Sequence[Result] = (), *, done: bool = False, error: PlacetError | None = None
) -> Response:
    actor = current_actor()
    rows, more = bulk.find(actor, replace(filter_asked(), only_live=True))
    lines = _lines(actor, rows, results) if done else _marked(rows, results)
    with reading(actor.org_id) as tx:
        deployment = deployments.current(tx).deployment
        places, timers = acting_view.standings_of(tx, [row.id for row in rows], deployment)
        processes = dict.fromkeys(place.process for place in places)
        targets = tuple(place for name in processes for place in acting_view.targets_in(deployment, name))
    return page(
        "operations/bulk.html",
        error.status if error else 200,
        kind="verb",
        chosen=_one_of(Verb, "verb"),
        choices=tuple(Verb),
        lines=lines,
        more=more,
        places=places,
        targets=targets,
        timers=timers,
        given=request.form,
        done=done,
        foreseen=bool(results) and not done,
        error=error,
        back="/instances",
        most=bulk.MOST,
    )


def _marked(rows: Sequence[InstanceRow], results: Sequence[Result]) -> list[Line]:
    """Return the selection, all chosen at first and then as somebody left it."""
    by_id, chosen = {result.id: result for result in results}, _chosen()
    asked = request.method == "POST"
    return [
        Line(row.id, row.id, row.title, row.business_key, not asked or row.id in chosen, by_id.get(row.id))
        for row in rows
    ]


def _lines(actor: Actor, rows: Sequence[InstanceRow], results: Sequence[Result]) -> list[Line]:
    """Return what was done, also to those that the filter means no longer."""
    known = {row.id: row for row in rows}
    lines = []
    with reading(actor.org_id) as tx:
        for result in results:
            row = known.get(result.id)
            title, key = (row.title, row.business_key) if row else acting_view.name_of(tx, result.id)
            lines.append(Line(result.id, result.id, title, key, chosen=True, result=result))
    return lines


@blueprint.get("/incidents/bulk")
@signed_in(Role.OPERATOR)
def incidents() -> Response:
    return _incidents_page()


@blueprint.post("/incidents/bulk")
@signed_in(Role.OPERATOR)
def help_incidents() -> Response:
    """As `act_on_instances`, for the incidents of one cause."""
    actor, ids = current_actor(), _chosen()
    try:
        asked = help_from(request.form, utc_now())
        if "sure" in request.form:
            return _incidents_page(bulk.help_out_all(actor, ids, asked), done=True)
        return _incidents_page(bulk.foresee_help_all(actor, ids, asked))
    except PlacetError as error:
        return _incidents_page(error=error)


def _incidents_page(
    results: Sequence[Result] = (), *, done: bool = False, error: PlacetError | None = None
) -> Response:
    with reading(current_actor().org_id) as tx:
        cause = _cause(tx, request.args)
        ids = [result.id for result in results] if done else list(cause.ids) if cause else []
        by_id, chosen = {result.id: result for result in results}, _chosen()
        lines = [
            Line(
                id=row.id,
                instance_id=row.instance_id,
                title=row.title,
                business_key=row.business_key,
                chosen=request.method != "POST" or row.id in chosen,
                result=by_id.get(row.id),
            )
            for row in bulk.stuck_rows(tx, ids)
        ]
        deployment = deployments.current(tx).deployment
        process = request.args.get("process", "")
        targets = acting_view.targets_in(deployment, process) if process in deployment.processes else ()
    return page(
        "operations/bulk.html",
        error.status if error else 200,
        kind="way",
        chosen=_one_of(Way, "way"),
        choices=tuple(Way),
        lines=lines,
        more=False,
        places=(),
        targets=targets,
        timers=(),
        given=request.form,
        done=done,
        foreseen=bool(results) and not done,
        error=error,
        back="/incidents",
        cause=cause,
        most=bulk.MOST,
    )


def _cause(tx: Transaction, args: Mapping[str, str]) -> bulk.Cause | None:
    wanted = tuple(args.get(name, "") for name in ("process", "element", "pattern"))
    return next((c for c in bulk.causes(tx) if (c.process, c.element, c.pattern) == wanted), None)


def _chosen() -> list[UUID]:
    return [key for text in request.form.getlist("ids") if (key := identity(text)) is not None]


def _one_of(choices: Any, name: str) -> str:
    """Return which verb or way the form or the address names; the first where it names none of ours."""
    said = request.values.get(name, "")
    return said if said in tuple(choices) else str(next(iter(choices)))
