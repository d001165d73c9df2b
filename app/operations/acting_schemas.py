"""The JSON of an operator's acts, and of what would come of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from app.api import Schema
from app.api_fields import Sentence, Text
from app.processes.given import values_of
from app.processes.helping import Help, Way
from app.processes.operating import Act, Verb

REASON = {"examples": ["The carrier called: it is on its way"]}


class ActIn(Schema):
    """A verb with what it needs, and why.

    `move` takes every token off `element` and puts it on `target`; `reschedule` gives the timers that wait at
    `element` the moment `due_at`; `set_variables` takes `variables`. `process` says whose elements they are
    where that is a called process. `cancel` with `undo` compensates first what the diagram can undo.
    """

    verb = ma.fields.Enum(Verb, by_value=True, required=True, metadata={"examples": ["suspend"]})
    reason = Text(required=True, shortest=1, longest=500, metadata=REASON)
    process = Text(load_default="", longest=120)
    element = Text(load_default="", longest=190)
    target = Text(load_default="", longest=190)
    variables = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)
    due_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    undo = ma.fields.Boolean(load_default=False)


class HelpIn(Schema):
    """A way out of an incident, and why it is gone.

    `retry` tries again, perhaps after setting `variables`: a call that was given up is then made anew, with
    its inputs evaluated again. `skip` goes on at `target`; `answer` raises the BPMN error `code` for the
    diagram to catch; `cancel` ends the instance. `redeliver` gives a
    message that nobody took to the instance of `business_key`; `drop` lets go what no element waits for.
    """

    way = ma.fields.Enum(Way, by_value=True, required=True, metadata={"examples": ["retry"]})
    reason = Text(required=True, shortest=1, longest=500, metadata=REASON)
    variables = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)
    target = Text(load_default="", longest=190)
    code = Text(load_default="", longest=190)
    message = Text(load_default="", longest=500)
    business_key = Text(load_default="", longest=120)


class ChangeOut(Schema):
    name = ma.fields.String(required=True)
    before = ma.fields.Raw(required=True, allow_none=True)
    after = ma.fields.Raw(required=True, allow_none=True)


class ForeseenOut(Schema):
    """What would come of it: elements that are left, passed and reached, calls that are asked for, and more.

    `next_due` is the moment of the instance's next timer; `ends` names the end event that is reached.
    """

    leaves = ma.fields.List(ma.fields.String(), required=True)
    passes = ma.fields.List(ma.fields.String(), required=True)
    reaches = ma.fields.List(ma.fields.String(), required=True)
    calls = ma.fields.List(ma.fields.String(), required=True)
    incidents = ma.fields.List(ma.fields.String(), required=True)
    changes = ma.fields.List(ma.fields.Nested(ChangeOut), required=True)
    next_due = ma.fields.AwareDateTime(required=True, allow_none=True)
    ends = ma.fields.String(required=True, allow_none=True)


_FORESEEN = {
    "leaves": ["approve_order"],
    "passes": [],
    "reaches": ["prepare_order"],
    "calls": [],
    "incidents": [],
    "changes": [],
    "next_due": None,
    "ends": None,
}


class ResultOut(Schema):
    """One of a selection: what would happen to it, or why nothing does; neither: it is done."""

    id = ma.fields.UUID(required=True)
    foreseen = ma.fields.Nested(
        ForeseenOut, required=True, allow_none=True, metadata={"examples": [_FORESEEN]}
    )
    refused = Sentence(required=True, allow_none=True)


class StuckOut(Schema):
    """An incident: `seen` holds the variables that its element saw, or what its call was made with.

    `ways` lead out of it; there are none where it is resolved.
    """

    id = ma.fields.UUID(required=True)
    element = ma.fields.String(required=True)
    message = ma.fields.String(required=True)
    at = ma.fields.AwareDateTime(required=True)
    instance_id = ma.fields.UUID(required=True, allow_none=True)
    seen = ma.fields.Dict(
        keys=ma.fields.String(), required=True, metadata={"examples": [{"total": "1310.00"}]}
    )
    ways = ma.fields.List(ma.fields.Enum(Way, by_value=True), required=True)


def act_of(given: Mapping[str, Any]) -> Act:
    """Return what a body asks for; raise InvalidError for values that cannot be used."""
    return Act(**{**given, "variables": values_of("variables", given["variables"])})


def help_of(given: Mapping[str, Any]) -> Help:
    return Help(**{**given, "variables": values_of("variables", given["variables"])})
