"""Experiments over HTTP."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.api import Schema, page_of
from app.api_fields import Text
from app.needs.experiments import planning
from app.needs.experiments.models import ExperimentStatus

_VARIANTS = {
    "examples": [[{"key": "control", "name": "As it is"}, {"key": "short", "name": "Short form"}]],
}
_GUARDS = {
    "examples": [[{"key": "returns", "name": "Returns", "kind": "count", "margin": 0.1}]],
}
_STATUSES = [str(each) for each in ExperimentStatus]
_KEY = {"examples": ["green_button"], "pattern": "^[a-z0-9][a-z0-9_-]{0,39}$"}


class VariantIn(Schema):
    key = Text(required=True, longest=40, shortest=1, metadata=_KEY)
    name = Text(required=True, longest=100, shortest=1)
    weight = ma.fields.Float(load_default=1.0, allow_nan=False)


class MetricIn(Schema):
    key = Text(required=True, longest=40, shortest=1, metadata=_KEY)
    name = Text(required=True, longest=100, shortest=1)
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(planning.KINDS))
    higher_is_better = ma.fields.Boolean(load_default=True, truthy={True}, falsy={False})


class GuardIn(MetricIn):
    key = Text(required=True, longest=40, shortest=1, metadata={**_KEY, "examples": ["returns"]})
    margin = ma.fields.Float(required=True, allow_nan=False, metadata={"examples": [0.05]})


class PlanIn(Schema):
    """A plan: the first variant is the control; `effect` and `margin` are relative (0.1 is 10 %)."""

    variants = ma.fields.List(
        ma.fields.Nested(VariantIn), required=True, validate=ma.validate.Length(2, 6), metadata=_VARIANTS
    )
    primary = ma.fields.Nested(MetricIn, required=True)
    guards = ma.fields.List(
        ma.fields.Nested(GuardIn),
        load_default=list,
        validate=ma.validate.Length(max=4),
        metadata=_GUARDS,
    )
    baseline = ma.fields.Float(required=True, allow_nan=False, metadata={"examples": [0.12]})
    spread = ma.fields.Float(load_default=1.0, allow_nan=False, metadata={"examples": [1.0]})
    effect = ma.fields.Float(required=True, allow_nan=False, metadata={"examples": [0.1]})
    alpha = ma.fields.Float(load_default=0.05, allow_nan=False, metadata={"examples": [0.05]})
    power = ma.fields.Float(load_default=0.8, allow_nan=False, metadata={"examples": [0.8]})
    looks = ma.fields.Integer(load_default=5, strict=True, metadata={"examples": [5]})


class ExperimentIn(Schema):
    name = Text(required=True, longest=190, shortest=1)
    hypothesis = Text(required=True, longest=4000, shortest=1)
    unit = ma.fields.String(required=True, validate=ma.validate.OneOf(planning.UNITS))
    plan = ma.fields.Nested(PlanIn, required=True)


class PlannedOut(Schema):
    id = ma.fields.UUID(required=True)
    planned_units = ma.fields.Integer(required=True)


class LookOut(Schema):
    """One look; `found` has every comparison with its interval, at the boundary that this look may use."""

    number = ma.fields.Integer(required=True)
    at = ma.fields.AwareDateTime(required=True)
    units = ma.fields.Integer(required=True)
    verdict = ma.fields.String(required=True)
    winner = ma.fields.String(required=True, allow_none=True)
    found = ma.fields.Dict(required=True)


class ExperimentOut(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    hypothesis = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(_STATUSES))
    verdict = ma.fields.String(required=True, allow_none=True)
    conclusion = ma.fields.String(required=True)
    planned_units = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    started_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    stopped_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    version = ma.fields.Integer(required=True)


ExperimentPage = page_of(ExperimentOut)


class ExperimentDetailOut(ExperimentOut):
    """An experiment with its plan, how many take part by variant, and every look."""

    plan = ma.fields.Dict(required=True)
    units = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer(), required=True)
    looks = ma.fields.List(ma.fields.Nested(LookOut), required=True)


class UnitIn(Schema):
    unit = Text(required=True, longest=190, shortest=1, metadata={"examples": ["C-1001"]})


class AssignedOut(Schema):
    variant = ma.fields.String(required=True)


class OutcomeIn(UnitIn):
    """What a unit did; `key` names the deed, so that telling it again counts once."""

    metric = Text(required=True, longest=40, shortest=1)
    value = ma.fields.Float(required=True, allow_nan=False)
    key = Text(required=True, longest=80, shortest=1, metadata={"examples": ["O-1001"]})


class OutcomeKeptOut(Schema):
    is_new = ma.fields.Boolean(required=True)


class StopIn(Schema):
    conclusion = Text(required=True, longest=4000, shortest=1)


def design_of(plan: dict[str, Any]) -> planning.Design:
    """Make the plan of what a PlanIn has read."""
    guards = [dict(each) for each in plan["guards"]]
    margins = {each["key"]: each.pop("margin") for each in guards}
    return planning.Design(
        variants=tuple(planning.Variant(**each) for each in plan["variants"]),
        primary=planning.Metric(**plan["primary"]),
        guards=tuple(planning.Metric(**each) for each in guards),
        margins=margins,
        **{name: plan[name] for name in ("baseline", "spread", "effect", "alpha", "power", "looks")},
    )
