"""What the API says of observations."""

from __future__ import annotations

import marshmallow as ma

from app.api import PageQuery, Schema, page_of
from app.api_fields import Text
from app.needs.observations.commands import MOST_AT_ONCE
from app.needs.observations.models import ObservedKind


class ObservationIn(Schema):
    """What a customer did; needs a text or a product. The same `key` again is the same observation."""

    customer_id = ma.fields.UUID(required=True)
    kind = ma.fields.Enum(ObservedKind, by_value=True, required=True, metadata={"examples": ["asked"]})
    product_id = ma.fields.UUID(load_default=None, allow_none=True)
    text = Text(load_default="", longest=4000, metadata={"examples": ["Is there one in oak?"]})
    source = Text(load_default="api", longest=40, shortest=1, metadata={"examples": ["shop"]})
    key = Text(load_default=None, allow_none=True, longest=120, metadata={"examples": ["shop-4711"]})
    at = ma.fields.AwareDateTime(load_default=None, allow_none=True, metadata={"examples": [None]})


class ObservationsIn(Schema):
    """All of these are kept, or none."""

    items = ma.fields.List(
        ma.fields.Nested(ObservationIn), required=True, validate=ma.validate.Length(1, MOST_AT_ONCE)
    )


class NotedOut(Schema):
    """`is_new` is false where the key was known: nothing was kept twice."""

    id = ma.fields.UUID(required=True)
    is_new = ma.fields.Boolean(required=True)


class AllNotedOut(Schema):
    items = ma.fields.List(ma.fields.Nested(NotedOut), required=True)


class ObservationOut(Schema):
    id = ma.fields.UUID(required=True)
    customer_id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True)
    product_id = ma.fields.UUID(required=True, allow_none=True)
    product = ma.fields.String(required=True, allow_none=True)
    text = ma.fields.String(required=True)
    source = ma.fields.String(required=True)
    key = ma.fields.String(required=True, allow_none=True)
    person = ma.fields.String(required=True, allow_none=True)
    need_id = ma.fields.UUID(required=True, allow_none=True)
    at = ma.fields.AwareDateTime(required=True)


ObservationPage = page_of(ObservationOut)


class ObservationQuery(PageQuery):
    customer_id = ma.fields.UUID(load_default=None)
    product_id = ma.fields.UUID(load_default=None)
    kind = ma.fields.Enum(ObservedKind, by_value=True, load_default=None)
    since = ma.fields.Date(load_default=None)
    until = ma.fields.Date(load_default=None)


class HappeningOut(Schema):
    """`kind`: observed, need or feedback; `number` is the need's or the order's."""

    at = ma.fields.AwareDateTime(required=True)
    kind = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    observation = ma.fields.Nested(ObservationOut, required=True, allow_none=True)
    need_id = ma.fields.UUID(required=True, allow_none=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    score = ma.fields.Integer(required=True, allow_none=True)


class CustomerTimelineOut(Schema):
    items = ma.fields.List(ma.fields.Nested(HappeningOut), required=True)
