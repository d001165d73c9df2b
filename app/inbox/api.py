"""/api/v1/inbox: what waits for the caller, and the verbs that decide it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.api import blueprint as new_blueprint
from app.api import refusals
from app.database import reading
from app.inbox import commands, queries
from app.inbox.schemas import CountsOut, DecidedOut, DecisionIn, InboxQuery, ItemOut, ItemPage
from app.moments import utc_now
from app.paging import after_moment, cut

blueprint = new_blueprint("inbox", __name__, "Work items that wait for a person, and their decisions.")


@blueprint.route("/inbox")
class Inbox(MethodView):
    @allowed("inbox:read")
    @blueprint.arguments(InboxQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, ItemPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the open items of a view, the most urgent first."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            rows = queries.list_items(
                tx,
                actor,
                query["view"],
                now=utc_now(),
                search=query["search"],
                after=after_moment(query["cursor"]),
                limit=query["limit"] + 1,
            )
        page, following = cut(rows, query["limit"], queries.cursor_of)
        return {"items": page, "next": following}


@blueprint.route("/inbox/counts")
class Counts(MethodView):
    @allowed("inbox:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, CountsOut)
    def get(self) -> dict[str, int]:
        """Count the items of each view, up to 100."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return queries.count_items(tx, actor, utc_now())


@blueprint.route("/inbox/<uuid:item_id>")
class OneItem(MethodView):
    @allowed("inbox:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, ItemOut)
    def get(self, item_id: UUID) -> dict[str, Any]:
        """Return one work item with its reasons and its form."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            item = queries.get_item(tx, actor, item_id)
        values = asdict(item)
        return {**values.pop("row"), **values, "form": item.row.form, "form_fields": item.form}


@blueprint.route("/inbox/<uuid:item_id>/complete")
class Completion(MethodView):
    @allowed("inbox:write")
    @blueprint.arguments(DecisionIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, DecidedOut)
    def post(self, given: dict[str, Any], item_id: UUID) -> dict[str, Any]:
        """Decide: complete the item with its form's values."""
        decided = commands.decide(current_actor(), item_id, given["result"], hold=given["hold"])
        return answer(decided)


def answer(decided: commands.Decided) -> dict[str, Any]:
    """Return a decision's outcome in the shape of DecidedOut."""
    return {
        "id": decided.item_id,
        "status": "held" if decided.in_force_at else "done",
        "in_force_at": decided.in_force_at,
        "instance": {
            "id": decided.instance_id,
            "revision": decided.revision,
            "finished": decided.finished,
        },
        "next": decided.next,
    }


@blueprint.route("/inbox/<uuid:item_id>/undo")
class Undo(MethodView):
    @allowed("inbox:write")
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, item_id: UUID) -> None:
        """Take one's own held decision back."""
        commands.take_back(current_actor(), item_id)


@blueprint.route("/inbox/<uuid:item_id>/claim")
class Claim(MethodView):
    @allowed("inbox:write")
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, item_id: UUID) -> None:
        """Take a team's item for oneself."""
        commands.claim(current_actor(), item_id)


@blueprint.route("/inbox/<uuid:item_id>/release")
class Release(MethodView):
    @allowed("inbox:write")
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def post(self, item_id: UUID) -> None:
        """Give a claimed item back to its team."""
        commands.release(current_actor(), item_id)
