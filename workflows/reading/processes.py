"""From prepared XML to specs: element by element, then the flows between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflows.binding import Binding
from workflows.reading import data, extensions
from workflows.reading.correlation import read_keys
from workflows.reading.expressions import to_feel
from workflows.reading.repeats import read_repeats
from workflows.reading.triggers import named, read_trigger
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of
from workflows.specs import event_subprocess, events, gateways, subprocess, tasks
from workflows.specs.activity import Activity
from workflows.specs.flow import Flow
from workflows.specs.process import ProcessSpec
from workflows.specs.triggers import Trigger

_NONE = Trigger()

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
    "transaction": subprocess.Transaction,
    "callActivity": subprocess.CallActivity,
}
EMBEDDED = ("subProcess", "transaction")


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
    _hang_boundaries(process)
    _join_links(process)
    _read_compensation(node, process)
    return process


def _hang_boundaries(process: ProcessSpec) -> None:
    for spec in process.task_specs.values():
        if spec.kind == "boundaryEvent":
            process.task_specs[spec.attached_to].boundaries.append(spec.name)
        elif spec.is_event_subprocess:
            process.event_subprocesses.append(spec.name)
            if spec.trigger.kind == "compensation":
                process.undo = spec.name


def _join_links(process: ProcessSpec) -> None:
    """A link is a flow that was not drawn: from each throwing event to the catching one of its name."""
    linked = [spec for spec in process.task_specs.values() if getattr(spec, "trigger", _NONE).kind == "link"]
    catching = {spec.trigger.text: spec for spec in linked if spec.kind == "intermediateCatchEvent"}
    for spec in linked:
        if spec.kind == "intermediateThrowEvent":
            _connect(process, Flow(f"link:{spec.name}", spec.name, catching[spec.trigger.text].name))


def _read_compensation(node: Any, process: ProcessSpec) -> None:
    """Associate activities with what undoes them; the lines may be drawn outside their scope."""
    for association in node.getroottree().getroot().iter(BPMN + "association"):
        source = process.task_specs.get(association.get("sourceRef"))
        target = process.task_specs.get(association.get("targetRef"))
        if source is None or target is None or source.kind != "boundaryEvent":
            continue
        if source.trigger.kind == "compensation":
            process.task_specs[source.attached_to].undone_by = target.name
            process.handlers.add(target.name)


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
    if kind in EMBEDDED:
        inner = read_process(node, process.process_id, found)
        inner.locals = data.objects_of(node)
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
    spec.inputs_map = {**data.inputs(node), **extensions.parameters(node, "inputParameter")}
    spec.outputs_map = {**data.outputs(node), **extensions.parameters(node, "outputParameter")}
    if isinstance(spec, Activity):
        spec.repeats = read_repeats(node)
    spec.correlates = read_keys(node)
    if spec.is_event_subprocess:
        _finish_event_subprocess(spec, node)
    finish = _FINISH.get(spec.kind)
    if finish is not None:
        finish(spec, node)


def _class_of(node: Any) -> type:
    """A send or rule task with a topic is work for a machine, as Camunda's external tasks are."""
    if node.get(CAMUNDA + "topic") and local(node) in ("sendTask", "businessRuleTask", "serviceTask"):
        return tasks.ServiceTask
    if node.get("triggeredByEvent") == "true":
        return event_subprocess.EventSubprocess
    return CLASSES[local(node)]


def _finish_service(spec: Any, node: Any) -> None:
    spec.handler = node.get(CAMUNDA + "topic") or ""
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_script(spec: Any, node: Any) -> None:
    spec.script = to_feel(text_of(node, "script") or "null")[0]
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_rule(spec: Any, node: Any) -> None:
    spec.decision = extensions.parameter_text(node.get(CAMUNDA + "decisionRef") or "")
    spec.mapping = node.get(CAMUNDA + "mapDecisionResult") or "resultList"
    spec.result_variable = node.get(CAMUNDA + "resultVariable")


def _finish_message(spec: Any, node: Any) -> None:
    spec.message = named(node, node.get("messageRef"), "message")


def _finish_call(spec: Any, node: Any) -> None:
    how = node.get(CAMUNDA + "calledElementBinding") or "deployment"
    wanted = node.get(CAMUNDA + "calledElementVersion" + ("Tag" if how == "versionTag" else "")) or ""
    called = extensions.parameter_text(node.get("calledElement") or "")
    spec.binding = Binding(called, how, extensions.parameter_text(wanted))
    spec.business_key = extensions.business_key(node)
    spec.mapped_in = extensions.mappings(node, "in")
    spec.mapped_out = extensions.mappings(node, "out")


def _finish_event_subprocess(spec: Any, node: Any) -> None:
    start = node.find(BPMN + "startEvent")
    spec.start = start.get("id")
    spec.trigger = read_trigger(start)
    spec.correlates = read_keys(start)
    spec.interrupts = start.get("isInterrupting", "true") != "false"


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
    _connect(process, flow)


def _connect(process: ProcessSpec, flow: Flow) -> None:
    source, target = process.task_specs[flow.source], process.task_specs[flow.target]
    source.flows.append(flow)
    target.incoming.append(flow)
    # SpiffWorkflow's own links, for whoever reads the spec with its tools.
    source._outputs.append(target.name)
    target._inputs.append(source.name)
