"""The keys that tie a message to an instance, as a diagram says them: in BPMN, or as `correlation.<key>`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.correlating import Key
from workflows.reading import extensions
from workflows.reading.expressions import to_feel
from workflows.reading.xml import BPMN, local, text_of

PREFIX = "correlation."
CATCHING = ("intermediateCatchEvent", "boundaryEvent", "receiveTask", "startEvent")
_RETRIEVAL = BPMN + "correlationPropertyRetrievalExpression"


def read_keys(node: Any) -> tuple[Key, ...]:
    """Return the keys that a catching element wants, or that a throwing one gives along."""
    own = [
        Key(name.removeprefix(PREFIX), value, name.removeprefix(PREFIX))
        for name, value in extensions.properties(node).items()
        if name.startswith(PREFIX)
    ]
    drawn = _awaited(node) if local(node) in CATCHING else _thrown(node)
    named = {key.name for key in own}
    return (*own, *(key for key in drawn if key.name not in named))


def _awaited(node: Any) -> Iterator[Key]:
    """Yield the keys of the process's subscriptions whose every property can be found in this message."""
    root, message = node.getroottree().getroot(), message_of(node)
    process = next(node.iterancestors(BPMN + "process"))
    for subscription in process.findall(BPMN + "correlationSubscription"):
        bindings = {
            bare(each.get("correlationPropertyRef")): _feel(each, "dataPath")
            for each in subscription.findall(BPMN + "correlationPropertyBinding")
        }
        properties = [each for each in properties_of(root) if each.get("id") in bindings]
        paths = [path_of(each, message) for each in properties]
        if None in paths:
            continue
        for each, path in zip(properties, paths, strict=True):
            yield Key(name_of(each), f"= {bindings[each.get('id')]}", str(path))


def _thrown(node: Any) -> Iterator[Key]:
    """Yield the properties that receivers may look for in this message."""
    message = message_of(node)
    for each in properties_of(node.getroottree().getroot()):
        path = path_of(each, message)
        if path is not None:
            yield Key(name_of(each), None, path)


def properties_of(root: Any) -> list[Any]:
    return list(root.findall(BPMN + "correlationProperty"))


def name_of(each: Any) -> str:
    return str(each.get("name") or each.get("id"))


def path_of(correlation_property: Any, message: str | None) -> str | None:
    """Return the FEEL that finds a property in the payload of a message; None where it is in no such one."""
    for each in correlation_property.findall(_RETRIEVAL):
        if message is not None and bare(each.get("messageRef")) == message:
            return _feel(each, "messagePath")
    return None


def _feel(holder: Any, part: str) -> str:
    return to_feel((text_of(holder, part) or "null").removeprefix("="))[0]


def message_of(node: Any) -> str | None:
    """Return the id of the message that an element catches or throws."""
    definition = node.find(BPMN + "messageEventDefinition")
    reference = (node if definition is None else definition).get("messageRef")
    return bare(reference) if reference else None


def bare(reference: str | None) -> str:
    return (reference or "").split(":")[-1]
