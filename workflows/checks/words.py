"""Words on an element that would change what it does and that we do not execute: refused, never ignored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflows.assigning import EVALUATED
from workflows.reading.xml import BPMN, CAMUNDA, local

Finding = tuple[str, str]
"""Severity (error, halt, strict, warning) and message."""

FOREIGN_CODE = (
    "class",
    "delegateExpression",
    "expression",
    "variableMappingClass",
    "variableMappingDelegateExpression",
)
_METHOD = re.compile(r"\w\s*\(")
_UNEXECUTED = {
    "calledElementTenantId": "a call binds inside its organisation",
    "decisionRefVersion": "a decision binds inside its deployment",
    "decisionRefVersionTag": "a decision binds inside its deployment",
    "decisionRefTenantId": "a decision binds inside its deployment",
    "taskIdVariableName": "a task's key is its own",
    "skipExpression": "draw a gateway around the element",
}
_UNEXECUTED_IF_TRUE = {
    "triggerable": "draw a receive task behind the element",
    "useLocalScopeForResultVariable": "map it as an output parameter",
    "storeResultVariableAsTransient": "map it as an output parameter",
}
_NOTED = {
    "candidateStarterUsers": "who may start a process is said by roles",
    "candidateStarterGroups": "who may start a process is said by roles",
    "initiator": "set the starter as a variable of the instance",
    "formRef": "name the form as camunda:formKey",
}
_BINDINGS = ("decisionRefBinding",)
_CALLS = frozenset(("calledElementBinding", "calledElementVersion", "calledElementVersionTag"))
_FIXED: Mapping[str, tuple[str, str]] = {
    "instantiate": ("false", "draw a start event"),
    "startQuantity": ("1", "draw a parallel gateway"),
    "completionQuantity": ("1", "draw a parallel gateway"),
    "eventGatewayType": ("Exclusive", "only the first event wins"),
    "parallelMultiple": ("false", "draw an event for each"),
}
_DESIGN = ("work-form-field-validation", "task-candidates-type", "historyLevel")
_LISTENERS = ("executionListener", "taskListener", "connector")
_EXTENSIONS = frozenset(("properties", "inputOutput", "in", "out", "failedJobRetryTimeCycle"))
_PEOPLE = frozenset(("potentialOwner", "humanPerformer", "performer", "resourceRole"))
_DATA = frozenset(
    (
        "ioSpecification",
        "property",
        "dataInputAssociation",
        "dataOutputAssociation",
        "dataInput",
        "dataOutput",
        "inputSet",
        "outputSet",
    )
)
_PARTS = frozenset(
    (
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "auditing",
        "monitoring",
        "rendering",
        "script",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
    )
)
_OTHER_ENGINES = {
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}
_PYTHON = frozenset(("preScript", "postScript", "serviceTaskOperator", "messagePayload", "payloadExpression"))


def holds_expression(text: str) -> bool:
    return text.startswith("=") or "${" in text or "#{" in text


def event_definitions(node: Any) -> list[Any]:
    return [child for child in node if local(child).endswith("EventDefinition")]


def foreign_code(word: str, value: str) -> Finding:
    """Say that code is named; a method that is called is refused by that, wherever it stands."""
    if _METHOD.search(value):
        return "error", f"camunda:{word} runs foreign code: {value!r} calls a method"
    return "halt", f"camunda:{word} runs foreign code; name a handler as camunda:topic"


def attributes(node: Any) -> Iterator[Finding]:
    """Say what of an element's own attributes is not executed."""
    for name, value in node.attrib.items():
        word = name.removeprefix(CAMUNDA)
        if not name.startswith(CAMUNDA):
            wanted, instead = _FIXED.get(name, (value, ""))
            if value != wanted:
                yield "halt", f"{name}={value!r} is not executed; {instead}"
        elif word in FOREIGN_CODE:
            yield foreign_code(word, value)
        elif word in _UNEXECUTED:
            yield "halt", f"camunda:{word} is not executed: {_UNEXECUTED[word]}"
        elif word in _UNEXECUTED_IF_TRUE and value == "true":
            yield "halt", f"camunda:{word} is not executed: {_UNEXECUTED_IF_TRUE[word]}"
        elif word in _NOTED:
            yield "warning", f"camunda:{word} does nothing here: {_NOTED[word]}"
        elif word in _CALLS:
            continue  # looked at with the call activity
        elif word in _BINDINGS and value not in ("latest", "deployment"):
            yield "halt", f"camunda:{word}={value!r} is not executed: it binds inside its deployment"
        elif word == "jobPriority":
            continue
        elif word not in (*EVALUATED, "decisionRef") and holds_expression(value):
            yield "halt", f"an expression in camunda:{word} is not executed"


