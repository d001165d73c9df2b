"""The inbox over HTTP."""

from __future__ import annotations

import marshmallow as ma

from app.api import PageQuery, Schema, page_of
from app.api_fields import Money, Text
from app.inbox.queries import View


class InboxQuery(PageQuery):
    """Which items: a view, and a text to find in title, number or customer."""

    view = ma.fields.Enum(View, by_value=True, load_default=View.ALL)
    search = Text(longest=100, load_default="")


class ItemRow(Schema):
    """An open work item, as the list shows it."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True, metadata={"description": "What is asked: the step's name."})
    element = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    number = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True, allow_none=True)
    total = Money(required=True, allow_none=True)
    currency = ma.fields.String(required=True, allow_none=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    instance_id = ma.fields.UUID(required=True)
    form = ma.fields.String(required=True, allow_none=True)
    assignee_id = ma.fields.UUID(required=True, allow_none=True)
    opened_at = ma.fields.AwareDateTime(required=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    priority = ma.fields.Integer(required=True)
    is_held = ma.fields.Boolean(
        required=True, metadata={"description": "Decided, and in force in a few seconds."}
    )


ItemPage = page_of(ItemRow)


class ChoiceOut(Schema):
    value = ma.fields.Raw(required=True)
    label = ma.fields.String(required=True)
    asks_why = ma.fields.Boolean(required=True)


class FormOut(Schema):
    key = ma.fields.String(required=True)
    field = ma.fields.String(required=True, allow_none=True)
    question = ma.fields.String(required=True)
    choices = ma.fields.List(ma.fields.Nested(ChoiceOut), required=True)


class ItemOut(ItemRow):
    """A work item whole: why it is yours, what happens next, and the form that completes it."""

    version = ma.fields.Integer(required=True)
    status = ma.fields.String(required=True)
    process = ma.fields.String(required=True)
    consequence = ma.fields.String(required=True)
    why = ma.fields.List(ma.fields.String(), required=True)
    teams = ma.fields.List(ma.fields.String(), required=True)
    assignee_name = ma.fields.String(required=True, allow_none=True)
    may_decide = ma.fields.Boolean(required=True)
    may_not_because = ma.fields.String(required=True, allow_none=True)
    form_fields = ma.fields.Nested(FormOut, required=True)
    held_until = ma.fields.AwareDateTime(required=True, allow_none=True)
    requester_name = ma.fields.String(required=True, allow_none=True)
    done_by_name = ma.fields.String(required=True, allow_none=True)
    done_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    outcome = ma.fields.Dict(required=True, allow_none=True)


class DecisionIn(Schema):
    """The form's values; `hold` lets the decision be taken back for a few seconds."""

    result = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"examples": [{"decision": "approved", "comment": "Within the budget."}]},
    )
    hold = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class OpenedOut(Schema):
    id = ma.fields.UUID(required=True)
    element = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    form = ma.fields.String(required=True, allow_none=True)


class MovedInstanceOut(Schema):
    id = ma.fields.UUID(required=True)
    revision = ma.fields.Integer(required=True)
    finished = ma.fields.Boolean(required=True)


class DecidedOut(Schema):
    """What the decision led to; `in_force_at` is null when it counts already."""

    id = ma.fields.UUID(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["done", "held"]))
    in_force_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    instance = ma.fields.Nested(MovedInstanceOut, required=True)
    next = ma.fields.List(ma.fields.Nested(OpenedOut), required=True)


class CountsOut(Schema):
    """How many items each view holds; 100 stands for "100 or more"."""

    all = ma.fields.Integer(required=True)
    mine = ma.fields.Integer(required=True)
    teams = ma.fields.Integer(required=True)
    today = ma.fields.Integer(required=True)
    late = ma.fields.Integer(required=True)
