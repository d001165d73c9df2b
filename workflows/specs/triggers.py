"""What an event waits for or throws, as read from its event definition."""

from __future__ import annotations

from dataclasses import dataclass

from workflows import clock

WAITING = ("message", "signal", "condition", *clock.KINDS)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What an event waits for or throws.

    `kind` is none, message, signal, error, escalation, condition, link, terminate, cancel, compensation, or
    a timer's: date, duration, cycle. `text` is the name of the message, signal or link, the code of the error
    or escalation (None: any), the condition, the timer's expression, or the activity to undo (None: all).
    What was caught tells its code and message to the variables that the diagram names.
    """

    kind: str = "none"
    text: str | None = None
    code_variable: str | None = None
    message_variable: str | None = None
    variable: str | None = None  # a condition: only this one's changes count
    changes: frozenset[str] = frozenset()  # a condition: only these: create, update; empty: any
    waits_for_completion: bool = True  # a compensation: the throwing event goes on when all is undone

    @property
    def waits(self) -> bool:
        """Whether a token stands and waits for it; errors and their kin are looked for when they happen."""
        return self.kind in WAITING

    @property
    def watched_as(self) -> str:
        return "timer" if self.kind in clock.KINDS else self.kind

    def told(self, code: str, message: str) -> dict[str, str]:
        pairs = ((self.code_variable, code), (self.message_variable, message))
        return {name: value for name, value in pairs if name}
