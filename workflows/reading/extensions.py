"""Camunda's extension elements: properties, input and output parameters, mappings."""

from __future__ import annotations

from typing import Any

from lxml import etree

from workflows.reading.expressions import is_wrapped, template, to_feel
from workflows.reading.xml import BPMN, CAMUNDA, child_of


def properties(node: Any) -> dict[str, str]:
    path = f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"
    return {
        each.get("name"): parameter_text(each.get("value", "").strip())
        for each in node.findall(path)
        if each.get("name")
    }


def parameters(node: Any, way: str) -> dict[str, Any]:
    """Return `inputParameter`s or `outputParameter`s by name; a value is text, a list or a map of such."""
    path = f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}{way}"
    return {each.get("name", ""): _value(each) for each in node.findall(path)}


def _value(node: Any) -> Any:
    if node.tag == CAMUNDA + "list":
        return [_value(each) for each in node]
    if node.tag == CAMUNDA + "map":
        return {entry.get("key", ""): _value(entry) for entry in node}
    if len(node):
        return _value(node[0])
    return parameter_text((node.text or "").strip())


def parameter_text(text: str) -> str:
    """Return plain text, or `= FEEL` for an expression of either spelling."""
    if is_wrapped(text):
        return f"= {to_feel(text)[0]}"
    if not text.startswith("=") and ("${" in text or "#{" in text):
        return f"= {template(text)}"
    return text


def mappings(node: Any, way: str) -> tuple[dict[str, str], ...]:
    """Return a call activity's `camunda:in` or `camunda:out` elements."""
    found = []
    for each in node.findall(f"{BPMN}extensionElements/{CAMUNDA}{way}"):
        mapping = dict(each.attrib)
        if "sourceExpression" in mapping:
            mapping["sourceExpression"] = to_feel(mapping["sourceExpression"].lstrip("= "))[0]
        found.append(mapping)
    return tuple(found)


def add_parameter(node: Any, way: str, name: str) -> Any:
    """Return the `inputParameter` or `outputParameter` of this name, made as if it had been drawn."""
    mappings = child_of(child_of(node, BPMN + "extensionElements"), CAMUNDA + "inputOutput")
    for each in mappings.findall(CAMUNDA + way):
        if each.get("name") == name:
            return each
    return etree.SubElement(mappings, CAMUNDA + way, name=name)


def business_key(node: Any) -> str | None:
    """Return what a call gives as the business key; None where the caller's own is handed on."""
    for each in node.findall(f"{BPMN}extensionElements/{CAMUNDA}in"):
        text = (each.get("businessKey") or "").strip()
        if text and not hands_on_key(text):
            return parameter_text(text)
    return None


def hands_on_key(text: str) -> bool:
    """Whether a mapping says Camunda's words for the caller's own business key."""
    return text in ("#{execution.processBusinessKey}", "${execution.processBusinessKey}")
