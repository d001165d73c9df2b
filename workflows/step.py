"""What the world outside must know after an instance was advanced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class UserTask:
    """A step that waits for a person, with everything that the diagram says of it, evaluated."""

    key: str
    element: str
    name: str
    process: str
    lane: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    form: str | None
    due: datetime | None
    follow_up: datetime | None
    priority: int
    inputs: Mapping[str, Any]
    properties: Mapping[str, Any]
    documentation: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A user task that waits no longer; `how` is completed or cancelled."""

    key: str
    how: str


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """Work for a machine; its answer comes back by `complete` or `fail` with this key."""

    key: str
    handler: str
    element: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subscription:
    """A message or signal that a token awaits.

    `correlation` holds the keys that a message must bring: name, value as typed JSON, and the FEEL that
    finds it in the payload. `business_key` is that of a called process which was given one of its own.
    """

    key: str
    kind: str
    name: str
    element: str
    correlation: tuple[tuple[str, Any, str], ...] = ()
    business_key: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message or signal thrown at other instances."""

    kind: str
    name: str
    payload: Mapping[str, Any]
    correlation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    process: str
    element: str
    kind: str
    at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """An element that cannot go on until somebody helps; `key` is what `retry` takes."""

    key: str
    element: str
    message: str
    process: str = ""
    seen: Mapping[str, Any] = field(default_factory=dict)  # the variables there; FEEL's values


@dataclass(frozen=True, slots=True)
class WaitingTimer:
    """A timer that runs; `every` is the period of a cycle."""

    key: str
    process: str
    element: str
    due: datetime
    every: str | None


@dataclass(frozen=True, slots=True)
class Crowd:
    """An element at which more than one token stands."""

    process: str
    element: str
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """Variables that a step made or changed, FEEL's values; `scope` tells calls of one process apart."""

    process: str
    scope: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """All of it. Recording the same step twice must change nothing."""

    state: bytes
    opened: tuple[UserTask, ...]
    closed: tuple[Closed, ...]
    calls: tuple[ServiceCall, ...]
    withdrawn: tuple[str, ...]
    next_due: datetime | None
    subscriptions: tuple[Subscription, ...]
    sent: tuple[Sent, ...]
    milestones: tuple[str, ...]
    events: tuple[Event, ...]
    incidents: tuple[Incident, ...]
    variables: Mapping[str, Any]  # of the instance itself, as they now are; FEEL's values
    overtaken: tuple[str, ...]  # keys of earlier incidents whose element was cancelled
    tokens: tuple[tuple[str, str], ...]
    finished: str | None
    cancelled: bool = False
    timers: tuple[WaitingTimer, ...] = ()
    crowds: tuple[Crowd, ...] = ()
    changes: tuple[Change, ...] = ()
