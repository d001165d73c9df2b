"""What followed from an order, over HTTP: who approves, what happened, its papers, reports about it."""

from __future__ import annotations

import marshmallow as ma

from app.api import Schema
from app.api_fields import Measure, Money, Text
from app.orders.arrivals import Event


class LevelOut(Schema):
    """A step of the approval chain: whom it asks, and why.

    `team` is empty where the diagram names people. `rules`: the rows of the policy that give its `reasons`;
    none where the step stands in the diagram whatever the policy says.
    """

    element = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    team = ma.fields.String(required=True)
    team_name = ma.fields.String(required=True)
    people = ma.fields.List(ma.fields.String(), required=True)
    reasons = ma.fields.List(ma.fields.String(), required=True)
    rules = ma.fields.List(ma.fields.Integer(), required=True)


class PolicyInputsOut(Schema):
    amount = Money(required=True)
    discount_percent = Measure(required=True)
    margin_percent = Measure(required=True)
    customer_risk = ma.fields.String(required=True)
    credit_used_percent = Measure(required=True)
    new_customer = ma.fields.Boolean(required=True)
    order_risk = Measure(required=True, allow_none=True)
    order_risk_level = ma.fields.String(required=True, allow_none=True)


class PreviewOut(Schema):
    """Who would have to approve, by the flow that the order follows.

    `by_rule`: nobody, the policy itself approves. `leads_to`: the status that the order comes to when all of
    them approve; null where that cannot be seen, because the flow cannot be followed beyond the step named
    `lost_at`. `depends_on`: steps on the way whose answer may still lead elsewhere.
    """

    by_rule = ma.fields.Boolean(required=True)
    levels = ma.fields.List(ma.fields.Nested(LevelOut), required=True)
    inputs = ma.fields.Nested(PolicyInputsOut, required=True)
    deployment_number = ma.fields.Integer(required=True)
    leads_to = ma.fields.String(required=True, allow_none=True)
    lost_at = ma.fields.String(required=True, allow_none=True)
    depends_on = ma.fields.List(ma.fields.String(), required=True)


class RiskReasonOut(Schema):
    """A fact that raises or lowers the risk; `text` says it with its value."""

    feature = ma.fields.String(required=True)
    value = ma.fields.Raw(required=True, allow_none=True)
    raises = ma.fields.Boolean(required=True)
    text = ma.fields.String(required=True)


class RiskOutcomeOut(Schema):
    """One way of going wrong. `learned`: told by the model, else it is the share so far."""

    name = ma.fields.String(required=True)
    probability = ma.fields.Float(required=True)
    learned = ma.fields.Boolean(required=True)


class RiskOut(Schema):
    """How likely the order is cancelled, returned, late or not paid in time, from 0 to 1.

    Of orders that looked as likely, the true share lies between `low` and `high` in 8 of 10 cases. `level`
    compares that with `usual`, the organisation's own share. Without a `version` no model is in use: it is
    the share of the last `count` orders. It advises, and decides nothing by itself.
    """

    probability = ma.fields.Float(required=True)
    low = ma.fields.Float(required=True)
    high = ma.fields.Float(required=True)
    level = ma.fields.String(required=True, validate=ma.validate.OneOf(["lower", "usual", "higher"]))
    usual = ma.fields.Float(required=True)
    count = ma.fields.Integer(required=True)
    version = ma.fields.Integer(required=True, allow_none=True)
    reasons = ma.fields.List(ma.fields.Nested(RiskReasonOut), required=True)
    outcomes = ma.fields.List(ma.fields.Nested(RiskOutcomeOut), required=True)


class ExpectedEndOut(Schema):
    """When it is likely closed; of orders that stood there as long, 8 of 10 were closed from `earliest` to
    `latest`. `lacking`: so many closed orders are missing before anything can be said. `following`: the
    milestone that usually comes next. With a `version` a learned model told it, else medians by milestone.
    """

    version = ma.fields.Integer(required=True, allow_none=True)
    likely = ma.fields.AwareDateTime(required=True, allow_none=True)
    earliest = ma.fields.AwareDateTime(required=True, allow_none=True)
    latest = ma.fields.AwareDateTime(required=True, allow_none=True)
    is_late = ma.fields.Boolean(required=True)
    following = ma.fields.String(required=True, allow_none=True)
    count = ma.fields.Integer(required=True)
    lacking = ma.fields.Integer(required=True)


class OutlookOut(Schema):
    """What is foreseen of an order; all of it null once it has ended.

    Where `risk` is null, `risk_lacking` orders must end before anything can be said.
    """

    risk = ma.fields.Nested(RiskOut, required=True, allow_none=True)
    risk_lacking = ma.fields.Integer(required=True)
    end = ma.fields.Nested(ExpectedEndOut, required=True, allow_none=True)


class TimelineEntryOut(Schema):
    """One thing that happened; `template` and `values` are the sentence for those who translate it."""

    at = ma.fields.AwareDateTime(required=True)
    kind = ma.fields.String(required=True)
    text = ma.fields.String(required=True)
    template = ma.fields.String(required=True)
    values = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    person_name = ma.fields.String(required=True, allow_none=True)
    note = ma.fields.String(required=True)
    is_simulated = ma.fields.Boolean(required=True)


class TimelineOut(Schema):
    items = ma.fields.List(ma.fields.Nested(TimelineEntryOut), required=True)


class PrintedLineOut(Schema):
    sku = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    quantity = Measure(required=True)
    unit_price = Money(required=True)
    discount_percent = Measure(required=True)
    tax_percent = Measure(required=True)
    net = Money(required=True)


class TaxLineOut(Schema):
    percent = Measure(required=True)
    net = Money(required=True)
    tax = Money(required=True)


class DocumentOut(Schema):
    """An invoice or a delivery note, complete."""

    id = ma.fields.UUID(required=True)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(["invoice", "delivery_note"]))
    number = ma.fields.String(required=True)
    issued_on = ma.fields.Date(required=True)
    due_on = ma.fields.Date(required=True, allow_none=True)
    paid_on = ma.fields.Date(required=True, allow_none=True)
    is_simulated = ma.fields.Boolean(required=True)
    seller = ma.fields.String(required=True)
    customer_name = ma.fields.String(required=True)
    customer_number = ma.fields.String(required=True)
    address = ma.fields.List(ma.fields.String(), required=True)
    tax_number = ma.fields.String(required=True, allow_none=True)
    order_number = ma.fields.String(required=True)
    order_title = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    lines = ma.fields.List(ma.fields.Nested(PrintedLineOut), required=True)
    taxes = ma.fields.List(ma.fields.Nested(TaxLineOut), required=True)
    subtotal = Money(required=True)
    discount = Money(required=True)
    total = Money(required=True)
    carrier = ma.fields.String(required=True, allow_none=True)
    tracking_number = ma.fields.String(required=True, allow_none=True)


class DocumentsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(DocumentOut), required=True)


class ReportIn(Schema):
    """What a carrier, a supplier or a bank reports: by tracking number, purchase or payment reference."""

    event = ma.fields.Enum(Event, by_value=True, required=True)
    reference = Text(required=True, shortest=1, longest=80, metadata={"examples": ["JD014600003828392837"]})
