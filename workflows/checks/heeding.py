"""Whether anything reads what an approver decided: else a rejection goes on as an approval does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from workflows.reading.xml import BPMN, CAMUNDA, local

FORM: Final = "approval"
_DECISION: Final = re.compile(r"\bdecision\b")
_READ: Final = (
    f"{BPMN}extensionElements/{CAMUNDA}inputOutput//*",
    f"{BPMN}script",
    f"{BPMN}conditionExpression",
)
_MAPPED: Final = ("source", "sourceExpression", "variables")


def is_approval(node: Any) -> bool:
    return local(node) == "userTask" and node.get(CAMUNDA + "formKey") == FORM


def is_heeded(task: Any, outgoing: Mapping[str, list[Any]], nodes: Mapping[str, Any]) -> bool:
    """Say whether the way on from an approval reads its decision before the next approval overwrites it.

    Where a subprocess ends, what encloses it may read it.
    """
    if _reads(task, own=True):
        return True
    seen: set[str] = set()
    ahead = [task]
    while ahead:
        for flow in outgoing.get(ahead.pop().get("id"), []):
            target = nodes.get(flow.get("targetRef"))
            if _reads(flow) or (target is not None and _reads(target)):
                return True
            if target is None or target.get("id") in seen or is_approval(target):
                continue
            if local(target) == "endEvent" and local(target.getparent()) == "subProcess":
                return True
            seen.add(target.get("id"))
            ahead.append(target)
    return False


def _reads(element: Any, own: bool = False) -> bool:
    """Look for the word in what an element evaluates; of the approval itself only what it hands on counts."""
    if own:
        path = f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}outputParameter"
        return any(_DECISION.search("".join(each.itertext())) for each in element.findall(path))
    if any(_DECISION.search(each.text or "") for path in _READ for each in element.findall(path)):
        return True
    return any(
        mapping.get("variables") == "all" or any(_DECISION.search(mapping.get(word, "")) for word in _MAPPED)
        for mapping in element.findall(f"{BPMN}extensionElements/{CAMUNDA}in")
    )
