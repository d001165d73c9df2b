"""What can go wrong between a diagram and the world, as facts with the objects that a caller needs."""

from __future__ import annotations

from dataclasses import dataclass

from rules import dmn


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know about a file before it runs; an `error` keeps it from being deployed."""

    severity: str
    file: str
    element: str
    message: str
    line: int | None = None
    on_table: dmn.Finding | None = None
    """What the check of a decision table found, where it was that."""

    @property
    def rules(self) -> tuple[int, ...]:
        """The numbers of a decision table's rules that it is about, from 1."""
        return () if self.on_table is None else self.on_table.rules


class WorkflowError(Exception):
    """Base of this package's errors."""


class RefusedError(WorkflowError):
    """These documents ask for something that we do not execute."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        first = findings[0]
        super().__init__(f"{first.file}: {first.element}: {first.message}")
        self.findings = findings


class UnknownProcessError(WorkflowError):
    """The deployment has no process of this id."""

    def __init__(self, process: str) -> None:
        super().__init__(f"process {process} is not deployed")
        self.process = process


class NotOpenError(WorkflowError):
    """The task was completed or cancelled, or never existed."""

    def __init__(self, key: str) -> None:
        super().__init__(f"task {key} is not open")
        self.key = key


class NotAwaitedError(WorkflowError):
    """A message needs exactly one receiver."""

    def __init__(self, name: str, receivers: int) -> None:
        super().__init__(f"{receivers or 'no'} subscriptions wait for {name}")
        self.name = name
        self.receivers = receivers


class NotMovableError(WorkflowError):
    """No token can go from one of these elements to the other."""

    def __init__(self, source: str, target: str, why: str) -> None:
        super().__init__(f"nothing can be moved from {source} to {target}: {why}")
        self.source = source
        self.target = target
        self.why = why


class UncaughtError(WorkflowError):
    """No boundary event or event subprocess catches this error."""

    def __init__(self, element: str, code: str) -> None:
        super().__init__(f"nothing around {element} catches the error {code}")
        self.element = element
        self.code = code


class UndoingError(WorkflowError):
    """An instance is cancelled once, and what is being undone is not undone anew."""

    def __init__(self, is_cancelled: bool) -> None:
        super().__init__(
            "this is cancelled already; what was done is being undone"
            if is_cancelled
            else "something is being undone already; wait for it, or cancel without undoing"
        )


class StarvedError(WorkflowError):
    """A join of all its branches cannot go on without one; the instance can only be cancelled."""

    def __init__(self, element: str) -> None:
        super().__init__(f"{element} waits for what can never arrive; only cancelling helps")
        self.element = element


class ElementError(WorkflowError):
    """An element cannot go on; the instance waits there with an incident."""

    def __init__(self, element: str, why: str) -> None:
        super().__init__(f"{element}: {why}")
        self.element = element
        self.why = why


class UnknownElementError(WorkflowError):
    """The process has no element of this id in that version."""

    def __init__(self, process: str, element: str) -> None:
        super().__init__(f"process {process} has no element {element} in that version")
        self.process = process
        self.element = element


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an instance cannot be carried over: the element where it stands, and what is wrong there."""

    process: str
    element: str
    why: str


class MigrationRefusedError(WorkflowError):
    """An instance stands where the other version has no place for it; nothing was changed."""

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__("; ".join(f"{each.element} {each.why}" for each in reasons))
        self.reasons = reasons
