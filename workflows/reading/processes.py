"""From prepared XML to specs: element by element, then the flows between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.reading import extensions
from workflows.reading.expressions import to_feel
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of
from workflows.specs import events, gateways, subprocess, tasks
from workflows.specs.flow import Flow
from workflows.specs.process import ProcessSpec

CLASSES: Mapping[str, type] = {
    "startEvent": events.StartEvent,
    "endEvent": events.EndEvent,
    "intermediateCatchEvent": events.CatchEvent,
    "intermediateThrowEvent": events.ThrowEvent,
    "boundaryEvent": events.BoundaryEvent,
    "task": tasks.PlainTask,
    "userTask": tasks.UserTask,
    "manualTask": tasks.ManualTask,
    "scriptTask": tasks.ScriptTask,
    "businessRuleTask": tasks.RuleTask,
    "serviceTask": tasks.ServiceTask,
    "sendTask": tasks.SendTask,
    "receiveTask": tasks.ReceiveTask,
    "exclusiveGateway": gateways.ExclusiveGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "eventBasedGateway": gateways.EventBasedGateway,
    "subProcess": subprocess.Subprocess,
    "callActivity": subprocess.CallActivity,
}
TIMERS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def read_process(node: Any, process_id: str, found: dict[str, ProcessSpec]) -> ProcessSpec:
    """Read a process or subprocess and everything inside; each lands in `found` under a unique name."""
    name = process_id if local(node) == "process" else f"{process_id}/{node.get('id')}"
    process = ProcessSpec(name, process_id)
    process.title = node.get("name") or node.get("id")
    found[name] = process
    lanes = _lanes(node)
    for child in node:
        if local(child) in CLASSES:
            _read_element(child, process, lanes, found)
    for child in node.findall(BPMN + "sequenceFlow"):
        _read_flow(child, process)
    for spec in process.task_specs.values():
        if spec.kind == "boundaryEvent":
            process.task_specs[spec.attached_to].boundaries.append(spec.name)
    return process


def _lanes(node: Any) -> dict[str, str]:
    return {
        (ref.text or "").strip(): lane.get("name") or lane.get("id")
        for lane in node.iter(BPMN + "lane")
        for ref in lane.findall(BPMN + "flowNodeRef")
    }


def _read_element(
    node: Any, process: ProcessSpec, lanes: Mapping[str, str], found: dict[str, ProcessSpec]
) -> None:
    kind, name = local(node), node.get("id")
    more: dict[str, Any] = {}
    if kind == "subProcess":
        inner = read_process(node, process.process_id, found)
        more["subworkflow_spec"] = inner.name
    elif kind == "callActivity":
        more["subworkflow_spec"] = node.get("calledElement")
    spec = _class_of(node)(process, name, **more)
    spec.lane = lanes.get(name)
    spec.title = node.get("name") or ""
    spec.line = node.sourceline
    spec.documentation = text_of(node, "documentation") or ""
    spec.attributes = {
        key.removeprefix(CAMUNDA): value for key, value in node.attrib.items() if key.startswith(CAMUNDA)
    }
    spec.properties = extensions.properties(node)
    spec.inputs_map = extensions.parameters(node, "inputParameter")
    spec.outputs_map = extensions.parameters(node, "outputParameter")
    finish = _FINISH.get(spec.kind)
    if finish is not None:
        finish(spec, node)


def _class_of(node: Any) -> type:
    """A send or rule task with a topic is work for a machine, as Camunda's external tasks are."""
    if node.get(CAMUNDA + "topic") and local(node) in ("sendTask", "businessRuleTask", "serviceTask"):
        return tasks.ServiceTask
    return CLASSES[local(node)]


def _finish_service(spec: Any, node: Any) -> None:
    spec.handler = node.get(CAMUNDA + "topic") or ""
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_script(spec: Any, node: Any) -> None:
    spec.script = to_feel(text_of(node, "script") or "null")[0]
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_rule(spec: Any, node: Any) -> None:
    spec.decision = node.get(CAMUNDA + "decisionRef") or ""
    spec.mapping = node.get(CAMUNDA + "mapDecisionResult") or "resultList"
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_message(spec: Any, node: Any) -> None:
    spec.message = referred(node, node.get("messageRef"), "message", "name")


def _finish_call(spec: Any, node: Any) -> None:
    spec.mapped_in = extensions.mappings(node, "in")
    spec.mapped_out = extensions.mappings(node, "out")


def _finish_event(spec: Any, node: Any) -> None:
    spec.trigger = read_trigger(node)


def _finish_boundary(spec: Any, node: Any) -> None:
    spec.trigger = read_trigger(node)
    spec.attached_to = node.get("attachedToRef")
    spec.interrupts = node.get("cancelActivity", "true") != "false"


_FINISH: Mapping[str, Callable[[Any, Any], None]] = {
    "serviceTask": _finish_service,
    "scriptTask": _finish_script,
    "businessRuleTask": _finish_rule,
    "sendTask": _finish_message,
    "receiveTask": _finish_message,
    "callActivity": _finish_call,
    "startEvent": _finish_event,
    "endEvent": _finish_event,
    "intermediateCatchEvent": _finish_event,
    "intermediateThrowEvent": _finish_event,
    "boundaryEvent": _finish_boundary,
}


def read_trigger(node: Any) -> events.Trigger:
    """Return what an event waits for or throws."""
    for child in node:
        kind = local(child)
        if kind == "messageEventDefinition":
            return events.Trigger("message", referred(node, child.get("messageRef"), "message", "name"))
        if kind == "signalEventDefinition":
            return events.Trigger("signal", referred(node, child.get("signalRef"), "signal", "name"))
        if kind == "errorEventDefinition":
            return events.Trigger(
                "error",
                referred(node, child.get("errorRef"), "error", "errorCode"),
                child.get(CAMUNDA + "errorCodeVariable"),
                child.get(CAMUNDA + "errorMessageVariable"),
            )
        if kind == "terminateEventDefinition":
            return events.Trigger("terminate")
        if kind == "timerEventDefinition":
            texts = ((timer, text_of(child, tag)) for tag, timer in TIMERS.items())
            # `check` saw to it that there is exactly one.
            return next(events.Trigger(timer, to_feel(text)[0]) for timer, text in texts if text)
    return events.Trigger()


def referred(node: Any, reference: str | None, tag: str, attribute: str) -> str | None:
    """Return the name or code of a message, signal or error; an undeclared one stands for itself."""
    if not reference:
        return None
    key = reference.split(":")[-1]
    for each in node.getroottree().getroot().findall(BPMN + tag):
        if each.get("id") == key:
            return each.get(attribute) or (None if tag == "error" else each.get("name") or key)
    return reference


def _read_flow(node: Any, process: ProcessSpec) -> None:
    source = process.task_specs[node.get("sourceRef")]
    target = process.task_specs[node.get("targetRef")]
    owner = next(n for n in node.getparent() if n.get("id") == node.get("sourceRef"))
    is_default = owner.get("default") == node.get("id")
    condition = text_of(node, "conditionExpression")
    flow = Flow(
        node.get("id"),
        source.name,
        target.name,
        None if condition is None or is_default else to_feel(condition)[0],
        is_default,
    )
    source.flows.append(flow)
    target.incoming.append(flow)
    # SpiffWorkflow's own links, for whoever reads the spec with its tools.
    source._outputs.append(target.name)
    target._inputs.append(source.name)
