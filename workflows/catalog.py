"""Documents to specs, once: cached by content, read-only, shared by all threads."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any

from workflows.binding import Others
from workflows.check import Checker, errors_of, executable
from workflows.errors import RefusedError
from workflows.reading.processes import read_process
from workflows.specs.process import ProcessSpec

KEPT = 128
_cache: OrderedDict[str, Deployment] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """What a page says of an element."""

    id: str
    name: str
    kind: str
    documentation: str
    milestone: str | None
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StartInfo:
    """Where a process begins: `kind` and `text` are its trigger's."""

    element: str
    kind: str
    text: str | None


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    id: str
    name: str
    file: str
    version_tag: str | None
    message_starts: tuple[str, ...]
    elements: Mapping[str, ElementInfo]
    starts: tuple[StartInfo, ...]


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that an instance runs on; calls and decisions bind inside it."""

    processes: Mapping[str, ProcessInfo]
    specs: Mapping[str, ProcessSpec]
    models: Mapping[str, Any]
    tables: Mapping[str, str]  # the file of each decision
    others: Others | None = None
    """Where calls that are bound elsewhere find their processes; None: nowhere."""

    def files_used_by(self, process: str) -> frozenset[str]:
        """Name the diagrams and tables that an instance of this process may come through."""
        files: set[str] = set()
        seen: set[str] = set()
        ahead = [process]
        while ahead:
            each = ahead.pop()
            if each in seen or each not in self.processes:
                continue
            seen.add(each)
            files.add(self.processes[each].file)
            for step in self._steps_of(each):
                if step.kind == "callActivity" and step.spec in self.processes:
                    ahead.append(step.spec)
                elif step.kind == "callActivity":  # chosen as it runs: any may be
                    ahead += self.processes
                elif step.kind == "businessRuleTask" and step.decision in self.tables:
                    files.add(self.tables[step.decision])
                elif step.kind == "businessRuleTask" and step.decision.startswith("="):
                    files.update(self.tables.values())
        return frozenset(files)

    def _steps_of(self, process: str) -> Iterator[Any]:
        for spec in self.specs.values():
            if spec.process_id == process:
                yield from spec.task_specs.values()


def deploy(diagrams: Mapping[str, bytes], tables: Mapping[str, bytes] | None = None) -> Deployment:
    """Return these files ready to run; raise RefusedError where one asks for what we do not execute."""
    tables = tables or {}
    key = _key(diagrams, tables)
    with _lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    made = _read(diagrams, tables)
    with _lock:
        _cache[key] = made
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return made


def _key(*files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for each in files:
        for name in sorted(each):
            digest.update(name.encode() + b"\0" + hashlib.sha256(each[name]).digest())
        digest.update(b"\1")
    return digest.hexdigest()


def _read(diagrams: Mapping[str, bytes], tables: Mapping[str, bytes]) -> Deployment:
    checker = Checker(diagrams, tables, thorough=False)
    findings = checker.check()
    if any(errors_of(findings)):
        raise RefusedError(tuple(errors_of(findings)))
    specs: dict[str, ProcessSpec] = {}
    processes: dict[str, ProcessInfo] = {}
    for file, root in checker.roots.items():
        for node in executable(root):
            found: dict[str, ProcessSpec] = {}
            read_process(node, node.get("id"), found, checker.halts_in(file))
            specs.update(found)
            processes[node.get("id")] = _info(node, file, found)
    return Deployment(
        MappingProxyType(processes), MappingProxyType(specs), checker.models, MappingProxyType(checker.tables)
    )


def _info(node: Any, file: str, found: Mapping[str, ProcessSpec]) -> ProcessInfo:
    top = found[node.get("id")]
    elements = {
        spec.name: ElementInfo(
            spec.name,
            spec.title,
            spec.kind,
            spec.documentation,
            spec.properties.get("milestone"),
            MappingProxyType(dict(spec.properties)),
        )
        for process in found.values()
        for spec in process.task_specs.values()
    }
    starts = tuple(StartInfo(spec.name, spec.trigger.kind, spec.trigger.text) for spec in top.starts())
    messages = tuple(str(start.text) for start in starts if start.kind == "message")
    tag = node.get("{http://camunda.org/schema/1.0/bpmn}versionTag")
    return ProcessInfo(node.get("id"), top.title, file, tag, messages, MappingProxyType(elements), starts)
