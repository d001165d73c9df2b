"""Needs over HTTP."""

from __future__ import annotations

from decimal import Decimal

import marshmallow as ma

from app.api import PageQuery, Schema, page_of
from app.api_fields import Currency, Measure, Money, Sentence, Text
from app.needs import commands
from app.needs.models import LONGEST_STAGE
from app.needs.queries import Bucket

ZERO, MOST = Decimal(0), commands.MOST


class NeedIn(Schema):
    need_type = Text(longest=80, shortest=1, metadata={"examples": ["office furniture"]})
    text = Text(longest=4000, shortest=1, metadata={"examples": ["Twelve chairs before the move"]})
    customer_id = ma.fields.UUID(allow_none=True)
    customer_name = Text(longest=190)
    channel = Text(longest=40, shortest=1)
    quantity = Measure(low=ZERO, high=MOST, metadata={"examples": ["12"]})
    value = Money(low=ZERO, high=MOST)
    currency = Currency()
    owner_id = ma.fields.UUID(allow_none=True)
    next_step = Text(longest=190, metadata={"examples": ["Call about the colours"]})
    due_on = ma.fields.Date(allow_none=True)


class NewNeed(NeedIn):
    need_type = Text(required=True, longest=80, shortest=1, metadata={"examples": ["lighting"]})
    text = Text(required=True, longest=4000, shortest=1, metadata={"examples": ["Twenty desk lamps"]})
    currency = Currency(metadata={"description": "The organisation's, where it is left out."})


class NeedOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    need_type = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    customer_id = ma.fields.UUID(required=True, allow_none=True)
    customer_name = ma.fields.String(required=True)
    channel = ma.fields.String(required=True)
    quantity = Measure(required=True)
    value = Money(required=True)
    currency = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    lost_reason = ma.fields.String(required=True)
    owner_id = ma.fields.UUID(required=True, allow_none=True)
    next_step = ma.fields.String(required=True)
    due_on = ma.fields.Date(required=True, allow_none=True)
    stage_since = ma.fields.AwareDateTime(required=True, allow_none=True)
    closed_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    merged_into_id = ma.fields.UUID(required=True, allow_none=True)
    version = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    updated_at = ma.fields.AwareDateTime(required=True)


NeedPage = page_of(NeedOut)


class NeedEventOut(Schema):
    """What happened; `of` is the number of the merged need that it happened to, else empty."""

    at = ma.fields.AwareDateTime(required=True)
    person = ma.fields.String(required=True, allow_none=True)
    kind = ma.fields.String(required=True)
    from_status = ma.fields.String(required=True, allow_none=True)
    to_status = ma.fields.String(required=True, allow_none=True)
    text = ma.fields.String(required=True)
    of = ma.fields.String(required=True)


class InvoicedOut(Schema):
    number = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    total = Money(required=True)
    due_on = ma.fields.Date(required=True)
    paid_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class OutcomeOut(Schema):
    """The order that was made of a need, its invoices, and the customer's score from 1 to 5."""

    order_id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    status = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    total = Money(required=True)
    invoices = ma.fields.List(ma.fields.Nested(InvoicedOut), required=True)
    score = ma.fields.Integer(required=True, allow_none=True)


class NeedOriginOut(Schema):
    """What a need came of: an observation of its customer, or feedback on an order."""

    kind = ma.fields.String(required=True)
    source_id = ma.fields.UUID(required=True)
    order_id = ma.fields.UUID(required=True, allow_none=True)
    order_number = ma.fields.String(required=True, allow_none=True)


class NeedConsentOut(Schema):
    """What the sender of a public form agreed to: the very text that they saw."""

    version = ma.fields.Integer(required=True)
    language = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    given_at = ma.fields.AwareDateTime(required=True)


