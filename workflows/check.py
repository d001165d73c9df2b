"""What we execute, what we refuse, and why: a whitelist over the XML, so that nothing is silently wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from rules import dmn, feel
from workflows.checks import words
from workflows.checks.elements import ElementChecks
from workflows.checks.findings import reads
from workflows.checks.flows import FlowChecks
from workflows.errors import Finding
from workflows.reading import dialects
from workflows.reading.processes import CLASSES, ELEMENTS, EMBEDDED, UNEXECUTED
from workflows.reading.xml import BPMN, CAMUNDA, UnreadableError, local, prepare, read

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
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
    )
)
_KNOWN_BY_ID = frozenset((*ELEMENTS, "process", "sequenceFlow", "message", "signal", "error", "escalation"))
_DATA = frozenset(("dataObject", "dataObjectReference", "ioSpecification", "property"))
_LARGEST = 5_000
_ID = re.compile(r"[^\W\d][\w.\-]*")
_CODED = (("error", "errorCode"), ("escalation", "escalationCode"))
# The standard's default, which every modeller writes, whatever it lets people type.
_LANGUAGES = ("", "http://www.w3.org/1999/XPath", "http://www.w3.org/TR/XPath")
_EXPRESSIONS = ("conditionExpression", "completionCondition", "loopCondition", "loopCardinality", "condition")


class Checker(ElementChecks, FlowChecks):
    """Collects the findings of one set of files."""

    def __init__(
        self,
        diagrams: Mapping[str, bytes],
        tables: Mapping[str, bytes],
        *,
        thorough: bool,
        handlers: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        super().__init__()
        self.thorough = thorough
        self.handlers = handlers
        self._look = dmn.check if thorough else dmn.broken
        self.roots: dict[str, Any] = {}
        self.files: dict[str, str] = {}
        self.tables: dict[str, str] = {}
        self._read_tables(tables)
        self._read_diagrams(diagrams)

    def _read_tables(self, tables: Mapping[str, bytes]) -> None:
        for file, content in tables.items():
            self.file = file
            try:
                model = dmn.load(content)
            except (dmn.DmnError, feel.FeelError) as error:
                self.error(getattr(error, "element", "") or self.file, str(error))
                continue
            for found in self._look(model):
                self.findings.append(
                    Finding(found.severity, file, found.place, found.message, on_table=found)
                )
            for name in _names_of(model):
                if name in self.models and self.models[name] is not model:
                    self.error(name, f"the decision {name!r} is in two tables")
                self.models[name] = model
                self.tables[name] = file

    def _read_diagrams(self, diagrams: Mapping[str, bytes]) -> None:
        for file, content in diagrams.items():
            self.file = file
            try:
                root = read(content)
            except UnreadableError as error:
                self.error(self.file, str(error))
                continue
            prepare(root)
            if sum(1 for _ in root.iter(*(BPMN + kind for kind in ELEMENTS))) > _LARGEST:
                self.error(self.file, f"has more than {_LARGEST} elements")
                continue
            for node, said in dialects.translate(root):
                self.warn(node, said)
            self.roots[self.file] = root
            for process in executable(root):
                key = process.get("id")
                if key in self.processes:
                    self.error(process, f"the process is also in {self.files[key]}")
                self.processes[key], self.files[key] = process, self.file
            for process in root.findall(BPMN + "process"):
                if process not in executable(root) and process.get("isExecutable") == "true":
                    self.warn(process, "holds nothing, and is not executed")
            if not executable(root):
                self.error(self.file, "holds no executable process")

    def check(self) -> tuple[Finding, ...]:
        for file, root in self.roots.items():
            self.file = file
            self._file(root)
            for process in executable(root):
                self.say(process, words.attributes(process))
                self._container(process)
        return tuple(self.findings)

    def _file(self, root: Any) -> None:
        language = root.get("expressionLanguage") or ""
        if language not in _LANGUAGES and not reads(language) and _has_expressions(root):
            self.error(self.file, f"expressions are FEEL; {language} is not executed")
        nodes = [each for each in root.iter(f"{BPMN}*") if local(each) in _KNOWN_BY_ID]
        times = Counter(each.get("id") for each in nodes)
        for key, node in {each.get("id"): each for each in nodes}.items():
            if times[key] > 1:
                self.error(node, "the id stands twice")
            if not _ID.fullmatch(key):
                self.error(node, "is no id: letters, digits, '_', '-' and '.', a letter first")
        self.correlation(root)
        for each in root.findall(BPMN + "signal"):
            if each.get(CAMUNDA + "scope", "global") != "global":
                self.error(each, "a signal for its own instance alone is not executed; throw an escalation")
        for kind in ("message", "signal"):
            for each in root.findall(BPMN + kind):
                self.value(each, each.get("name") or "", "name")
        for kind, attribute in _CODED:
            for each in root.findall(BPMN + kind):
                if words.holds_expression(each.get(attribute) or ""):
                    self.error(each, f"a {kind} named by an expression is not executed")

    def _container(self, container: Any) -> None:
        self.say(container, words.extensions(container))
        for child in container:
            self._child(child)
        nodes = {each.get("id"): each for each in container if local(each) in ELEMENTS}
        self.flows(container, nodes)
        self.starts(container, nodes)
        self.compensating(container, nodes)
        self.catchers(container)

    def _child(self, node: Any) -> None:
        kind = local(node)
        if kind == "dataStoreReference":
            self.warn(node, f"{kind} is decoration here: data are variables")
        elif kind in _DATA:
            return
        elif kind in UNEXECUTED:
            self.halt(node, f"{kind} is not executed yet")
        elif kind in CLASSES:
            self.element(node, kind)
            if kind in EMBEDDED:
                self._container(node)
        elif kind == "correlationSubscription":
            self.subscription(node)
        elif kind not in _DRAWING:
            self.error(node, f"{kind} is not executed yet")


def _has_expressions(root: Any) -> bool:
    """Whether the file's own language matters: for what names none itself."""
    found = root.iter(*(BPMN + kind for kind in _EXPRESSIONS))
    return any("".join(each.itertext()).strip() and not each.get("language") for each in found)


def _names_of(model: dmn.Model) -> set[str]:
    """Return what a diagram may call the model's decisions: their ids and their names."""
    names = set(model.decisions)
    return names | {key for key, node in model.nodes.items() if node.name in names}


def executable(root: Any) -> list[Any]:
    """Return the processes of a file that are executed; an empty one beside others is a pool left blank."""
    asked = [each for each in root.findall(BPMN + "process") if each.get("isExecutable") != "false"]
    return [each for each in asked if not _is_empty(each)] or asked


def _is_empty(process: Any) -> bool:
    return all(local(each) not in ELEMENTS for each in process)


def check(
    diagrams: Mapping[str, bytes],
    tables: Mapping[str, bytes],
    handlers: Mapping[str, Collection[str]] | None = None,
) -> tuple[Finding, ...]:
    """Return what there is to say of these files together; any error keeps them from being published.

    `handlers`: what machines can be asked to do, each with the inputs that it must be given; None: anything.
    Rules that contradict each other, approvals that nobody heeds, handlers and functions that there are not
    are errors here. A deployment that has them runs all the same: it was published before they were looked
    for.
    """
    return Checker(diagrams, tables, thorough=True, handlers=handlers).check()


def errors_of(findings: tuple[Finding, ...]) -> Iterator[Finding]:
    return (finding for finding in findings if finding.severity == "error")
