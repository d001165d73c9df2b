"""Surveys over HTTP."""

from __future__ import annotations

import marshmallow as ma

from app.api import Schema, page_of
from app.api_fields import Measure, Text
from app.needs.surveys.models import Allocation, AnswerKind, Grouping


class SurveyIn(Schema):
    """A question, and how the customers who are asked are drawn."""

    name = Text(required=True, longest=190, shortest=1)
    question = Text(required=True, longest=1000, shortest=1)
    kind = ma.fields.Enum(AnswerKind, by_value=True, load_default=AnswerKind.YES_NO)
    grouping = ma.fields.Enum(Grouping, by_value=True, load_default=Grouping.KIND)
    allocation = ma.fields.Enum(Allocation, by_value=True, load_default=Allocation.PROPORTIONAL)
    size = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Range(2, 100_000))


class SurveyIdOut(Schema):
    id = ma.fields.UUID(required=True)


class StratumOut(Schema):
    name = ma.fields.String(required=True)
    population = ma.fields.Integer(required=True)
    asked = ma.fields.Integer(required=True)


class SurveyOut(Schema):
    """`estimate` is null until a group has two answers: mean, low and high (95 %), answers, response."""

    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    question = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    grouping = ma.fields.String(required=True)
    allocation = ma.fields.String(required=True)
    seed = ma.fields.Integer(required=True)
    strata = ma.fields.List(ma.fields.Nested(StratumOut), required=True)
    estimate = ma.fields.Dict(required=True, allow_none=True)
    created_at = ma.fields.AwareDateTime(required=True)
    closed_at = ma.fields.AwareDateTime(required=True, allow_none=True)


SurveyPage = page_of(SurveyOut)


class SurveyMemberOut(Schema):
    customer_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    stratum = ma.fields.String(required=True)
    answer = Measure(required=True, allow_none=True)


SurveyMemberPage = page_of(SurveyMemberOut)


class SurveyAnswerIn(Schema):
    """A number, or 1 and 0 for yes and no; null takes an answer back."""

    customer_id = ma.fields.UUID(required=True)
    answer = Measure(required=True, allow_none=True, metadata={"examples": ["1"]})
