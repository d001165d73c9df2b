"""Instances as pages: the list, and one with its diagram, what it waits for, its timeline and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request

from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.door import current_actor
from app.database import Transaction, reading
from app.entered import whole_number
from app.operations import instances_list, instances_queries, instances_words
from app.operations.instances_api import READERS
from app.operations.instances_variables import Changed, Node, Variable, node_of, variables_of
from app.operations.moving import ROLES
from app.paging import after_moment, cut
from app.processes import deployments
from app.processes.models import LIVE, Instance, InstanceStatus
from app.web import page, signed_in

blueprint = Blueprint("instances", __name__)
PAGE = 50
VISITS = 200  # shown at once
blueprint.add_app_template_filter(instances_words.lasting)
blueprint.add_app_template_filter(instances_words.cause_words)
blueprint.add_app_template_filter(instances_words.note_words)
_STATUSES = tuple(status.name.lower() for status in InstanceStatus)


@blueprint.get("/instances")
@signed_in()
def list_page() -> Response:
    actor = current_actor()
    wanted = filter_asked()
    with reading(actor.org_id) as tx:
        rows = instances_list.list_instances(
            tx, wanted, after=after_moment(request.args.get("cursor") or None), limit=PAGE + 1
        )
        processes = sorted(deployments.current(tx).deployment.processes)
        shown, following = cut(rows, PAGE, instances_list.place_of)
        places = instances_list.names_of(tx, shown)
    return page(
        "operations/instances.html",
        rows=shown,
        places=places,
        next=following,
        wanted=wanted,
        statuses=_STATUSES,
        processes=processes,
        args=request.args,
    )


def filter_asked() -> instances_list.InstanceFilter:
    """Return which instances the address asks for."""
    args = request.args
    status = args.get("status", "")
    return instances_list.InstanceFilter(
        search=args.get("search", "").strip()[:100],
        process=args.get("process", "")[:120],
        element=args.get("element", "")[:190],
        status=status if status in _STATUSES else "",
        only_stopped=args.get("stopped") == "1",
        started_from=_date(args.get("from")),
        started_to=_date(args.get("to")),
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@blueprint.get("/instances/<uuid:instance_id>")
@signed_in()
def instance_page(instance_id: UUID) -> Response:
    actor = current_actor()
    earlier = whole_number(request.args.get("earlier")) or 0
    with reading(actor.org_id) as tx:
        instance = instances_queries.find(tx, instance_id)
        story = instances_queries.story_of(tx, instance)
        view = instances_queries.get_instance(tx, instance, story)
        visits, before = _some(story.visits, earlier)
        ended = instances_queries.visit_rows(tx, instance, visits)
        lasting_ones = [] if earlier else instances_queries.visit_rows(tx, instance, story.pending[:VISITS])
        variables = _variables(tx, instance, story, actor)
        newer = _newer(tx, instance) if actor.has_role(*ROLES) else None
    return page(
        "operations/instance.html",
        instance=view,
        visits=ended,
        pending=lasting_ones,
        before=before,
        earlier=earlier,
        at_once=VISITS,
        variables=variables,
        newer=newer,
    )


def _newer(tx: Transaction, instance: Instance) -> int | None:
    """Return the number of the deployment that an instance could be migrated to; None if there is none."""
    newest = deployments.current(tx)
    if instance.status not in LIVE or newest.id == instance.deployment_id:
        return None
    return newest.number if instance.process in newest.deployment.processes else None


def _some(visits: list[Any], earlier: int) -> tuple[list[Any], int]:
    """Return a page of visits, `earlier` pages before the last one, and how many stand before it."""
    until = max(len(visits) - earlier * VISITS, 0)
    begins = max(until - VISITS, 0)
    return visits[begins:until], begins


@dataclass(frozen=True, slots=True)
class VariableRow:
    """A variable as a page writes it."""

    variable: Variable
    node: Node
    changes: tuple[tuple[Changed, Node, str | None], ...]


def _variables(
    tx: Transaction, instance: Instance, story: instances_queries.Story, actor: Actor
) -> list[VariableRow] | None:
    """Return the variables in words; None for who may not read them."""
    if not actor.has_role(*READERS):
        return None
    found = variables_of(story.steps)
    names = accounts.names_of(tx, [change.person_id for each in found for change in each.changes])
    return [_row(variable, names) for variable in found]


def _row(variable: Variable, names: Mapping[UUID, str]) -> VariableRow:
    changes = tuple(
        (change, _node(variable.name, change), names.get(change.person_id) if change.person_id else None)
        for change in variable.changes
    )
    return VariableRow(variable, changes[0][1], changes)


def _node(name: str, change: Changed) -> Node:
    return node_of(name, change.value) if change.length is None else Node(name, "long", str(change.length))
