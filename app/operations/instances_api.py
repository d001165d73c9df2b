"""/api/v1/instances: which run, where one stands, what it waits for, how it came there, what it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts import queries as accounts
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import page_of, refusals
from app.database import Transaction, reading
from app.operations import instances_list, instances_queries, instances_schemas
from app.operations.instances_history import steps_of
from app.operations.instances_variables import Variable, variables_of
from app.paging import after_moment, cut
from rules import feel

# Who may read what instances hold: some of it is what people entered.
READERS = (Role.OPERATOR, Role.PROCESS_OWNER, Role.AUDITOR)
MOST_VISITS = 1_000

blueprint = new_blueprint(
    "instances", __name__, "Instances that run or ran: where they stand and how they came there."
)


@blueprint.route("/instances")
class Instances(MethodView):
    @allowed("operations:read")
    @blueprint.arguments(instances_schemas.InstanceQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(instances_schemas.InstanceRowOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List instances, the newest first."""
        actor = current_actor()
        wanted = instances_list.InstanceFilter(
            search=query["search"],
            process=query["process"],
            element=query["element"],
            status=query["status"],
            only_stopped=query["stopped"],
            started_from=query["started_from"],
            started_to=query["started_to"],
        )
        with reading(actor.org_id) as tx:
            rows = instances_list.list_instances(
                tx, wanted, after=after_moment(query["cursor"]), limit=query["limit"] + 1
            )
        page, following = cut(rows, query["limit"], instances_list.place_of)
        return {"items": page, "next": following}


@blueprint.route("/instances/<uuid:instance_id>")
class OneInstance(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, instances_schemas.InstanceOut)
    def get(self, instance_id: UUID) -> dict[str, Any]:
        """Return an instance: where it stands, what it waits for, its calls and every step it took."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            instance = instances_queries.find(tx, instance_id)
            story = instances_queries.story_of(tx, instance)
            view = instances_queries.get_instance(tx, instance, story)
            names = accounts.names_of(tx, [step.person_id for step in story.steps])
            steps = [
                {
                    "revision": step.revision,
                    "at": step.at,
                    "person": names.get(step.person_id) if step.person_id else None,
                    "cause": step.cause,
                    "events": step.events,
                }
                for step in story.steps
            ]
            return {
                **{name: getattr(view, name) for name in view.__slots__},
                "tokens": instance.standing.get("tokens", []),
                "next_due": view.timers[0].due_at if view.timers else None,
                "steps": steps,
            }


@blueprint.route("/instances/<uuid:instance_id>/timeline")
class Timeline(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, instances_schemas.VisitsOut)
    def get(self, instance_id: UUID) -> dict[str, Any]:
        """Return how long the instance was at each element, as it left them; the last 1,000 visits."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            instance = instances_queries.find(tx, instance_id)
            story = instances_queries.story_of(tx, instance)
            visits = [*story.visits, *story.pending][-MOST_VISITS:]
            rows = instances_queries.visit_rows(tx, instance, visits)
        return {"items": list(map(_visit, rows))}


def _visit(row: instances_queries.VisitRow) -> dict[str, Any]:
    visit = row.visit
    kept = ("process", "element", "loop", "is_whole", "entered_at", "ended_at", "seconds", "how")
    return {**{name: getattr(visit, name) for name in kept}, "kind": row.kind, "person": row.person}


@blueprint.route("/instances/<uuid:instance_id>/variables")
class Variables(MethodView):
    @allowed("operations:read", *READERS)
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, instances_schemas.VariablesOut)
    def get(self, instance_id: UUID) -> dict[str, Any]:
        """Return the variables of the instance and of the processes that it called, with their changes."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            instance = instances_queries.find(tx, instance_id)
            found = variables_of(steps_of(tx, instance.id, until=instance.revision))
            return {"items": list(_variables(tx, found))}


def _variables(tx: Transaction, found: list[Variable]) -> Iterator[Mapping[str, Any]]:
    names = accounts.names_of(tx, [change.person_id for each in found for change in each.changes])
    for variable in found:
        changes = [
            {
                "value": feel.to_plain_json(change.value),
                "length": change.length,
                "at": change.at,
                "revision": change.revision,
                "cause": change.cause,
                "person": names.get(change.person_id) if change.person_id else None,
            }
            for change in variable.changes
        ]
        yield {
            "process": variable.process,
            "scope": variable.scope,
            "name": variable.name,
            "value": changes[0]["value"],
            "length": changes[0]["length"],
            "count": variable.count,
            "changes": changes,
        }
