"""What the API says of instances."""

from __future__ import annotations

import marshmallow as ma

from app.api import PageQuery, Schema
from app.operations.api import IncidentOut
from app.processes.models import InstanceStatus


class CallOut(Schema):
    id = ma.fields.UUID(required=True)
    handler = ma.fields.String(required=True)
    element = ma.fields.String(required=True, allow_none=True)
    status = ma.fields.String(required=True)
    attempts = ma.fields.Integer(required=True)
    error = ma.fields.String(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(required=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    finished_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class InstanceQuery(PageQuery):
    """`element` is one that holds a token now, in `process` or in a process that the instance called."""

    search = ma.fields.String(load_default="", validate=ma.validate.Length(max=100))
    process = ma.fields.String(load_default="", validate=ma.validate.Length(max=120))
    element = ma.fields.String(load_default="", validate=ma.validate.Length(max=190))
    status = ma.fields.String(
        load_default="", validate=ma.validate.OneOf([status.name.lower() for status in InstanceStatus])
    )
    stopped = ma.fields.Boolean(load_default=False, metadata={"description": "With an open incident only."})
    started_from = ma.fields.Date(load_default=None)
    started_to = ma.fields.Date(load_default=None)


class InstanceRowOut(Schema):
    id = ma.fields.UUID(required=True)
    process = ma.fields.String(required=True)
    business_key = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    status = ma.fields.String(required=True)
    deployment_number = ma.fields.Integer(required=True)
    started_at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    places = ma.fields.List(ma.fields.String(), required=True)
    incidents = ma.fields.Integer(required=True)


class PlaceOut(Schema):
    """An element that holds tokens."""

    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    since = ma.fields.AwareDateTime(required=True, allow_none=True)


class TimerOut(Schema):
    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    due_at = ma.fields.AwareDateTime(required=True)
    every = ma.fields.String(required=True, allow_none=True)


class AwaitOut(Schema):
    kind = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    element = ma.fields.String(required=True)


class WaitingItemOut(Schema):
    """An open work item; `whom` are the names of the people or teams who may take it."""

    item_id = ma.fields.UUID(required=True)
    element = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    whom = ma.fields.List(ma.fields.String(), required=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class StepOut(Schema):
    """One advance: who caused it, why, and its events."""

    revision = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    person = ma.fields.String(required=True, allow_none=True)
    cause = ma.fields.String(required=True)
    events = ma.fields.List(ma.fields.Dict(), required=True)


class InstanceOut(Schema):
    id = ma.fields.UUID(required=True)
    process = ma.fields.String(required=True)
    business_key = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    status = ma.fields.String(required=True)
    revision = ma.fields.Integer(required=True)
    deployment_number = ma.fields.Integer(required=True)
    started_at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    end_event = ma.fields.String(required=True, allow_none=True)
    tokens = ma.fields.List(ma.fields.List(ma.fields.String()), required=True)
    next_due = ma.fields.AwareDateTime(required=True, allow_none=True)
    places = ma.fields.List(ma.fields.Nested(PlaceOut), required=True)
    timers = ma.fields.List(ma.fields.Nested(TimerOut), required=True)
    awaits = ma.fields.List(ma.fields.Nested(AwaitOut), required=True)
    items = ma.fields.List(ma.fields.Nested(WaitingItemOut), required=True)
    calls = ma.fields.List(ma.fields.Nested(CallOut), required=True)
    incidents = ma.fields.List(ma.fields.Nested(IncidentOut), required=True)
    steps = ma.fields.List(ma.fields.Nested(StepOut), required=True)


class VisitOut(Schema):
    """An element from its beginning to its end.

    `how` is completed or cancelled, and empty while it lasts. `loop` numbers the parts of a repeated activity
    from nought; `is_whole` is what holds them together.
    """

    process = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    loop = ma.fields.Integer(required=True, allow_none=True)
    is_whole = ma.fields.Boolean(required=True)
    entered_at = ma.fields.AwareDateTime(required=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    seconds = ma.fields.Float(required=True, allow_none=True)
    how = ma.fields.String(required=True)
    person = ma.fields.String(required=True, allow_none=True)


class VisitsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(VisitOut), required=True)


class VariableChangeOut(Schema):
    value = ma.fields.Raw(required=True, allow_none=True)
    length = ma.fields.Integer(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)
    revision = ma.fields.Integer(required=True)
    cause = ma.fields.String(required=True)
    person = ma.fields.String(required=True, allow_none=True)


class VariableOut(Schema):
    """A variable and its last changes; `length` is of a value that was too long to keep, which is null."""

    process = ma.fields.String(required=True)
    scope = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    value = ma.fields.Raw(required=True, allow_none=True)
    length = ma.fields.Integer(required=True, allow_none=True)
    count = ma.fields.Integer(required=True)
    changes = ma.fields.List(ma.fields.Nested(VariableChangeOut), required=True)


class VariablesOut(Schema):
    items = ma.fields.List(ma.fields.Nested(VariableOut), required=True)
