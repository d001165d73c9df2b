"""Names for messages and signals that were drawn without: their message flow's, or their element's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.reading.xml import BPMN, CAMUNDA, local

_TASKS = ("sendTask", "receiveTask")
_DEFINITIONS = {
    "messageEventDefinition": "messageRef",
    "signalEventDefinition": "signalRef",
    "escalationEventDefinition": "escalationRef",
    "errorEventDefinition": "errorRef",
}
_CODES = ("error", "escalation")
_MACHINES = ("topic", "class", "delegateExpression", "expression", "type")


def name(root: Any) -> list[tuple[Any, str]]:
    """Let both ends of a message flow mean one message; what still has no name is named by its element."""
    notes = list(_along_flows(root))
    codeless = {
        (kind, each.get("id"))
        for kind in _CODES
        for each in root.findall(BPMN + kind)
        if not each.get(f"{kind}Code")
    }
    for definition in root.iter(*(BPMN + kind for kind in _DEFINITIONS)):
        word = _DEFINITIONS[local(definition)]
        if (word.removesuffix("Ref"), _key(definition, word)) in codeless or not definition.get(word):
            notes += _own(definition, definition.getparent(), word)
    for task in root.iter(*(BPMN + kind for kind in _TASKS)):
        works = local(task) == "sendTask" and any(task.get(CAMUNDA + word) for word in _MACHINES)
        if not works and not task.get("messageRef"):
            notes += _own(task, task, "messageRef")
    return notes


def _key(definition: Any, word: str) -> str:
    return str(definition.get(word) or "").split(":")[-1]


def _own(holder: Any, element: Any, word: str) -> Iterator[tuple[Any, str]]:
    kind = word.removesuffix("Ref")
    if holder.get(CAMUNDA + f"{kind}Expression"):
        return
    # An error or escalation that is caught without a code is any.
    if kind not in _CODES or local(element) in ("endEvent", "intermediateThrowEvent"):
        holder.set(word, element.get("id") or "")
        yield element, f"names no {kind}: its id {element.get('id')!r} stands for one"


def _along_flows(root: Any) -> Iterator[tuple[Any, str]]:
    """Take first the flows of which one end has a name: the other may be the end of another flow as well."""
    ends = _ends(root)
    flows = list(root.iter(BPMN + "messageFlow"))
    for flow in sorted(flows, key=lambda flow: _known(flow, ends) is None):
        found = _known(flow, ends) or flow.get("name") or flow.get("id")
        for end in (flow.get("sourceRef"), flow.get("targetRef")):
            holder = ends.get(end)
            if holder is not None and not holder.get("messageRef"):
                holder.set("messageRef", found)
                element = holder if local(holder) in _TASKS else holder.getparent()
                yield element, f"names no message: its message flow {found!r} stands for one"


def _known(flow: Any, ends: dict[str, Any]) -> str | None:
    holders = [ends.get(flow.get(way)) for way in ("sourceRef", "targetRef")]
    found = (holder.get("messageRef") for holder in holders if holder is not None)
    return next(filter(None, (flow.get("messageRef"), *found)), None)


def _ends(root: Any) -> dict[str, Any]:
    """Return what holds a `messageRef`, by the id of the element to which a flow is drawn."""
    found = {node.get("id"): node for kind in _TASKS for node in root.iter(BPMN + kind)}
    events = root.iter(BPMN + "messageEventDefinition")
    return found | {event.getparent().get("id"): event for event in events}
