"""Data objects: variables with a picture, and what activities and events take from them and put into them.

BPMN 2.0.2, 10.4. A data object is the variable of its name; in a subprocess, one of that subprocess alone. An
association without a named data input or output is only a line: the variable is seen anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.reading.expressions import to_feel
from workflows.reading.xml import BPMN, text_of
from workflows.tokens import Named

_PLACEHOLDER = "__targetRef_placeholder"
"""What bpmn-js names the target of a line that means no more than a line."""


def objects_of(container: Any) -> list[str]:
    """Return the variables that a process or subprocess declares."""
    references = container.findall(BPMN + "dataObjectReference")
    shown = {each.get("dataObjectRef") for each in references}
    alone = [each for each in container.findall(BPMN + "dataObject") if each.get("id") not in shown]
    return list(dict.fromkeys(variable_of(each) for each in (*references, *alone)))


def variable_of(node: Any) -> str:
    """Return the name of a data object's variable; a reference without a name has its object's."""
    name = (node.get("name") or "").strip()
    declared = node.get("dataObjectRef")
    if name or not declared:
        return str(name or node.get("id"))
    found = element_of(node, declared)
    return variable_of(found) if found is not None else str(node.get("id"))


def element_of(node: Any, key: str | None) -> Any:
    """Return the element of this id, anywhere in the file; None where there is none."""
    root = node.getroottree().getroot()
    return next((each for each in root.iter() if each.get("id") == key), None) if key else None


def inputs(node: Any) -> dict[str, Any]:
    """Return what an element is given by its data input associations, by name."""
    return dict(_moves(node, "dataInputAssociation"))


def outputs(node: Any) -> dict[str, Any]:
    """Return what an element leaves by its data output associations, by variable."""
    return dict(_moves(node, "dataOutputAssociation"))


def _moves(node: Any, tag: str) -> Iterator[tuple[str, Any]]:
    for association in node.findall(BPMN + tag):
        for assignment in association.findall(BPMN + "assignment"):
            yield text_of(assignment, "to") or "", feel_of(text_of(assignment, "from"))
        source, target = _end(association, "sourceRef"), _end(association, "targetRef")
        text = text_of(association, "transformation")
        if target and text:
            yield target, feel_of(text)
        elif target and source and target != source:
            yield target, Named(source)


def _end(association: Any, tag: str) -> str | None:
    found = element_of(association, text_of(association, tag))
    if found is None or found.get("name") == _PLACEHOLDER:
        return None
    return variable_of(found)


def feel_of(text: str | None) -> str:
    return f"= {to_feel((text or 'null').removeprefix('='))[0]}"