def parts(node: Any, scopes: bool = False) -> Iterator[Finding]:
    """Say what inside an element is not executed; `scopes`: its flow elements are looked at elsewhere."""
    for child in node:
        kind = local(child)
        if not child.tag.startswith(BPMN) or scopes or kind in _PARTS or kind.endswith("EventDefinition"):
            continue
        if kind in _DATA:
            continue  # looked at by `checks.data`
        if kind in _PEOPLE:
            yield "halt", f"{kind} is not executed; say who as camunda:assignee or camunda:candidateGroups"
        else:
            yield "halt", f"{kind} is not executed"


def extensions(node: Any) -> Iterator[Finding]:
    """Say which of Camunda's extension elements, or of other engines' words, are not executed."""
    for child in node.findall(f"{BPMN}extensionElements/*"):
        word = child.tag.removeprefix(CAMUNDA)
        if word in _LISTENERS:
            # An element does its own work without its listeners; a connector is the work.
            severity = "halt" if word == "connector" else "strict"
            yield severity, f"camunda:{word} runs foreign code, which is never executed"
        elif word == "potentialStarter":
            yield "warning", f"camunda:{word} does nothing here: {_NOTED['candidateStarterUsers']}"
        elif word == "mapException":
            yield "warning", "camunda:mapException does nothing here: a handler names its error itself"
        elif word in ("formData", "form", "formProperty"):
            yield "warning", f"camunda:{word} is not shown: name a form as camunda:formKey"
        elif word in _DESIGN:
            yield "warning", f"camunda:{word} does nothing here: it says how another tool shows or keeps it"
        elif word in ("in", "out") and local(node) != "callActivity":
            yield "halt", f"camunda:{word} is executed on call activities only"
        elif child.tag.startswith(CAMUNDA) and word not in _EXTENSIONS:
            yield "halt", f"camunda:{word} is not executed"
        else:
            yield from _engine(child.tag)
    for name in node.attrib:
        yield from _engine(name)


def _engine(name: str) -> Iterator[Finding]:
    """Say that a word of another engine has no counterpart; what has one was read as Camunda's before."""
    space, _, word = name[1:].partition("}")
    engine = _OTHER_ENGINES.get(space)
    if engine == "SpiffWorkflow" and word in _PYTHON:
        yield "error", "scripts are FEEL; python is not executed"
    elif engine is not None:
        yield "halt", f"is drawn for {engine}, whose word {word!r} is not executed; use camunda: attributes"


def approvals(node: Any) -> Iterator[Finding]:
    """Say what a step wants of its approvers that one decision of one person does not give."""
    path = f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"
    for each in node.findall(path):
        name, value = each.get("name") or "", (each.get("value") or "").strip()
        if name == "approval.mode" and value != "one":
            yield "error", f"approval.mode {value!r} is not executed yet: one person decides"
        elif name.startswith("approval.") and name not in ("approval.mode", "approval.excluded"):
            yield "error", f"{name} is not executed yet"


def event_definition(definition: Any) -> Iterator[Finding]:
    """Say what of an event definition is not executed."""
    for word in ("signalExpression", "messageExpression"):
        if definition.get(CAMUNDA + word):
            yield "halt", f"a {word.removesuffix('Expression')} named by an expression is not executed"
    for word in ("topic", *FOREIGN_CODE):
        value = definition.get(CAMUNDA + word)
        if value and _METHOD.search(value):
            yield foreign_code(word, value)
        elif value:
            yield "halt", f"camunda:{word} on an event is not executed: it sends or awaits its message"
    if definition.find(f"{BPMN}extensionElements/{CAMUNDA}*") is not None:
        yield "halt", f"extension elements of a {local(definition)} are not executed"
