"""Events: which trigger may stand where, and what each must say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflows import clock
from workflows.checks import words
from workflows.checks.findings import Findings, root_of
from workflows.reading.triggers import TIMERS, link_name, referred
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of

_TIMED = ("message", "signal", "timer", "conditional")
_TRIGGERS: Mapping[str, tuple[str, ...]] = {
    "startEvent": _TIMED,
    "event subprocess": (*_TIMED, "error", "escalation", "compensate"),
    "endEvent": ("message", "signal", "error", "escalation", "terminate", "cancel", "compensate"),
    "intermediateCatchEvent": (*_TIMED, "link"),
    "intermediateThrowEvent": ("message", "signal", "escalation", "link", "compensate"),
    "boundaryEvent": (*_TIMED, "error", "escalation", "cancel", "compensate"),
}
EVENTS = frozenset(_TRIGGERS)
_ALWAYS_INTERRUPTS: Mapping[str, str] = {
    "errorEventDefinition": "an error always ends its activity: it cannot be caught without interrupting",
    "cancelEventDefinition": "a cancelled transaction has ended: it cannot be caught without interrupting",
}
_LOOPS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
_CRON = re.compile(r"(?:[\d*/,?LW#-]+\s+){4,6}[\w*/,?#-]+")
_CODED = ("error", "escalation")
_CHANGES = ("create", "update", "delete")


class EventChecks(Findings):
    """Looks at one event at a time."""

    def trigger(self, node: Any, kind: str) -> None:
        found = words.event_definitions(node)
        if len(found) > 1:
            self.halt(node, "has several event definitions; draw an event for each")
        place = "event subprocess" if kind == "startEvent" and in_event_subprocess(node) else kind
        for definition in found:
            name = local(definition)
            if name.removesuffix("EventDefinition") not in _TRIGGERS[place]:
                self.halt(node, f"{name} on a {kind} is not executed")
            else:
                self._definition(node, kind, definition)
            self.say(node, words.event_definition(definition))
        if kind in ("intermediateCatchEvent", "boundaryEvent") and not found:
            # Beside its activity it never happens; in a flow nothing would ever go on.
            look = self.strict if kind == "boundaryEvent" else self.halt
            look(node, "waits for nothing: it has no event definition")

    def _definition(self, node: Any, kind: str, definition: Any) -> None:
        word = local(definition).removesuffix("EventDefinition")
        if word == "timer":
            self._timer(node, definition)
        elif word in ("message", "signal"):
            # One without a reference computes its name, which is refused by that.
            if definition.get(f"{word}Ref"):
                self._named(node, kind, word, definition.get(f"{word}Ref"))
        elif word == "conditional":
            self._conditional(node, definition)
        elif word == "link":
            self._link(node, kind, definition)
        elif word == "cancel":
            self._cancel(node, kind)
        elif word == "compensate":
            self._compensate(node, kind, definition)

    def _named(self, node: Any, kind: str, word: str, reference: str) -> None:
        self.reference(node, reference, word)
        name = referred(node, reference, word, "name") or ""
        if kind == "startEvent" and not in_event_subprocess(node) and words.holds_expression(name):
            self.halt(node, f"nothing is known yet when a process starts: its {word} has no computed name")

    def _timer(self, node: Any, definition: Any) -> None:
        texts = ((kind, text_of(definition, tag)) for tag, kind in TIMERS.items())
        said = [(kind, text) for kind, text in texts if text]
        if not said:
            self.strict(node, "the timer says no time")
        if len(said) > 1:
            self.halt(node, "the timer says several times")
        for kind, text in said:
            if _CRON.fullmatch(text):
                self.strict(node, f"the timer {text!r} is a calendar of cron's; write a cycle such as R/PT1H")
                continue
            if not clock.is_iso(text):
                look = self.feel if text.startswith("=") else self.expression
                look(node, text.removeprefix("="), "timer")
                continue
            try:
                clock.check(kind, text)
            except ValueError as error:
                self.halt(node, f"the timer {text!r} cannot be read: {error}")

    def _conditional(self, node: Any, definition: Any) -> None:
        condition = text_of(definition, "condition")
        if condition is None:
            self.halt(node, "the event has no condition")
        else:
            self.expression(node, condition, "condition")
        said = definition.get(CAMUNDA + "variableEvents") or ""
        for word in filter(None, (each.strip() for each in said.split(","))):
            if word not in _CHANGES:
                self.halt(node, f"camunda:variableEvents is of {', '.join(_CHANGES)}; not {word}")
            elif word == "delete":
                self.warn(node, "variables are never deleted here: that change never comes")

    def _link(self, node: Any, kind: str, definition: Any) -> None:
        name = link_name(definition)
        if not name:
            self.error(node, "the link has no name")
        pairs = _links(node.getparent(), "intermediateCatchEvent").count(name)
        if kind == "intermediateThrowEvent" and pairs == 0:
            self.halt(node, f"no event here catches the link {name!r}")
        if kind == "intermediateCatchEvent" and pairs > 1:
            self.error(node, f"the link {name!r} is caught twice")

    def _cancel(self, node: Any, kind: str) -> None:
        parent = node.getparent()
        if kind == "boundaryEvent":
            host = _host(node)
            if host is not None and local(host) != "transaction":
                self.halt(node, "only a transaction is cancelled: it is attached to none")
        elif local(parent) != "transaction":
            self.halt(node, "only in a transaction an end event may cancel")
        elif not any(
            each.find(BPMN + "cancelEventDefinition") is not None
            for each in parent.getparent().findall(BPMN + "boundaryEvent")
            if each.get("attachedToRef") == parent.get("id")
        ):
            self.halt(node, "its transaction has no cancel boundary event to go on from")

    def _compensate(self, node: Any, kind: str, definition: Any) -> None:
        if kind == "startEvent":
            return
        if kind == "boundaryEvent":
            self._handler_of(node)
            return
        reference = definition.get("activityRef")
        scope = node.getparent()
        while scope.get("triggeredByEvent") == "true":
            scope = scope.getparent()
        if reference and all(each.get("id") != reference for each in scope):
            self.halt(node, f"the activity to compensate, {reference!r}, is not in its scope")

    def _handler_of(self, node: Any) -> None:
        scope = node.getparent()
        targets = [
            each.get("targetRef")
            for each in root_of(node).iter(BPMN + "association")
            if each.get("sourceRef") == node.get("id")
        ]
        handlers = [
            each for each in scope if each.get("id") in targets and each.get("isForCompensation") == "true"
        ]
        if len(handlers) != 1:
            self.halt(node, "is associated with no activity that compensates: set isForCompensation on one")

    def boundary(self, node: Any, activities: frozenset[str]) -> None:
        host = _host(node)
        if host is None or local(host) not in activities or host.get("triggeredByEvent") == "true":
            self.error(node, "is attached to no activity")
        if node.get("cancelActivity") == "false":
            for definition in words.event_definitions(node):
                if local(definition) in _ALWAYS_INTERRUPTS:
                    self.halt(node, _ALWAYS_INTERRUPTS[local(definition)])

    def catchers(self, container: Any) -> None:
        """Of two that catch the same at one place, nobody could say which one has it."""
        for kind in _CODED:
            seen: set[tuple[str | None, str | None]] = set()
            for node, place in _catching(container, kind):
                definition = node.find(f"{BPMN}{kind}EventDefinition")
                code = referred(node, definition.get(f"{kind}Ref"), kind, f"{kind}Code")
                if (place, code) in seen:
                    self.error(node, f"another event there catches the same {kind}, {code or 'any'}")
                seen.add((place, code))

    def event_subprocess(self, node: Any) -> None:
        starts = node.findall(BPMN + "startEvent")
        if len(starts) != 1 or not words.event_definitions(starts[0]):
            self.halt(node, "an event subprocess needs one start event, with a trigger")
            return
        triggers = [local(each) for each in words.event_definitions(starts[0])]
        if "errorEventDefinition" in triggers and starts[0].get("isInterrupting") == "false":
            self.halt(starts[0], "an error always ends its scope: it cannot start without interrupting")
        if "compensateEventDefinition" in triggers and local(node.getparent()) == "process":
            self.halt(node, "a process is never compensated: only in a subprocess this event starts")
        if any(node.find(BPMN + loop) is not None for loop in _LOOPS):
            self.halt(node, "an event subprocess begins with its event: it is not repeated")


def in_event_subprocess(start: Any) -> bool:
    return bool(start.getparent().get("triggeredByEvent") == "true")


def _catching(container: Any, kind: str) -> Iterator[tuple[Any, str | None]]:
    """Yield the events that catch an error or escalation, each with the activity that it hangs on."""
    for node in container.iterfind(f"{BPMN}boundaryEvent/{BPMN}{kind}EventDefinition/.."):
        yield node, node.get("attachedToRef")
    for node in container.iterfind(f"{BPMN}subProcess/{BPMN}startEvent/{BPMN}{kind}EventDefinition/.."):
        yield node, None


def _host(node: Any) -> Any:
    return next((e for e in node.getparent() if e.get("id") == node.get("attachedToRef")), None)


def _links(scope: Any, kind: str) -> list[str]:
    path = f"{BPMN}{kind}/{BPMN}linkEventDefinition"
    return [link_name(each) for each in scope.findall(path)]
