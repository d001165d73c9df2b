"""SpiffWorkflow's words: what names things is read as Camunda's; its scripts are Python, and stay refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rules import feel
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of

SPIFF = "{http://spiffworkflow.org/bpmn/schema/1.0/core}"
_SHOWN = (
    "allowGuest",
    "guestConfirmation",
    "instructionsForEndUser",
    "properties",
    "signalButtonLabel",
    "taskMetadataValues",
    "unitTests",
)
"""What its own pages show, or its own tests read; nothing that its engine does."""
_PYTHON = re.compile(r"\b(True|False|None|in|is|lambda)\b")
_SCRIPTS = ("preScript", "postScript")


def translate(node: Any) -> Iterator[tuple[Any, str]]:
    """Rewrite an element's SpiffWorkflow words in place; what has no counterpart stays, and is refused."""
    if SPIFF[1:-1] not in node.nsmap.values():
        return
    node.attrib.pop(SPIFF + "scriptsOnInstances", None)
    if local(node) == "conditionExpression":
        _condition(node)
    if local(node) == "scriptTask" and text_of(node, "script") and not node.get("scriptFormat"):
        node.set("scriptFormat", "python")
    for child in node.findall(f"{BPMN}extensionElements/{SPIFF}*"):
        word = local(child)
        for said in _read(node, child, word):
            child.getparent().remove(child)
            yield node, said


def _read(node: Any, child: Any, word: str) -> Iterator[str]:
    """Say that a word was read, or does nothing; where nothing is said, it stays."""
    if word in _SHOWN:
        yield f"spiffworkflow:{word} is not shown: name a form as camunda:formKey"
    if word == "calledDecisionId":
        node.set(CAMUNDA + "decisionRef", (child.text or "").strip())
        yield "spiffworkflow:calledDecisionId is read as camunda:decisionRef"
    if word == "serviceTaskOperator" and not len(child):
        node.set(CAMUNDA + "topic", child.get("id") or "")
        yield "spiffworkflow:serviceTaskOperator is read as camunda:topic"
    if word == "variableName" and not (child.text or "").strip():
        yield "spiffworkflow:variableName names no variable: nothing is done"
    if word in _SCRIPTS and not (child.text or "").strip():
        yield f"spiffworkflow:{word} holds no script: nothing is done"


def _condition(node: Any) -> None:
    """Its conditions are Python: what FEEL reads too says the same there, save by these words."""
    text = "".join(node.itertext())
    try:
        feel.compile(text.strip(), ())
    except feel.FeelError:
        node.set("language", "python")
    if _PYTHON.search(text):
        node.set("language", "python")
