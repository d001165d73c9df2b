"""Orders over HTTP: what may be sent, and what is answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import marshmallow as ma

from app.api import PageQuery, Schema, page_of
from app.api_fields import Currency, Measure, Money, Text
from app.orders.models import OrderStatus

QUANTITY = r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,4})?$"
PRICE = r"^(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?$"
PERCENT = r"^(100(\.0{1,4})?|(0|[1-9][0-9]?)(\.[0-9]{1,4})?)$"
MOST_LINES = 200
EXAMPLE_ID = "0199c0de-0000-7000-8000-000000000001"


def _amount(pattern: str, example: str, high: Decimal, **kwargs: Any) -> Money:
    return Money(low=Decimal(0), high=high, metadata={"pattern": pattern, "examples": [example]}, **kwargs)


class LineIn(Schema):
    """A line; what is left out comes from the product."""

    product_id = ma.fields.UUID(load_default=None, allow_none=True, metadata={"examples": [EXAMPLE_ID]})
    quantity = _amount(QUANTITY, "12", Decimal("999999.9999"), required=True)
    unit_price = _amount(PRICE, "262.00", Decimal("9999999.9999"), load_default=None, allow_none=True)
    discount_percent = _amount(PERCENT, "5", Decimal(100), load_default=Decimal(0))
    description = Text(longest=255, load_default=None, allow_none=True)


_FEW_ENOUGH = ma.validate.Length(max=MOST_LINES)


class OrderIn(Schema):
    """A new order, to preview."""

    title = Text(load_default="", metadata={"examples": ["Chairs for the second floor"]})
    customer_id = ma.fields.UUID(required=True, metadata={"examples": [EXAMPLE_ID]})
    currency = Currency(
        load_default=None,
        allow_none=True,
        metadata={"description": "The organisation's, which is the default."},
    )
    lines = ma.fields.List(ma.fields.Nested(LineIn), load_default=list, validate=_FEW_ENOUGH)
    wanted_on = ma.fields.Date(load_default=None, allow_none=True, metadata={"examples": ["2027-01-15"]})
    note = Text(longest=4000, load_default="")


class NewOrderIn(OrderIn):
    """A new order; with `submit` it is submitted in the same breath, or nothing is kept of it."""

    submit = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ChangeIn(Schema):
    """What is new in a draft; what is left out stays. Lines are replaced as a whole."""

    title = Text(shortest=1)
    customer_id = ma.fields.UUID()
    lines = ma.fields.List(ma.fields.Nested(LineIn), validate=_FEW_ENOUGH)
    wanted_on = ma.fields.Date(allow_none=True)
    note = Text(longest=4000)


class IdempotencyHeaders(ma.Schema):
    """The same key with the same body gives the same answer again; with another body it is refused."""

    class Meta:
        unknown = ma.EXCLUDE

    key = ma.fields.String(
        data_key="Idempotency-Key",
        load_default=None,
        validate=ma.validate.Regexp(r"^[\x21-\x7e]{1,120}\Z"),
        metadata={"examples": ["erp-4711"]},
    )


class VersionHeaders(ma.Schema):
    """The ETag of the version that the caller has edited; without it the last writer wins."""

    class Meta:
        unknown = ma.EXCLUDE

    version = ma.fields.String(data_key="If-Match", metadata={"examples": ['"3"']})


class OrderQuery(PageQuery):
    """Which orders; several `status` widen, everything else narrows."""

    search = Text(longest=100, load_default="")
    status = ma.fields.List(ma.fields.Enum(OrderStatus, by_value=True), load_default=list)
    customer_id = ma.fields.UUID(load_default=None)
    requester_id = ma.fields.UUID(load_default=None)
    entered_from = ma.fields.Date(load_default=None)
    entered_to = ma.fields.Date(load_default=None)
    total_from = Money(load_default=None)
    total_to = Money(load_default=None)


class ExportQuery(OrderQuery):
    """As the list's, but all pages at once; with `pseudonyms` nobody is named."""

    class Meta(Schema.Meta):
        exclude = ("limit", "cursor")

    pseudonyms = ma.fields.Boolean(load_default=False)


class WaitingOut(Schema):
    """An open work item of the order."""

    item_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    element = ma.fields.String(required=True)
    whom = ma.fields.List(ma.fields.String(), required=True)
    due_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class OrderRowOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf([s.value for s in OrderStatus]))
    customer_id = ma.fields.UUID(required=True)
    customer_name = ma.fields.String(required=True)
    requester_id = ma.fields.UUID(required=True)
    requester_name = ma.fields.String(required=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    currency = ma.fields.String(required=True)
    subtotal = Money(required=True)
    discount = Money(required=True)
    tax = Money(required=True)
    total = Money(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    submitted_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    ended_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    waiting = ma.fields.List(ma.fields.Nested(WaitingOut), required=True)


OrderPage = page_of(OrderRowOut)


class LineOut(Schema):
    position = ma.fields.Integer(required=True)
    product_id = ma.fields.UUID(required=True, allow_none=True)
    sku = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    quantity = Measure(required=True)
    unit_price = Money(required=True)
    discount_percent = Measure(required=True)
    tax_percent = Measure(required=True)
    net = Money(required=True)
    tax = Money(required=True)


class MilestoneOut(Schema):
    milestone = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    person_name = ma.fields.String(required=True, allow_none=True)


class StandingOut(Schema):
    """A diagram of the instance: elements that hold a token now, and those that were passed."""

    process = ma.fields.String(required=True)
    file = ma.fields.String(required=True)
    deployment_number = ma.fields.Integer(required=True)
    lit = ma.fields.List(ma.fields.String(), required=True)
    passed = ma.fields.List(ma.fields.String(), required=True)


class OrderOut(OrderRowOut):
    """An order whole; its version is also its ETag."""

    need_id = ma.fields.UUID(required=True, allow_none=True)
    net = Money(required=True)
    discount_percent = Measure(required=True)
    margin_percent = Measure(required=True)
    wanted_on = ma.fields.Date(required=True, allow_none=True)
    promised_on = ma.fields.Date(required=True, allow_none=True)
    note = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)
    archived_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineOut), required=True)
    milestones = ma.fields.List(ma.fields.Nested(MilestoneOut), required=True)
    standing = ma.fields.List(ma.fields.Nested(StandingOut), required=True)
    open_incidents = ma.fields.Integer(required=True)


class CancelIn(Schema):
    reason = Text(required=True, shortest=1, longest=2000, metadata={"examples": ["Ordered twice."]})


class CommentIn(Schema):
    text = Text(required=True, shortest=1, longest=4000, metadata={"examples": ["The customer called."]})


class CommentOut(Schema):
    id = ma.fields.UUID(required=True)
    order_id = ma.fields.UUID(required=True)
    person_id = ma.fields.UUID(required=True)
    person_name = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
