"""/api/v1/messages and /api/v1/signals: what programs say to instances, and what waits for who awaits it."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Response
from flask.views import MethodView

from app.accounts.actor import Actor
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, Schema, body_digest, page_of, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import Transaction, reading
from app.moments import utc_now
from app.operations import messages_queries
from app.operations.instances_api import READERS
from app.orders import idempotency
from app.orders.idempotency import Answer
from app.orders.schemas import IdempotencyHeaders
from app.paging import after_moment, cut
from app.processes import keeping_messages, messages
from app.processes.message_models import MessagePolicy

blueprint = new_blueprint("messages", __name__, "Messages and signals to instances, and messages that wait.")


class SignalIn(Schema):
    """A signal by the name that a diagram gives it."""

    name = Text(required=True, shortest=1, longest=190, metadata={"examples": ["strike.begun"]})
    payload = ma.fields.Dict(
        keys=ma.fields.String(), load_default=dict, metadata={"examples": [{"until": "2027-01-20"}]}
    )


class MessageIn(SignalIn):
    """A message by its name. What else is said narrows down whom it is for.

    `business_key`, an order's number, says for which instance; `correlation` holds the keys that the diagram
    names (they may stand in the payload as well); `instance_id` and `element` name one receiver.
    """

    name = Text(required=True, shortest=1, longest=190, metadata={"examples": ["customs.cleared"]})
    business_key = Text(
        shortest=1, longest=120, load_default=None, allow_none=True, metadata={"examples": ["O-1001"]}
    )
    correlation = ma.fields.Dict(
        keys=ma.fields.String(), load_default=dict, metadata={"examples": [{"invoice": "R-2001"}]}
    )
    instance_id = ma.fields.UUID(load_default=None, allow_none=True)
    element = Text(
        shortest=1, longest=190, load_default=None, allow_none=True, metadata={"examples": ["at_customs"]}
    )


class ConditionsIn(Schema):
    """Variables that a start event's condition may look at; `business_key` becomes the instances'."""

    variables = ma.fields.Dict(
        keys=ma.fields.String(), required=True, metadata={"examples": [{"stock": 3, "least": 5}]}
    )
    business_key = Text(
        shortest=1, longest=120, load_default=None, allow_none=True, metadata={"examples": ["SKU-7"]}
    )


class BegunOut(Schema):
    instance_ids = ma.fields.List(ma.fields.UUID(), required=True)


class HandedOut(Schema):
    """`outcome` is started (an instance began with it) or kept (nobody awaits it yet)."""

    outcome = ma.fields.String(required=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    kept_id = ma.fields.UUID(required=True, allow_none=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class HeardOut(Schema):
    count = ma.fields.Integer(required=True)


class KeptOut(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    business_key = ma.fields.String(required=True, allow_none=True)
    correlation = ma.fields.Dict(keys=ma.fields.String(), required=True)
    payload = ma.fields.Dict(keys=ma.fields.String(), required=True)
    at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)
    sent_by = ma.fields.String(required=True, allow_none=True)
    from_instance = ma.fields.UUID(required=True, allow_none=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    done_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    done_by = ma.fields.String(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)


class KeptQuery(PageQuery):
    all = ma.fields.Boolean(load_default=False, metadata={"description": "Delivered and discarded ones too."})


class ReceiverIn(Schema):
    """Who is to have it; nothing said: the one who awaits it."""

    instance_id = ma.fields.UUID(load_default=None, allow_none=True)
    element = Text(shortest=1, longest=190, load_default=None, allow_none=True)


class ReceiverOut(Schema):
    instance_id = ma.fields.UUID(required=True)


class DiscardIn(Schema):
    reason = Text(required=True, shortest=1, longest=500, metadata={"examples": ["Sent twice"]})


class PolicyIn(Schema):
    """What becomes of messages of this name that nobody awaits; an empty name: of all others."""

    name = Text(load_default="", longest=190, metadata={"examples": ["customs.cleared"]})
    keeps = ma.fields.Boolean(required=True)
    keep_seconds = ma.fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata={"description": "How long; a week unless said.", "examples": [86400]},
    )


class PolicyOut(Schema):
    name = ma.fields.String(required=True)
    keeps = ma.fields.Boolean(required=True)
    keep_seconds = ma.fields.Integer(required=True)


class PoliciesOut(Schema):
    items = ma.fields.List(ma.fields.Nested(PolicyOut), required=True)


_HANDED = HandedOut()
_STATUSES = {"delivered": 204, "started": 201, "kept": 202}


@blueprint.route("/messages")
class Messages(MethodView):
    @allowed("operations:read", *READERS)
    @blueprint.arguments(KeptQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(KeptOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the messages that nobody awaited when they came, the newest first."""
        actor, limit = current_actor(), query["limit"]
        with reading(actor.org_id) as tx:
            rows = messages_queries.list_kept(
                tx,
                utc_now(),
                everything=query["all"],
                after=after_moment(query["cursor"]),
                limit=limit + 1,
            )
        page, following = cut(rows, limit, lambda row: (row.at, row.id))
        return {"items": page, "next": following}

    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(IdempotencyHeaders, location="headers")
    @blueprint.arguments(MessageIn)
    @refusals(blueprint, 401, 403, 409, 422)
    @blueprint.alt_response(201, schema=HandedOut, description="An instance began with it.")
    @blueprint.alt_response(202, schema=HandedOut, description="Nobody awaits it: it is kept.")
    @blueprint.response(204)
    def post(self, headers: dict[str, Any], given: dict[str, Any]) -> Response:
        """Hand a message to the one who awaits it; its payload becomes variables there.

        Where nobody does, a process that starts with it begins (201); else it is kept (202) or refused (409),
        as the organisation decided of messages of this name. Where several await it, it is refused: say for
        whom it is.
        """
        send = partial(_send, actor=current_actor(), given=given)
        return _once("POST /api/v1/messages", headers["key"], send)


