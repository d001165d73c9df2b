"""From an event definition to the trigger that our specs hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.reading.expressions import to_feel
from workflows.reading.extensions import parameter_text
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of
from workflows.specs.triggers import Trigger

TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_trigger(node: Any) -> Trigger:
    """Return what an event waits for or throws."""
    for child in node:
        read = _READERS.get(local(child))
        if read is not None:
            return read(node, child)
    return Trigger()


def _message(node: Any, child: Any) -> Trigger:
    return Trigger("message", named(node, child.get("messageRef"), "message"))


def _signal(node: Any, child: Any) -> Trigger:
    return Trigger("signal", named(node, child.get("signalRef"), "signal"))


def _error(node: Any, child: Any) -> Trigger:
    return Trigger(
        "error",
        referred(node, child.get("errorRef"), "error", "errorCode"),
        child.get(CAMUNDA + "errorCodeVariable"),
        child.get(CAMUNDA + "errorMessageVariable"),
    )


def _escalation(node: Any, child: Any) -> Trigger:
    code = referred(node, child.get("escalationRef"), "escalation", "escalationCode")
    return Trigger("escalation", code, child.get(CAMUNDA + "escalationCodeVariable"))


def _timer(node: Any, child: Any) -> Trigger:
    texts = ((timer, text_of(child, tag)) for tag, timer in TIMERS.items())
    # `check` saw to it that there is one at most; without any it is an incident.
    return next((Trigger(timer, to_feel(text)[0]) for timer, text in texts if text), Trigger("date", "null"))


def _condition(node: Any, child: Any) -> Trigger:
    said = child.get(CAMUNDA + "variableEvents") or ""
    return Trigger(
        "condition",
        to_feel(text_of(child, "condition") or "null")[0],
        variable=child.get(CAMUNDA + "variableName"),
        changes=frozenset(each.strip() for each in said.split(",") if each.strip()),
    )


def _link(node: Any, child: Any) -> Trigger:
    return Trigger("link", link_name(child))


def link_name(child: Any) -> str:
    return str(child.get("name") or "")


def _compensation(node: Any, child: Any) -> Trigger:
    waits = child.get("waitForCompletion") != "false"
    return Trigger("compensation", child.get("activityRef") or None, waits_for_completion=waits)


_READERS: Mapping[str, Callable[[Any, Any], Trigger]] = {
    "messageEventDefinition": _message,
    "signalEventDefinition": _signal,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "timerEventDefinition": _timer,
    "conditionalEventDefinition": _condition,
    "linkEventDefinition": _link,
    "compensateEventDefinition": _compensation,
    "terminateEventDefinition": lambda node, child: Trigger("terminate"),
    "cancelEventDefinition": lambda node, child: Trigger("cancel"),
}
_CODED = ("error", "escalation")


def named(node: Any, reference: str | None, tag: str) -> str | None:
    """Return the name of a message or signal: text, or `= FEEL`."""
    name = referred(node, reference, tag, "name")
    return None if name is None else parameter_text(name)


def referred(node: Any, reference: str | None, tag: str, attribute: str) -> str | None:
    """Return the name or code that is meant; an undeclared message, signal or error stands for itself."""
    if not reference:
        return None
    key = reference.split(":")[-1]
    for each in node.getroottree().getroot().findall(BPMN + tag):
        if each.get("id") == key:
            return each.get(attribute) or (None if tag in _CODED else each.get("name") or key)
    return reference
