"""What we execute, what we refuse, and why: a whitelist over the XML, so that nothing is silently wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules import dmn, feel
from workflows.errors import Finding
from workflows.reading.expressions import ForeignExpressionError, to_feel
from workflows.reading.processes import CLASSES, TIMERS
from workflows.reading.xml import BPMN, CAMUNDA, UnreadableError, local, prepare, read, text_of

_DRAWING = frozenset(
    (
        "documentation",
        "extensionElements",
        "laneSet",
        "sequenceFlow",
        "textAnnotation",
        "association",
        "group",
        "incoming",
        "outgoing",
        "category",
    )
)
_DATA = frozenset(("dataObject", "dataObjectReference", "dataStoreReference", "ioSpecification", "property"))
_TRIGGERS: Mapping[str, frozenset[str]] = {
    "startEvent": frozenset({"messageEventDefinition"}),
    "endEvent": frozenset(f"{kind}EventDefinition" for kind in ("message", "signal", "error", "terminate")),
    "intermediateCatchEvent": frozenset(f"{kind}EventDefinition" for kind in ("message", "signal", "timer")),
    "intermediateThrowEvent": frozenset(f"{kind}EventDefinition" for kind in ("message", "signal")),
    "boundaryEvent": frozenset(f"{kind}EventDefinition" for kind in ("message", "signal", "timer", "error")),
}
_ACTIVITIES = frozenset(name for name in CLASSES if name.lower().endswith("task")) | {
    "subProcess",
    "callActivity",
}
_MACHINE_WORDS = ("class", "delegateExpression", "expression")
_FEEL = ("feel", "http://www.omg.org/spec/dmn/20180521/feel/", "https://www.omg.org/spec/dmn/20191111/feel/")


class Checker:
    """Collects the findings of one set of files."""

    def __init__(self, diagrams: Mapping[str, bytes], tables: Mapping[str, bytes]) -> None:
        self.findings: list[Finding] = []
        self.file = ""
        self.roots: dict[str, Any] = {}
        self.models: dict[str, Any] = {}
        self.processes: dict[str, str] = {}
        self._read_tables(tables)
        self._read_diagrams(diagrams)

    def error(self, node: Any, message: str) -> None:
        element, line = (node, None) if isinstance(node, str) else (node.get("id") or "", node.sourceline)
        self.findings.append(Finding("error", self.file, element, message, line))

    def warn(self, node: Any, message: str) -> None:
        self.findings.append(Finding("warning", self.file, node.get("id") or "", message, node.sourceline))

    def _read_tables(self, tables: Mapping[str, bytes]) -> None:
        for file, content in tables.items():
            self.file = file
            try:
                model = dmn.load(content)
            except (dmn.DmnError, feel.FeelError) as error:
                self.error(getattr(error, "element", "") or self.file, str(error))
                continue
            for fault in model.faults:
                self.findings.append(Finding(fault.severity, file, fault.element, fault.reason))
            for name in _names_of(model):
                if name in self.models and self.models[name] is not model:
                    self.error(name, f"the decision {name!r} is in two tables")
                self.models[name] = model

    def _read_diagrams(self, diagrams: Mapping[str, bytes]) -> None:
        for file, content in diagrams.items():
            self.file = file
            try:
                root = read(content)
            except UnreadableError as error:
                self.error(self.file, str(error))
                continue
            prepare(root)
            self.roots[self.file] = root
            for process in executable(root):
                if process.get("id") in self.processes:
                    self.error(process, f"the process is also in {self.processes[process.get('id')]}")
                self.processes[process.get("id")] = self.file
            if not executable(root):
                self.error(self.file, "holds no executable process")

    def check(self) -> tuple[Finding, ...]:
        for file, root in self.roots.items():
            self.file = file
            for process in executable(root):
                self._container(process)
        return tuple(self.findings)

    def _container(self, container: Any) -> None:
        ids = [each.get("id") for each in container if local(each) not in _DRAWING]
        for twice in sorted({each for each in ids if ids.count(each) > 1}):
            self.error(twice, "the id stands twice")
        for child in container:
            self._child(child)
        nodes = {each.get("id"): each for each in container if local(each) in CLASSES}
        self._flows(container, nodes)
        self._starts(container, nodes)

    def _child(self, node: Any) -> None:
        kind = local(node)
        if kind in _DATA:
            self.warn(node, f"{kind} is decoration here: data are variables")
        elif kind in CLASSES:
            self._element(node, kind)
        elif kind not in _DRAWING:
            self.error(node, f"{kind} is not executed yet")

    def _element(self, node: Any, kind: str) -> None:
        for loop in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
            if node.find(BPMN + loop) is not None:
                self.error(node, f"{loop} is not executed yet; draw the loop with a gateway")
        if node.get("isForCompensation") == "true":
            self.error(node, "compensation is not executed yet")
        for word in ("executionListener", "taskListener", "connector"):
            if next(node.iter(CAMUNDA + word), None) is not None and kind != "subProcess":
                self.error(node, f"camunda:{word} runs foreign code, which is never executed")
        if kind in _TRIGGERS:
            self._trigger(node, kind)
        special = getattr(self, f"_check_{kind}", None)
        if special is not None:
            special(node)
        self._parameters(node)

    def _trigger(self, node: Any, kind: str) -> None:
        found = [each for each in node if local(each).endswith("EventDefinition")]
        if len(found) > 1:
            self.error(node, "has several event definitions; draw an event for each")
        for definition in found:
            name = local(definition)
            if name not in _TRIGGERS[kind]:
                self.error(node, f"{name} on a {kind} is not executed yet")
            elif name == "timerEventDefinition":
                self._timer(node, definition)
            elif name in ("messageEventDefinition", "signalEventDefinition"):
                reference = name.removesuffix("EventDefinition") + "Ref"
                if not definition.get(reference):
                    self.error(node, f"names no {reference}")
        if kind in ("intermediateCatchEvent", "boundaryEvent") and not found:
            self.error(node, "waits for nothing: it has no event definition")

    def _timer(self, node: Any, definition: Any) -> None:
        texts = [text_of(definition, tag) for tag in TIMERS]
        if not any(texts):
            self.error(node, "the timer says no time")
        for text in texts:
            if text and not (text[:1] in "PR" or text[:1].isdigit()):
                self._feel(node, text.lstrip("= "), "timer")

    def _check_scriptTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        form = (node.get("scriptFormat") or "").lower()
        if form not in _FEEL:
            self.error(node, f"scripts are FEEL; {form or 'no scriptFormat'} is not executed")
        elif node.get(CAMUNDA + "resource"):
            self.error(node, "the script must stand in the diagram, not in another file")
        else:
            self._feel(node, text_of(node, "script") or "", "script")

    def _check_serviceTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        for word in _MACHINE_WORDS:
            if node.get(CAMUNDA + word):
                self.error(node, f"camunda:{word} runs foreign code; name a handler as camunda:topic")
                return
        if not node.get(CAMUNDA + "topic"):
            self.error(node, "names no handler: set type external and a topic")

    def _check_sendTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        if not node.get(CAMUNDA + "topic") and not node.get("messageRef"):
            self.error(node, "sends nothing: name a message, or a handler as camunda:topic")
        for word in _MACHINE_WORDS:
            if node.get(CAMUNDA + word):
                self.error(node, f"camunda:{word} runs foreign code; name a handler as camunda:topic")

    def _check_businessRuleTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        if node.get(CAMUNDA + "topic"):
            return
        decision = node.get(CAMUNDA + "decisionRef")
        if not decision:
            self.error(node, "names no decision")
        elif "{" in decision or decision.startswith("="):
            self.error(node, "a decision chosen by an expression is not executed yet")
        elif decision not in self.models:
            self.error(node, f"no table here decides {decision!r}")

    def _check_callActivity(self, node: Any) -> None:  # noqa: N802 - named for the element
        called = node.get("calledElement") or ""
        if not called or "{" in called or called.startswith("="):
            self.error(node, "calledElement must name a process")
        elif called not in self.processes:
            self.error(node, f"the process {called!r} is not here")

    def _check_subProcess(self, node: Any) -> None:  # noqa: N802 - named for the element
        if node.get("triggeredByEvent") == "true":
            self.error(node, "an event subprocess is not executed yet; use a boundary event")
            return
        self._container(node)

    def _check_boundaryEvent(self, node: Any) -> None:  # noqa: N802 - named for the element
        host = next((e for e in node.getparent() if e.get("id") == node.get("attachedToRef")), None)
        if host is None or local(host) not in _ACTIVITIES:
            self.error(node, "is attached to no activity")

    def _check_receiveTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        if not node.get("messageRef"):
            self.warn(node, "names no message: somebody must complete it by hand")

    def _parameters(self, node: Any) -> None:
        for each in node.findall(f"{BPMN}extensionElements/{CAMUNDA}inputOutput/*"):
            text = (each.text or "").strip()
            if each.find(CAMUNDA + "script") is not None:
                self.error(node, "a script as a parameter is not executed; use a FEEL expression")
            elif text.startswith("="):
                self._feel(node, text[1:], f"parameter {each.get('name')}")
            elif text.startswith(("${", "#{")):
                self._feel(node, text, f"parameter {each.get('name')}")
        for name, value in node.attrib.items():
            if name.startswith(CAMUNDA) and value.startswith(("=", "${", "#{")):
                self._feel(node, value.lstrip("= "), name.removeprefix(CAMUNDA))

    def _flows(self, container: Any, nodes: Mapping[str, Any]) -> None:
        outgoing: dict[str, list[Any]] = {}
        for flow in container.findall(BPMN + "sequenceFlow"):
            ends = (flow.get("sourceRef"), flow.get("targetRef"))
            if any(end not in nodes for end in ends):
                self.error(flow, "leads from or to an element that is not here")
                continue
            outgoing.setdefault(ends[0], []).append(flow)
            condition = flow.find(BPMN + "conditionExpression")
            if condition is not None:
                self._condition(flow, condition)
        for source, flows in outgoing.items():
            self._outgoing(nodes[source], flows, nodes)

    def _condition(self, flow: Any, condition: Any) -> None:
        language = (condition.get("language") or "feel").lower()
        if language not in (*_FEEL, "juel"):
            self.error(flow, f"conditions are FEEL; {language} is not executed")
        else:
            self._feel(flow, text_of(flow, "conditionExpression") or "", "condition")

    def _outgoing(self, source: Any, flows: list[Any], nodes: Mapping[str, Any]) -> None:
        kind, default = local(source), source.get("default")
        if kind == "exclusiveGateway" and len(flows) > 1:
            for flow in flows:
                if flow.get("id") != default and not text_of(flow, "conditionExpression"):
                    self.error(flow, "needs a condition, or to be the gateway's default flow")
        if kind == "eventBasedGateway":
            for flow in flows:
                if local(nodes[flow.get("targetRef")]) not in ("intermediateCatchEvent", "receiveTask"):
                    self.error(source, "must lead to catching events or receive tasks only")
        if default and default not in [flow.get("id") for flow in flows]:
            self.error(source, f"its default flow {default!r} does not leave it")

    def _starts(self, container: Any, nodes: Mapping[str, Any]) -> None:
        targets = {flow.get("targetRef") for flow in container.findall(BPMN + "sequenceFlow")}
        starts = [n for n in nodes.values() if local(n) == "startEvent"]
        free = [
            n
            for n in nodes.values()
            if n.get("id") not in targets and local(n) not in ("startEvent", "boundaryEvent")
        ]
        if not starts and not free:
            self.error(container, "has nowhere to start")
        if starts:
            for node in free:
                self.warn(node, "can never be reached")
        if local(container) == "subProcess" and len(starts) > 1:
            self.error(container, "has several start events")
        plain = [n for n in starts if not any(local(c).endswith("EventDefinition") for c in n)]
        if len(plain) > 1:
            self.error(container, "has several start events without a trigger")

    def _feel(self, node: Any, text: str, where: str) -> None:
        try:
            translated, was_foreign = to_feel(text)
        except ForeignExpressionError as error:
            self.error(node, f"the {where} {text!r}: {error}")
            return
        if was_foreign:
            self.warn(node, f"the {where} {text!r} was translated to {translated!r}")
        try:
            feel.compile(translated, ())
        except feel.FeelError as error:
            self.error(node, f"the {where} is not FEEL: {error}")


def _names_of(model: dmn.Model) -> set[str]:
    """Return what a diagram may call the model's decisions: their ids and their names."""
    names = set(model.decisions)
    return names | {key for key, node in model.nodes.items() if node.name in names}


def executable(root: Any) -> list[Any]:
    return [each for each in root.findall(BPMN + "process") if each.get("isExecutable") != "false"]


def check(diagrams: Mapping[str, bytes], tables: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Return what there is to say of these files together; any error keeps them from being deployed."""
    return Checker(diagrams, tables).check()


def errors_of(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.severity == "error")
