"""The flows between elements, and where a process begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from workflows.checks import words
from workflows.checks.findings import Findings, reads, root_of
from workflows.checks.heeding import is_approval, is_heeded
from workflows.reading.processes import EMBEDDED
from workflows.reading.triggers import referred
from workflows.reading.xml import BPMN, local, text_of

_LINK = BPMN + "linkEventDefinition"

_BEHIND_GATEWAY = "stands behind an event gateway: it is not repeated, and has no boundary events"


class FlowChecks(Findings):
    """Looks at the flows of one process or subprocess."""

    def flows(self, container: Any, nodes: Mapping[str, Any]) -> None:
        outgoing: dict[str, list[Any]] = {}
        for flow in container.findall(BPMN + "sequenceFlow"):
            source, target = nodes.get(flow.get("sourceRef")), nodes.get(flow.get("targetRef"))
            if source is None or target is None:
                self.error(flow, "leads from or to an element that is not here")
                continue
            outgoing.setdefault(source.get("id"), []).append(flow)
            self.say(flow, words.extensions(flow))
            self._ends(flow, source, target)
            self._condition(flow, source)
        for key, node in nodes.items():
            self._outgoing(node, outgoing.get(key, []), nodes)
            if self.thorough and is_approval(node) and not is_heeded(node, outgoing, nodes):
                self.error(node, "its decision is read nowhere: a rejection would go on as an approval does")

    def _ends(self, flow: Any, source: Any, target: Any) -> None:
        if local(source) == "endEvent":
            self.error(flow, "leaves an end event")
        if local(target) in ("startEvent", "boundaryEvent"):
            self.error(flow, f"leads into a {local(target)}, which only its own trigger starts")

    def _condition(self, flow: Any, source: Any) -> None:
        condition = flow.find(BPMN + "conditionExpression")
        text = text_of(flow, "conditionExpression")
        if condition is None or text is None:
            return
        language = (condition.get("language") or "feel").lower()
        if local(source) in ("parallelGateway", "eventBasedGateway"):
            self.halt(flow, f"a {local(source)} knows no conditions")
        elif source.get("default") == flow.get("id"):
            self.halt(flow, "is the default flow, which is taken when no other is: it has no condition")
        elif not reads(language):
            self.error(flow, f"conditions are FEEL; {language} is not executed")
        else:
            self.expression(flow, text, "condition")

    def _outgoing(self, source: Any, flows: list[Any], nodes: Mapping[str, Any]) -> None:
        kind, default = local(source), source.get("default")
        if kind == "exclusiveGateway" and len(flows) > 1:
            for flow in flows:
                if flow.get("id") != default and not text_of(flow, "conditionExpression"):
                    self.strict(flow, "needs a condition, or to be the gateway's default flow")
        if kind == "eventBasedGateway":
            for flow in flows:
                target = nodes[flow.get("targetRef")]
                if local(target) not in ("intermediateCatchEvent", "receiveTask") or _begins_itself(target):
                    self.halt(source, "must lead to catching events or receive tasks only")
                elif _does_more_than_wait(target):
                    self.halt(
                        target,
                        "stands behind an event gateway: it is not repeated, and has no boundary events",
                    )
        if kind in ("exclusiveGateway", "eventBasedGateway") and not flows:
            self.halt(source, "leads nowhere")
        if default and default not in [flow.get("id") for flow in flows]:
            self.halt(source, f"its default flow {default!r} does not leave it")

    def starts(self, container: Any, nodes: Mapping[str, Any]) -> None:
        targets = {flow.get("targetRef") for flow in container.findall(BPMN + "sequenceFlow")}
        starts = [n for n in nodes.values() if local(n) == "startEvent"]
        free = [n for n in nodes.values() if n.get("id") not in targets and not _begins_itself(n)]
        if not starts and len(free) > 1:
            self._unclear(container, "has several elements where it could start: draw a start event", free)
        elif not starts and not free:
            self.halt(container, "has nowhere to start")
        if starts:
            for node in free:
                self.warn(node, "can never be reached")
        triggered = [n for n in starts if words.event_definitions(n)]
        if len(starts) - len(triggered) > 1:
            plain = [each for each in starts if each not in triggered]
            self._unclear(container, "has several start events without a trigger", plain)
        if local(container) in EMBEDDED and container.get("triggeredByEvent") != "true":
            for node in triggered:
                self.halt(node, "a subprocess starts with its activity: its start event has no trigger")
        names = Counter(filter(None, map(_message_of, triggered)))
        for name, times in names.items():
            if times > 1:
                self.error(container, f"has several start events for the message {name!r}")

    def _unclear(self, container: Any, message: str, places: list[Any]) -> None:
        """Nobody can say where it begins: wherever that is, it halts."""
        self.strict(container, message)
        for each in places:
            self.mark(each, message)

    def compensating(self, container: Any, nodes: Mapping[str, Any]) -> None:
        """What compensates is begun by its event alone."""
        flows = container.findall(BPMN + "sequenceFlow")
        ends = {flow.get(end) for flow in flows for end in ("sourceRef", "targetRef")}
        called = {each.get("targetRef") for each in root_of(container).iter(BPMN + "association")}
        for key, node in nodes.items():
            if node.get("isForCompensation") != "true":
                continue
            if key in ends:
                self.error(node, "compensates, and stands in no flow: its boundary event alone begins it")
            if key not in called:
                self.warn(node, "can never be reached: associate it with a compensation boundary event")


def _does_more_than_wait(target: Any) -> bool:
    loops = (f"{BPMN}multiInstanceLoopCharacteristics", f"{BPMN}standardLoopCharacteristics")
    return any(target.find(loop) is not None for loop in loops) or any(
        each.get("attachedToRef") == target.get("id")
        for each in target.getparent().findall(BPMN + "boundaryEvent")
    )


def _begins_itself(node: Any) -> bool:
    """Whether no flow need lead to an element: something else begins it."""
    return (
        local(node) in ("startEvent", "boundaryEvent")
        or node.get("triggeredByEvent") == "true"
        or node.get("isForCompensation") == "true"
        or (local(node) == "intermediateCatchEvent" and node.find(_LINK) is not None)
    )


def _message_of(start: Any) -> str | None:
    definition = start.find(BPMN + "messageEventDefinition")
    return None if definition is None else referred(start, definition.get("messageRef"), "message", "name")
