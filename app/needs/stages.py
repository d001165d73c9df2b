"""The stages of a need, read out of the diagram that an organisation has drawn for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from lxml import etree

import workflows
from app.database import Transaction
from app.errors import NotFoundError
from app.moments import utc_now
from app.needs.models import LONGEST_STAGE
from app.processes import deployments

PROCESS = "need_to_order"
FILE = "need_to_order.bpmn"
MOVED = "need.moved"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_FAR = (float("inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Stage:
    """A milestone of the diagram; `element` is where a need enters it. A closed one is an end."""

    key: str
    element: str
    closed: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """A diagram of needs, ready to run; `snapshot` is None for the shipped one, before it is published.

    `stages` stand as the diagram shows them, from left to right, the ends last.
    """

    snapshot: deployments.Snapshot | None
    deployment: workflows.Deployment
    stages: tuple[Stage, ...]

    @property
    def first(self) -> Stage:
        return self.stages[0]

    @property
    def closed(self) -> tuple[str, ...]:
        return tuple(stage.key for stage in self.stages if stage.closed)

    def stage(self, key: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.key == key), None)


def shipped() -> bytes:
    """Return the diagram that Placet ships."""
    return (Path(workflows.__file__).parent / "bpmn" / "shared" / FILE).read_bytes()


def current(tx: Transaction) -> Flow:
    """Return the newest diagram of needs; the shipped one where the organisation has none."""
    try:
        snapshot = deployments.current(tx)
    except NotFoundError:
        return _shipped_flow()
    return of(snapshot) if PROCESS in snapshot.deployment.processes else _shipped_flow()


def deployed(tx: Transaction, deployment_id: UUID) -> Flow:
    """Return the diagram of needs as a deployment has it."""
    return of(deployments.snapshot(tx, deployment_id))


def of(snapshot: deployments.Snapshot) -> Flow:
    """Return a snapshot's diagram of needs."""
    process = snapshot.deployment.processes[PROCESS]
    return Flow(snapshot, snapshot.deployment, _stages(process, snapshot.files[process.file]))


@lru_cache(maxsize=1)
def _shipped_flow() -> Flow:
    content = shipped()
    deployment = workflows.deploy({FILE: content})
    return Flow(None, deployment, _stages(deployment.processes[PROCESS], content))


def _stages(process: workflows.ProcessInfo, content: bytes) -> tuple[Stage, ...]:
    """Return each milestone once, where the diagram shows it first."""
    places = _places(content)
    drawn = [
        (element.kind == "endEvent", *places.get(element.id, _FAR), str(element.milestone), element.id)
        for element in process.elements.values()
        if element.milestone and len(str(element.milestone)) <= LONGEST_STAGE
    ]
    found: dict[str, Stage] = {}
    for closed, _, _, key, element in sorted(drawn):
        found.setdefault(key, Stage(key, element, closed))
    return tuple(found.values())


@lru_cache(maxsize=64)
def _places(content: bytes) -> Mapping[str, tuple[float, float]]:
    """Return the left upper corner of each element as it is drawn."""
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    places: dict[str, tuple[float, float]] = {}
    for shape in root.iter(_DI + "BPMNShape"):
        bounds = shape.find(_BOUNDS)
        if bounds is not None:
            places[shape.get("bpmnElement") or ""] = (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
    return places


def moves(flow: Flow, state: bytes, stages: Sequence[Stage], at: str, now: datetime) -> tuple[str, ...]:
    """Return the stages to which the diagram lets a need go on: each is tried, and nothing of it kept."""
    return tuple(
        stage.key for stage in stages if stage.key != at and _reaches(flow.deployment, state, stage.key, now)
    )


def _reaches(deployment: workflows.Deployment, state: bytes, stage: str, now: datetime) -> bool:
    try:
        step = workflows.receive(
            deployment, state, message=MOVED, payload=told(stage, "", None, now), now=now
        )
    except workflows.WorkflowError:
        return False
    return not step.incidents and stage in step.milestones


def told(stage: str, reason: str, remind_at: datetime | None, now: datetime) -> dict[str, str]:
    """Return what the message says that moves a need on."""
    return {"next": stage, "reason": reason, "remind_at": (remind_at or now).isoformat()}


def moves_by_stage(flow: Flow) -> Mapping[str, tuple[str, ...]]:
    """Return where needs can go from each stage, as long as nothing else holds them; for lists and boards."""
    return _moves_by_stage(_Hashed(flow))


class _Hashed:
    """A flow, known by its deployment's identity: each is read once per process."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self._key = flow.snapshot.id if flow.snapshot else None

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and other._key == self._key


@lru_cache(maxsize=64)
def _moves_by_stage(hashed: _Hashed) -> Mapping[str, tuple[str, ...]]:
    flow, now = hashed.flow, utc_now()
    found: dict[str, tuple[str, ...]] = {}
    for stage in flow.stages:
        state = None if stage.closed else state_at(flow, stage, now)
        found[stage.key] = moves(flow, state, flow.stages, stage.key, now) if state else ()
    return found


def state_at(flow: Flow, stage: Stage, now: datetime) -> bytes | None:
    """Return the state of a need that stands at a stage, made in memory; None where none can."""
    variables = {"need_id": "", **told("", "", None, now)}
    try:
        step = workflows.start(flow.deployment, PROCESS, variables, now, "")
        if stage.key not in step.milestones[-1:]:
            step = workflows.move(
                flow.deployment, step.state, PROCESS, standing_at(step.tokens), stage.element, now
            )
    except workflows.WorkflowError:
        return None
    return step.state or None


def standing_at(tokens: Sequence[Sequence[str]]) -> str:
    """Return the element of the diagram of needs at which an instance stands, "" where at none."""
    return next((element for process, element in tokens if process == PROCESS), "")
