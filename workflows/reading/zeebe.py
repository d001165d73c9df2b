"""Camunda 8's words, whose expressions are FEEL already, read as Camunda 7's where both mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lxml import etree

from workflows.reading.correlation import CATCHING, PREFIX, message_of
from workflows.reading.extensions import add_parameter
from workflows.reading.xml import BPMN, CAMUNDA, child_of, local

ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
KEY = f"{PREFIX}correlationKey"
"""A message of Camunda 8 has one key, and brings it beside its payload."""
_CATCHING = tuple(BPMN + word for word in CATCHING)
_HARMLESS = ("userTask", "userTaskForm", "versionTag")
_ATTRIBUTES = ("modelerTemplate", "modelerTemplateIcon", "modelerTemplateVersion")
_RENAMED: Mapping[str, Mapping[str, str]] = {
    "assignmentDefinition": {
        "assignee": "assignee",
        "candidateGroups": "candidateGroups",
        "candidateUsers": "candidateUsers",
    },
    "taskSchedule": {"dueDate": "dueDate", "followUpDate": "followUpDate"},
    "priorityDefinition": {"priority": "priority"},
    "formDefinition": {"formKey": "formKey", "formId": "formKey"},
    "taskDefinition": {"type": "topic", "retries": ""},
    "loopCharacteristics": {"inputCollection": "collection", "inputElement": "elementVariable"},
    "calledDecision": {"decisionId": "decisionRef", "resultVariable": "resultVariable"},
    "script": {"resultVariable": "resultVariable", "expression": ""},
}
"""The attributes of each element of theirs, and what Camunda 7 calls them on the element round it."""


def translate(node: Any) -> Iterator[tuple[Any, str]]:
    """Rewrite an element's Camunda 8 words in place; what has no counterpart stays, and is refused."""
    for name in _ATTRIBUTES:
        node.attrib.pop(ZEEBE + name, None)
    for child in node.findall(f"{BPMN}extensionElements/{ZEEBE}*"):
        word = local(child)
        look = _LOOKS.get(word, _rename)
        if word == "subscription":
            child.getparent().remove(child)
            yield node, _correlation(node, child.get("correlationKey") or "")
        elif word in _HARMLESS or look(node, child):
            child.getparent().remove(child)
            yield node, f"zeebe:{word} is read as Camunda 7 says it"


def _correlation(message: Any, key: str) -> str:
    """Give those who catch a message its key by name, and say so; one that begins a process wants none."""
    catching = [each for each in message.getroottree().getroot().iter(*_CATCHING) if _catches(each, message)]
    for each in catching if key else ():
        held = child_of(child_of(each, BPMN + "extensionElements"), CAMUNDA + "properties")
        if KEY not in [other.get("name") for other in held]:
            etree.SubElement(held, CAMUNDA + "property", name=KEY, value=key)
    if catching and not key:
        return "has no correlation key: it finds who awaits it by its name and the business key alone"
    return f"its correlation key {key!r} is read as a property {KEY} of what catches it"


def _catches(node: Any, message: Any) -> bool:
    reference = message_of(node)
    is_beginning = local(node) == "startEvent" and local(node.getparent()) == "process"
    return reference is not None and reference == message.get("id") and not is_beginning


def _rename(node: Any, child: Any) -> bool:
    words = _RENAMED.get(local(child), {})
    if not words or not set(child.attrib) <= set(words):
        return False
    for name, value in child.attrib.items():
        if words[name]:
            node.set(CAMUNDA + words[name], value)
    return True


def _mapping(node: Any, child: Any) -> bool:
    """Their sources are FEEL behind `=` and text without it, as ours are; an input's dots make a context."""
    parts = [(each.get("source") or "", local(each), each.get("target") or "") for each in child]
    for _, kind, target in parts:
        if kind not in ("input", "output") or (kind == "output" and "." in target):
            return False
    for source, kind, target in parts:
        name, *deeper = target.split(".")
        parameter = add_parameter(node, f"{kind}Parameter", name)
        for key in deeper:
            parameter = _entry(child_of(parameter, CAMUNDA + "map"), key)
        parameter.text = source
    return True


def _entry(held: Any, key: str) -> Any:
    found = next((each for each in held if each.get("key") == key), None)
    return etree.SubElement(held, CAMUNDA + "entry", key=key) if found is None else found


def _called(node: Any, child: Any) -> bool:
    """Everything is handed on and back unless it is said otherwise."""
    if not set(child.attrib) <= {"processId", "propagateAllChildVariables", "propagateAllParentVariables"}:
        return False
    node.set("calledElement", child.get("processId") or "")
    extensions = child_of(node, BPMN + "extensionElements")
    for way, which in (("in", "Parent"), ("out", "Child")):
        if child.get(f"propagateAll{which}Variables", "true") == "true":
            etree.SubElement(extensions, CAMUNDA + way, variables="all")
    return True


def _decision(node: Any, child: Any) -> bool:
    node.set(CAMUNDA + "mapDecisionResult", "value")
    return _rename(node, child)


def _script(node: Any, child: Any) -> bool:
    if not _rename(node, child):
        return False
    node.set("scriptFormat", "feel")
    etree.SubElement(node, BPMN + "script").text = (child.get("expression") or "").strip().removeprefix("=")
    return True


def _loop(node: Any, child: Any) -> bool:
    return local(node) == "multiInstanceLoopCharacteristics" and _rename(node, child)


def _properties(node: Any, child: Any) -> bool:
    held = child_of(child_of(node, BPMN + "extensionElements"), CAMUNDA + "properties")
    for each in child:
        etree.SubElement(held, CAMUNDA + "property", dict(each.attrib))
    return True


_LOOKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "ioMapping": _mapping,
    "calledElement": _called,
    "calledDecision": _decision,
    "script": _script,
    "loopCharacteristics": _loop,
    "properties": _properties,
}
