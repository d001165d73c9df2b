"""jBPM's and Kogito's assignments: texts where ours are FEEL, some of which say who does a task."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from workflows.reading.juel_methods import quoted
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of

DROOLS = "http://www.jboss.org/drools"
_ASSIGNED = f"{BPMN}dataInputAssociation/{BPMN}assignment"
_INPUT = f"{BPMN}ioSpecification/{BPMN}dataInput"
_VARIABLE = re.compile(r"#\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}")
_PEOPLE = {"GroupId": "candidateGroups", "ActorId": "candidateUsers"}


def translate(node: Any) -> Iterator[tuple[Any, str]]:
    """Rewrite what an element is given in place; what holds more than a variable stays, and is refused."""
    if DROOLS not in node.nsmap.values():
        return
    assignments = node.findall(_ASSIGNED)
    names = (
        {each.get("id"): each.get("name") for each in node.iter(BPMN + "dataInput")} if assignments else {}
    )
    for assignment in assignments:
        source, target = assignment.find(BPMN + "from"), assignment.find(BPMN + "to")
        name = names.get(text_of(assignment, "to"))
        said = _said(text_of(assignment, "from") or "")
        if source is None or not name or said is None:
            continue
        plain, text = said
        source.text, target.text = text, name
        if local(node) == "userTask" and name in _PEOPLE:
            node.set(CAMUNDA + _PEOPLE[name], plain)
        yield node, f"the input {name!r} is read as {text!r}"


def _said(text: str) -> tuple[str, str] | None:
    """Return what a text says as an attribute, and in FEEL; None where it holds another expression."""
    variable = _VARIABLE.fullmatch(text)
    if variable:
        return f"= {variable[1]}", variable[1]
    return None if "#{" in text else (text, quoted(text))
