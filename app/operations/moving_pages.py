"""Migrating instances on a page: two versions side by side, what stands for what, who can go and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

import workflows
from app.accounts.door import current_actor
from app.database import reading
from app.entered import identity, whole_number
from app.errors import InvalidError
from app.operations import moving, moving_queries
from app.operations.moving import ROLES, Chosen, Result
from app.operations.moving_queries import Choice, Course
from app.processes.deployments import Snapshot
from app.web import go, page, signed_in
from app.wording import translated

blueprint = Blueprint("moving", __name__)
_MAP = "map:"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process and its file in both versions; empty where one has it not."""

    process: str
    old: str
    new: str
    is_changed: bool


@blueprint.get("/migrations")
@signed_in()
def overview() -> Response:
    with reading(current_actor().org_id) as tx:
        origins = moving_queries.list_origins(tx)
    return page("operations/moving_list.html", origins=origins)


@blueprint.get("/migrations/<string:process>")
@signed_in(*ROLES)
def moving_page(process: str) -> Response:
    return _shown(_course(process, request.args))


@blueprint.post("/migrations/<string:process>")
@signed_in(*ROLES)
def migrate(process: str) -> Response:
    """Check the chosen instances, or migrate them; the page says of each what came of it."""
    course, actor = _course(process, request.form), current_actor()
    chosen = _chosen()
    if request.form.get("verb") == "check":
        return _shown(course, checked=moving.check(actor, course, [each.id for each in chosen]))
    reason = request.form.get("reason", "")[:500]
    return _shown(course, done=moving.migrate_each(actor, course, chosen, reason))


@blueprint.post("/migrations/<string:process>/undo")
@signed_in(*ROLES)
def undo(process: str) -> BaseResponse:
    """Take back those that have not gone on since."""
    course, chosen = _course(process, request.form), _chosen()
    reason = request.form.get("reason", "")[:500]
    results = moving.undo_each(current_actor(), [each.id for each in chosen], reason)
    count = sum(not each.reasons for each in results)
    if count < len(results):
        return _shown(course, done=results)
    where = f"/migrations/{process}?before={course.before}&after={course.after}"
    return go(where, ngettext("%(num)s was taken back.", "%(num)s were taken back.", count))


def _course(process: str, given: Mapping[str, str]) -> Course:
    """Read which way is asked for; from the newest of the former deployments to the newest, if nothing is."""
    before, after = (whole_number(given.get(name)) for name in ("before", "after"))
    if before is None or after is None:
        with reading(current_actor().org_id) as tx:
            origin = moving_queries.find_origin(tx, process)
        before, after = origin.deployment, origin.newest
    choices = []
    for name, value in given.items():
        if name.startswith(_MAP):
            of, _, old = name.removeprefix(_MAP).partition(":")
            choices.append(Choice(of, old, value or None))
    return Course(process, before, after, tuple(choices))


def _chosen() -> list[Chosen]:
    """Read the checked instances: each with the revision that was seen."""
    found = []
    for value in request.form.getlist("ids")[: moving_queries.MOST]:
        key, _, revision = value.partition(":")
        instance_id = identity(key)
        if instance_id is not None:
            found.append(Chosen(instance_id, whole_number(revision)))
    if not found:
        raise InvalidError("nothing was migrated", {"ids": [gettext("choose at least one instance")]})
    return found


def _shown(course: Course, checked: list[Result] | None = None, done: list[Result] | None = None) -> Response:
    with reading(current_actor().org_id) as tx:
        way = moving_queries.find_way(tx, course)
        proposed = moving_queries.find_way(tx, Course(course.process, course.before, course.after)).plan
        context: dict[str, Any] = {
            "origins": [each for each in moving_queries.list_origins(tx) if each.process == course.process],
            "candidates": moving_queries.list_candidates(tx, way),
            "count": moving_queries.count_candidates(tx, way),
            "returnable": moving_queries.list_returnable(tx, way),
            "deployments": moving_queries.list_deployments(tx),
        }
    verdicts = {each.id: each for each in checked or ()}
    return page(
        "operations/moving.html",
        course=course,
        way=way,
        drawings=_drawings(way),
        rows=_rows(way, proposed),
        kinds=_kinds(way.plan.after),
        names=_names(way),
        titles=_titles(way),
        places=[(place.process, place.element) for place in way.plan.after],
        verdicts=verdicts,
        done={each.id: each for each in done or ()},
        **context,
    )


def _drawings(way: moving_queries.Way) -> list[Drawing]:
    """Return the diagrams that the plan is about; those that are drawn otherwise first."""
    processes = dict.fromkeys(place.process for place in (*way.plan.before, *way.plan.after))
    found = []
    for process in processes:
        old, new = _file(way.old, process), _file(way.new, process)
        found.append(Drawing(process, old, new, way.old.files.get(old) != way.new.files.get(new)))
    return sorted(found, key=lambda each: not each.is_changed)


def _file(side: Snapshot, process: str) -> str:
    info = side.deployment.processes.get(process)
    return info.file if info else ""


def _rows(way: moving_queries.Way, proposed: workflows.Plan) -> list[dict[str, object]]:
    """Return each old element with what stands for it: first what somebody should look at."""
    pairs = {(pair.process, pair.old): pair for pair in way.plan.pairs}
    was = {(pair.process, pair.old): pair.new for pair in proposed.pairs}
    rows = []
    for place in way.plan.before:
        pair = pairs.get((place.process, place.element))
        why = pair.why.value if pair else "none"
        proposal = was.get((place.process, place.element), "")
        rows.append({"place": place, "new": pair.new if pair else "", "why": why, "proposed": proposal})
    return sorted(rows, key=lambda row: row["why"] == "id")


def _kinds(places: tuple[workflows.Place, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return the new elements by kind: which of them could stand for an old one."""
    found: dict[str, list[tuple[str, str]]] = {}
    for place in places:
        found.setdefault(place.kind, []).append((place.process, place.element))
    for kind, other in (("userTask", "manualTask"), ("manualTask", "userTask")):
        found[kind] = found.get(kind, []) + [
            each for each in found.get(other, []) if each not in found.get(kind, [])
        ]
    return found


def _names(way: moving_queries.Way) -> dict[str, dict[str, str]]:
    """Return what both versions call their elements, by `process/element`."""
    return {
        side: {
            f"{process.id}/{element.id}": translated(element.name) or element.id
            for process in deployment.processes.values()
            for element in process.elements.values()
        }
        for side, deployment in (("old", way.old.deployment), ("new", way.new.deployment))
    }


def _titles(way: moving_queries.Way) -> dict[str, str]:
    known = {**way.old.deployment.processes, **way.new.deployment.processes}
    return {process.id: translated(process.name) or process.id for process in known.values()}
