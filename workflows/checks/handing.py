"""What a called process's tables read and its caller does not hand on: they would be asked with nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules import dmn
from workflows.reading.xml import BPMN, CAMUNDA

_IN = f"{BPMN}extensionElements/{CAMUNDA}in"
_PARAMETER = f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}inputParameter"

_ANSWERED = frozenset(
    BPMN + kind
    for kind in (
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "intermediateCatchEvent",
        "eventBasedGateway",
    )
)


def missing(call: Any, called: Any, models: Mapping[str, dmn.Model]) -> list[str]:
    """Return names that a call leaves out; one that hands on all, or nothing, leaves none."""
    given = call.findall(_IN)
    targets = {each.get("target") for each in given if each.get("target")}
    if not targets or any(each.get("variables") for each in given):
        return []
    return sorted(set(_read(called, models)) - targets - set(_written(called)))


def _read(process: Any, models: Mapping[str, dmn.Model]) -> Iterator[str]:
    """Yield the inputs of the tables that a process asks first, but for those that a task sets for itself."""
    for task in _asked_first(process):
        reference = task.get(CAMUNDA + "decisionRef")
        if reference in models:
            own = {each.get("name") for each in task.findall(_PARAMETER)}
            yield from set(models[reference].inputs_of(reference)) - own


def _asked_first(process: Any) -> Iterator[Any]:
    """Yield the tasks that ask a table before anybody could have answered anything.

    Whoever completes a task, and every message, may set variables of whatever name.
    """
    follows: dict[str, list[str]] = {}
    for flow in process.findall(f"{BPMN}sequenceFlow"):
        follows.setdefault(flow.get("sourceRef"), []).append(flow.get("targetRef"))
    nodes = {node.get("id"): node for node in process}
    starts = process.findall(f"{BPMN}startEvent")
    to_see = [start.get("id") for start in starts if start.find(f"{BPMN}messageEventDefinition") is None]
    seen: set[str] = set()
    while to_see:
        name = to_see.pop()
        node = nodes.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if node.tag == f"{BPMN}businessRuleTask":
            yield node
        if node.tag not in _ANSWERED:
            to_see += follows.get(name, [])


def _written(process: Any) -> Iterator[str]:
    """Yield the variables that something in a process may set."""
    for each in process.iter():
        for attribute in ("resultVariable", "elementVariable"):
            if name := each.get(CAMUNDA + attribute):
                yield name
        if each.tag in (CAMUNDA + "outputParameter", CAMUNDA + "formField"):
            yield each.get("name") or each.get("id") or ""
        elif each.tag == CAMUNDA + "out":
            yield each.get("target") or ""