@blueprint.route("/messages/<uuid:message_id>/deliver")
class Deliver(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(ReceiverIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, ReceiverOut)
    def post(self, given: dict[str, Any], message_id: UUID) -> dict[str, Any]:
        """Give a kept message to who awaits it, also after its time."""
        actor, instance_id, element = current_actor(), given["instance_id"], given["element"]
        return {"instance_id": keeping_messages.redeliver(actor, message_id, instance_id, element)}


@blueprint.route("/messages/<uuid:message_id>/discard")
class Discard(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(DiscardIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(204)
    def post(self, given: dict[str, Any], message_id: UUID) -> None:
        """Give a kept message up; it stays in the list of what was."""
        keeping_messages.discard(current_actor(), message_id, given["reason"])


@blueprint.route("/message-policies")
class Policies(MethodView):
    @allowed("operations:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, PoliciesOut)
    def get(self) -> dict[str, list[MessagePolicy]]:
        """List what was decided of messages that nobody awaits; without a decision they are refused."""
        with reading(current_actor().org_id) as tx:
            return {"items": messages_queries.list_policies(tx)}

    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(PolicyIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any]) -> None:
        """Decide what becomes of messages of a name that nobody awaits, or of all others."""
        actor, name = current_actor(), given["name"]
        keeping_messages.set_policy(actor, name, given["keeps"], given["keep_seconds"])


@blueprint.route("/signals")
class Signals(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(IdempotencyHeaders, location="headers")
    @blueprint.arguments(SignalIn)
    @refusals(blueprint, 401, 403, 409, 422)
    @blueprint.response(200, HeardOut)
    def post(self, headers: dict[str, Any], given: dict[str, Any]) -> Response:
        """Hand a signal to everybody who awaits it now, and begin what starts with it; say how many."""
        cry = partial(_cry, actor=current_actor(), given=given)
        return _once("POST /api/v1/signals", headers["key"], cry)


@blueprint.route("/conditions")
class Conditions(MethodView):
    @allowed("operations:write", Role.OPERATOR)
    @blueprint.arguments(IdempotencyHeaders, location="headers")
    @blueprint.arguments(ConditionsIn)
    @refusals(blueprint, 401, 403, 409, 422)
    @blueprint.response(200, BegunOut)
    def post(self, headers: dict[str, Any], given: dict[str, Any]) -> Response:
        """Begin every process that starts on a condition which these variables meet; say which instances."""
        tell = partial(_tell, actor=current_actor(), given=given)
        return _once("POST /api/v1/conditions", headers["key"], tell)


def _tell(tx: Transaction | None, *, actor: Actor, given: dict[str, Any]) -> Answer:
    begun = messages.tell(tx, actor, given["variables"], given["business_key"])
    return Answer(200, {"instance_ids": [str(each) for each in begun]})


def _send(tx: Transaction | None, *, actor: Actor, given: dict[str, Any]) -> Answer:
    said = {**given}
    name, payload = said.pop("name"), said.pop("payload")
    handed = (
        messages.deliver(actor, name, payload, **said)
        if tx is None
        else messages.deliver_in(tx, actor, name, payload, **said)
    )
    status = _STATUSES[handed.outcome]
    return Answer(status, {} if status == 204 else dict(_HANDED.dump(handed)))


def _cry(tx: Transaction | None, *, actor: Actor, given: dict[str, Any]) -> Answer:
    name, payload = given["name"], given["payload"]
    if tx is None:
        return Answer(200, {"count": messages.broadcast(actor, name, payload)})
    return Answer(200, {"count": messages.broadcast_in(tx, actor, name, payload)})


def _once(operation: str, key: str | None, work: Any) -> Response:
    """Do it; what comes again under its key is answered as it was the first time."""
    if key is None:
        answer = work(None)
    else:
        org_id, digest = current_actor().org_id, body_digest()
        answer = idempotency.answer_once(org_id, key, operation, digest, work)
    if answer.status == 204:
        return Response(status=204)
    return Response(orjson.dumps(answer.body), answer.status, mimetype="application/json")
