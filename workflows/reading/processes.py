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
from workflows.specs import event_subprocess, events, gateways, subprocess, tasks, unexecuted
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
UNEXECUTED: Mapping[str, type] = {
    "adHocSubProcess": unexecuted.AdHocSubprocess,
    "complexGateway": unexecuted.ComplexGateway,
}
ELEMENTS: Mapping[str, type] = {**CLASSES, **UNEXECUTED}
PLACES = frozenset((*ELEMENTS, "sequenceFlow"))
"""Where a token comes: what is not executed there can halt it."""
EMBEDDED = ("subProcess", "transaction")
_LINKED = ("intermediateCatchEvent", "intermediateThrowEvent")
_UNCONDITIONAL = ("parallelGateway", "eventBasedGateway")


def read_process(
    node: Any, process_id: str, found: dict[str, ProcessSpec], halts: Mapping[str, str]
) -> ProcessSpec:
    """Read a process or subprocess and everything inside; each lands in `found` under a unique name.

    `halts`: why elements and flows are not executed, by id; of them only their place is read.
    """
    name = process_id if local(node) == "process" else f"{process_id}/{node.get('id')}"
    process = ProcessSpec(name, process_id)
    process.title = node.get("name") or node.get("id")
    found[name] = process
    lanes = _lanes(node)
    for child in node:
        if local(child) in ELEMENTS:
            _read_element(child, process, lanes, found, halts)
    for child in node.findall(BPMN + "sequenceFlow"):
        _read_flow(child, process, halts.get(child.get("id")))
    _hang_boundaries(process)
    _halt_beginnings(process)
    _join_links(process)
    _read_compensation(node, process)
    return process


def _hang_boundaries(process: ProcessSpec) -> None:
    for spec in process.task_specs.values():
        if spec.kind == "boundaryEvent":
            host = process.task_specs[spec.attached_to]
            host.boundaries.append(spec.name)
            host.halts = host.halts or _along(spec)
        elif spec.is_event_subprocess:
            process.event_subprocesses.append(spec.name)
            process.halts = process.halts or _along(spec)
            if spec.trigger.kind == "compensation":
                process.undo = spec.name


def _along(spec: Any) -> str | None:
    """Say why an event halts what it would happen to: one that is not executed would be missed in silence."""
    return None if spec.halts is None else f"{spec.name}: {spec.halts}"


def _halt_beginnings(process: ProcessSpec) -> None:
    """Halt a whole scope for one of its event subprocesses, wherever it begins."""
    for spec in process.task_specs.values():
        if process.halts is not None and (spec.kind == "startEvent" or process.is_beginning(spec)):
            spec.halts = spec.halts or process.halts


def _join_links(process: ProcessSpec) -> None:
    """A link is a flow that was not drawn: from each throwing event to the catching one of its name."""
    linked = [spec for spec in process.task_specs.values() if getattr(spec, "trigger", _NONE).kind == "link"]
    catching = {spec.trigger.text: spec for spec in linked if spec.kind == "intermediateCatchEvent"}
    for spec in linked:
        if spec.kind == "intermediateThrowEvent" and spec.trigger.text in catching:
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


def _lanes(node: Any) -> dict[str, str]:
    return {
        (ref.text or "").strip(): lane.get("name") or lane.get("id")
        for lane in node.iter(BPMN + "lane")
        for ref in lane.findall(BPMN + "flowNodeRef")
    }


def _read_element(
    node: Any,
    process: ProcessSpec,
    lanes: Mapping[str, str],
    found: dict[str, ProcessSpec],
    halts: Mapping[str, str],
) -> None:
    kind, name = local(node), node.get("id")
    more: dict[str, Any] = {}
    if kind in EMBEDDED:
        inner = read_process(node, process.process_id, found, halts)
        inner.locals = data.objects_of(node)
        more["subworkflow_spec"] = inner.name
    elif kind == "callActivity":
        more["subworkflow_spec"] = node.get("calledElement")
    spec = _class_of(node)(process, name, **more)
    spec.lane = lanes.get(name)
    spec.title = node.get("name") or ""
    spec.line = node.sourceline
    spec.documentation = text_of(node, "documentation") or ""
    spec.halts = halts.get(name)
    if node.get("isForCompensation") == "true":
        process.handlers.add(name)
    if spec.halts is None:
        _read_work(spec, node)
    else:
        _read_place(spec, node)


def _read_place(spec: Any, node: Any) -> None:
    """Read of an element that is not executed what others look for."""
    if spec.kind == "boundaryEvent":
        spec.attached_to = node.get("attachedToRef")
    elif spec.kind in _LINKED and node.find(BPMN + "linkEventDefinition") is not None:
        spec.trigger = read_trigger(node)


def _read_work(spec: Any, node: Any) -> None:
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
    return ELEMENTS[local(node)]


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


def _read_flow(node: Any, process: ProcessSpec, halts: str | None) -> None:
    source = process.task_specs[node.get("sourceRef")]
    target = process.task_specs[node.get("targetRef")]
    owner = next(n for n in node.getparent() if n.get("id") == node.get("sourceRef"))
    is_default = owner.get("default") == node.get("id")
    # What cannot be gone along is asked first, so that the asking says so.
    condition = "null" if halts else text_of(node, "conditionExpression")
    if halts and source.kind in _UNCONDITIONAL:
        source.halts = source.halts or f"{node.get('id')}: {halts}"
    flow = Flow(
        node.get("id"),
        source.name,
        target.name,
        None if condition is None or is_default else to_feel(condition)[0],
        is_default,
        halts,
    )
    _connect(process, flow)


def _connect(process: ProcessSpec, flow: Flow) -> None:
    source, target = process.task_specs[flow.source], process.task_specs[flow.target]
    source.flows.append(flow)
    target.incoming.append(flow)
    # SpiffWorkflow's own links, for whoever reads the spec with its tools.
    source._outputs.append(target.name)
    target._inputs.append(source.name)
