"""Each element: what it must say to be executed, and what it says that is not."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from workflows import deciding
from workflows.assigning import ALWAYS_FEEL, EVALUATED
from workflows.binding import BINDINGS
from workflows.checks import handing, words
from workflows.checks.correlating import CorrelationChecks
from workflows.checks.data import DataChecks
from workflows.checks.events import EVENTS, EventChecks
from workflows.checks.findings import is_feel
from workflows.checks.repeats import RepeatChecks
from workflows.reading.extensions import hands_on_key
from workflows.reading.processes import CLASSES, EMBEDDED
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of

_ACTIVITIES = frozenset(name for name in CLASSES if name.lower().endswith("task")) | {
    *EMBEDDED,
    "callActivity",
    "adHocSubProcess",
}

_VERSIONED = {"version": "calledElementVersion", "versionTag": "calledElementVersionTag"}
_PARAMETERS = frozenset(("inputParameter", "outputParameter", "list", "value", "map", "entry"))


class ElementChecks(DataChecks, EventChecks, RepeatChecks, CorrelationChecks):
    """Looks at one element at a time; knows the tables and processes that are there."""

    def __init__(self) -> None:
        super().__init__()
        self.models: dict[str, Any] = {}
        self.handlers: Mapping[str, Collection[str]] | None = None
        self.processes: dict[str, Any] = {}

    def element(self, node: Any, kind: str) -> None:
        if kind in _ACTIVITIES:
            self.repeats(node)
        self.say(node, words.attributes(node))
        if words.holds_expression(node.get("name") or ""):
            self.warn(node, "its name is shown as it stands: nothing in it is evaluated")
        self.say(node, words.parts(node, scopes=kind in EMBEDDED))
        if kind not in EMBEDDED:
            self.say(node, words.extensions(node))
        if kind in EVENTS:
            self.trigger(node, kind)
        special = getattr(self, f"_check_{kind}", None)
        if special is not None:
            special(node)
        self._parameters(node)
        self.data(node)
        self.keys(node, kind)

    def _check_scriptTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        form = (node.get("scriptFormat") or "").lower()
        if not is_feel(form):
            self.error(node, f"scripts are FEEL; {form or 'no scriptFormat'} is not executed")
        elif node.get(CAMUNDA + "resource"):
            self.halt(node, "the script must stand in the diagram, not in another file")
        else:
            self.expression(node, text_of(node, "script") or "", "script")
            self._needs_result(node, "value")

    def _check_serviceTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        kind = node.get(CAMUNDA + "type")
        if node.get(CAMUNDA + "topic"):
            self._handler(node)
        elif node.get(CAMUNDA + "caseDefinitionKey"):
            case = node.get(CAMUNDA + "caseDefinitionKey")
            self.halt(node, f"the case {case!r} is not here: cases are not executed")
        elif not _foreign(node):
            self.halt(node, f"camunda:type={kind!r} is not executed; name a handler as camunda:topic")

    def _check_sendTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        if node.get(CAMUNDA + "topic"):
            self._handler(node)
        elif node.get("messageRef"):
            self.reference(node, node.get("messageRef"), "message")
        elif not _foreign(node):
            self.halt(node, "sends nothing: name a message, or a handler as camunda:topic")

    def _check_businessRuleTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        if node.get(CAMUNDA + "topic"):
            self._handler(node)
            return
        decision = node.get(CAMUNDA + "decisionRef")
        mapping = node.get(CAMUNDA + "mapDecisionResult", deciding.MAPPINGS[0])
        if not decision:
            self.strict(node, "names no decision")
        elif words.holds_expression(decision):
            self.value(node, decision, "decisionRef")
        elif decision not in self.models:
            self.strict(node, f"no table here decides {decision!r}")
        if mapping not in deciding.MAPPINGS:
            self.halt(node, f"mapDecisionResult is one of {', '.join(deciding.MAPPINGS)}; not {mapping}")
        self._needs_result(node, "decision")

    def _handler(self, node: Any) -> None:
        """Look whether a worker can perform what a task asks for, where it is known what workers can."""
        topic = node.get(CAMUNDA + "topic")
        if self.handlers is None or words.holds_expression(topic):
            return
        if topic not in self.handlers:
            close = difflib.get_close_matches(topic, self.handlers, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(sorted(self.handlers))}"
            self.error(node, f"there is no handler {topic!r}; {hint}")
            return
        given = node.findall(f"{BPMN}extensionElements/{CAMUNDA}inputOutput/{CAMUNDA}inputParameter")
        missing = set(self.handlers[topic]) - {each.get("name") for each in given}
        for name in sorted(missing):
            self.error(node, f"the handler {topic!r} needs the input parameter {name!r}")

    def _needs_result(self, node: Any, what: str) -> None:
        if not node.get(CAMUNDA + "resultVariable"):
            self.warn(node, f"the {what} goes nowhere: name a camunda:resultVariable")

    def _check_callActivity(self, node: Any) -> None:  # noqa: N802 - named for the element
        called = node.get("calledElement") or ""
        self._binding(node)
        case = node.get(CAMUNDA + "caseRef")
        if case:
            self.halt(node, f"the case {case!r} is not here: cases are not executed")
        elif words.holds_expression(called):
            self.value(node, called, "calledElement")
        elif not called:
            self.strict(node, "calledElement must name a process")
        elif called not in self.processes:
            self.error(node, f"the process {called!r} is not here")
        elif not _starts_alone(self.processes[called]):
            self.halt(node, f"the process {called!r} is started by messages only")
        for each in node.findall(f"{BPMN}extensionElements/*"):
            if each.tag in (CAMUNDA + "in", CAMUNDA + "out"):
                self._mapping(node, each)
        if self.thorough and called in self.processes:
            for name in handing.missing(node, self.processes[called], self.models):
                self.warn(
                    node,
                    f"does not hand on {name!r}, which a table of {called!r} reads: "
                    "add it as camunda:in, source and target",
                )

    def _binding(self, node: Any) -> None:
        how = node.get(CAMUNDA + "calledElementBinding") or BINDINGS[0]
        attribute = _VERSIONED.get(how)
        wanted = node.get(CAMUNDA + attribute) if attribute else None
        if how not in BINDINGS:
            self.halt(node, f"camunda:calledElementBinding is one of {', '.join(BINDINGS)}; not {how}")
        elif attribute and not wanted:
            self.halt(node, f"is bound to a {how}: name it as camunda:{attribute}")
        elif how == "version" and not (wanted or "").isdecimal() and not words.holds_expression(wanted or ""):
            self.halt(node, f"camunda:calledElementVersion {wanted!r} is no number")
        elif wanted:
            self.value(node, wanted, attribute or "")
        for each in _VERSIONED.values():
            if each != attribute and node.get(CAMUNDA + each):
                self.warn(node, f"camunda:{each} does nothing here: its binding is {how}")

    def _mapping(self, node: Any, each: Any) -> None:
        word = f"camunda:{local(each)}"
        source = each.get("sourceExpression")
        if source is not None:
            self.expression(node, source.removeprefix("="), word)
        elif each.get("variables", "all") != "all" or not (
            set(each.attrib) & {"source", "variables", "businessKey"}
        ):
            self.halt(node, f"{word} maps nothing that we know: source, sourceExpression or variables='all'")
        if (source or each.get("source")) and not each.get("target"):
            self.halt(node, f"{word} names no target")
        key = (each.get("businessKey") or "").strip()
        if key and not hands_on_key(key):
            self.value(node, key, "businessKey")
        if each.get("local") == "true":
            self.halt(node, f"{word} local='true' is not executed")

    def _check_subProcess(self, node: Any) -> None:  # noqa: N802 - named for the element
        if node.get("triggeredByEvent") == "true":
            self.event_subprocess(node)

    def _check_boundaryEvent(self, node: Any) -> None:  # noqa: N802 - named for the element
        self.boundary(node, _ACTIVITIES)

    def _check_receiveTask(self, node: Any) -> None:  # noqa: N802 - named for the element
        self.reference(node, node.get("messageRef") or "", "message")

    def _parameters(self, node: Any) -> None:
        for each in node.findall(f"{BPMN}extensionElements/{CAMUNDA}inputOutput/*"):
            if next(each.iter(CAMUNDA + "script"), None) is not None:
                self.error(node, "a script as a parameter is not executed; use a FEEL expression")
                continue
            for part in each.iter():
                self._part(node, part)
                self.value(node, (part.text or "").strip(), f"parameter {each.get('name')}")
        for each in node.findall(f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"):
            name, value = each.get("name") or "", each.get("value") or ""
            if name in ALWAYS_FEEL:
                self.feel(node, value.strip().removeprefix("="), f"property {name}")
            elif name == "milestone" and words.holds_expression(value.strip()):
                self.halt(node, "a milestone named by an expression is not executed")
            else:
                self.value(node, value, f"property {name}")
        self.say(node, words.approvals(node))
        for name in EVALUATED:
            self.value(node, node.get(CAMUNDA + name, ""), name)

    def _part(self, node: Any, part: Any) -> None:
        word = part.tag.removeprefix(CAMUNDA)
        if word not in _PARAMETERS:
            self.halt(node, f"{local(part)} in a parameter is not executed")
        elif word not in ("list", "map") and len(part) > 1:
            self.halt(node, "a parameter holds several values: put them into a camunda:list")


def _foreign(node: Any) -> bool:
    """Whether the element names code instead; that is refused by its own words."""
    return any(node.get(CAMUNDA + word) for word in words.FOREIGN_CODE)


def _starts_alone(process: Any) -> bool:
    """Whether a call can start this process: not if only messages do."""
    starts = process.findall(BPMN + "startEvent")
    return not starts or not all(words.event_definitions(each) for each in starts)