class NeedDetailOut(NeedOut):
    """A need with everything that happened to it, oldest first, and the stages to which it can go now."""

    possible = ma.fields.List(ma.fields.String(), required=True)
    owner_name = ma.fields.String(required=True, allow_none=True)
    merged = ma.fields.List(ma.fields.Nested(NeedOut), required=True)
    outcome = ma.fields.Nested(OutcomeOut, required=True, allow_none=True)
    origin = ma.fields.Nested(NeedOriginOut, required=True, allow_none=True)
    consent = ma.fields.Nested(NeedConsentOut, required=True, allow_none=True)
    events = ma.fields.List(ma.fields.Nested(NeedEventOut), required=True)


class NeedFilterQuery(Schema):
    search = Text(longest=100, load_default="")
    need_type = Text(longest=80, load_default="")
    status = Text(longest=LONGEST_STAGE, load_default="")
    channel = Text(longest=40, load_default="")
    customer_id = ma.fields.UUID(load_default=None)
    owner_id = ma.fields.UUID(load_default=None)
    since = ma.fields.Date(load_default=None)
    until = ma.fields.Date(load_default=None)
    open = ma.fields.Boolean(load_default=False)
    overdue = ma.fields.Boolean(load_default=False)
    theme = Text(longest=20, load_default="")
    customer_segment = Text(longest=20, load_default="")


class NeedQuery(NeedFilterQuery, PageQuery):
    """A page of the needs that fit."""


class NeedExportQuery(NeedFilterQuery):
    """As the list's, but all pages at once; with `pseudonyms` nobody is named."""

    pseudonyms = ma.fields.Boolean(load_default=False)


class AnalysisQuery(NeedFilterQuery):
    bucket = ma.fields.Enum(Bucket, by_value=True, load_default=Bucket.MONTH)


class CellOut(Schema):
    starts_on = ma.fields.Date(required=True)
    need_type = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    value = Money(required=True)


class TotalOut(Schema):
    need_type = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    value = Money(required=True)


class AnalysisOut(Schema):
    """Needs counted and added up by type: over time, and altogether."""

    bucket = ma.fields.Enum(Bucket, by_value=True, required=True)
    cells = ma.fields.List(ma.fields.Nested(CellOut), required=True)
    totals = ma.fields.List(ma.fields.Nested(TotalOut), required=True)


class SavedNeedOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class MoveIn(Schema):
    """Where a need goes; a loss needs its reason. A need is won by making an order of it."""

    status = Text(required=True, longest=LONGEST_STAGE, shortest=1, metadata={"examples": ["qualified"]})
    reason = Text(longest=190, load_default="")


class NoteIn(Schema):
    text = Text(required=True, longest=4000, shortest=1)


class MakeOrderIn(Schema):
    """Who orders, where the need does not say it."""

    customer_id = ma.fields.UUID(load_default=None, allow_none=True)


class MadeOrderOut(Schema):
    order_id = ma.fields.UUID(required=True)


class RemarkOut(Schema):
    """What is to be said of a row: its line (the header is line 1), the column, and a sentence for people."""

    line = ma.fields.Integer(required=True)
    column = ma.fields.String(required=True)
    message = Sentence(required=True)


class ImportOut(Schema):
    """How many rows were read and kept. `problems`: the first thousand reasons why rows were not, by line.

    `notices`: the first thousand rows that were kept in doubt: their customer is not known, or several are
    called so, and the need keeps the name as text. `noticed` counts all of them.
    `repeats`: the first thousand rows that an earlier import kept, and that this one did not double; `known`
    counts all of them. `ignored_columns`: columns that are none of ours; nothing of them was kept.
    """

    read = ma.fields.Integer(required=True)
    kept = ma.fields.Integer(required=True)
    bad = ma.fields.Integer(required=True)
    noticed = ma.fields.Integer(required=True)
    known = ma.fields.Integer(required=True)
    problems = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    notices = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    repeats = ma.fields.List(ma.fields.Nested(RemarkOut), required=True)
    ignored_columns = ma.fields.List(Sentence(), required=True)


class ImportIn(Schema):
    """A CSV file as text: a header, then a need a row."""

    csv = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=4_000_000),
        metadata={"examples": ["need_type,customer,text,value\nlighting,C-1001,Twenty lamps,970.00\n"]},
    )
