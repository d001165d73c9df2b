"""SpiffWorkflow's Task as a token: no prediction, no inherited copies of data, gone when finished."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows import scripting
from workflows.errors import ElementError


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter's value that is a variable's, whatever the variable is called."""

    name: str


class Token(Task):
    """A place in a diagram where the instance stands."""

    # SpiffWorkflow's, which nobody asks here
    triggered = False
    thread_id = 0
    last_state_change = 0.0

    def __init__(
        self,
        scope: Any,
        spec: Any,
        parent: Token | None,
        state: int,
        key: str,
        memo: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        """Set what SpiffWorkflow's own sets, without looking at the clock and for the parent.

        A state with a thousand tokens makes them all at every step.
        """
        self.id = key
        self.workflow = scope
        self.task_spec = spec
        self._parent = parent and parent.id
        self._children: list[str] = []
        self._state = state
        self.data = {} if data is None else data
        self.internal_data = {} if memo is None else memo
        scope.tasks[key] = self
        if parent is not None:
            parent._children.append(key)

    def _set_state(self, value: int) -> None:
        # SpiffWorkflow's own computes log lines on each change, also when nobody logs.
        self._state = value

    def _inherit_data(self) -> None:
        """Variables live in scopes."""

    def cancel(self) -> None:
        # SpiffWorkflow counts an error as finished and would leave it; here it is a token at an incident.
        if self._state == TaskState.ERROR:
            self._state = TaskState.FUTURE
        super().cancel()

    @property
    def scope(self) -> Any:
        return self.workflow

    @property
    def instance(self) -> Any:
        return self.workflow.top_workflow

    @property
    def is_alive(self) -> bool:
        return self.id in self.workflow.tasks

    @property
    def is_listening(self) -> bool:
        """Whether it is no place where the instance stands, but an event waiting beside one."""
        return "host" in self.internal_data or "listener" in self.internal_data

    @property
    def is_undoing(self) -> bool:
        """Whether it compensates, or is a round of what does: that is not undone itself."""
        return "job" in self.internal_data or "job" in self.wrapper.internal_data

    @property
    def is_counted_round(self) -> bool:
        """Whether it is one of a number of rounds that was known before the first."""
        return "of" in self.internal_data and self.task_spec.repeats.bounded

    @property
    def awaited(self) -> tuple[str, str]:
        """Return the kind and the name of what it waits for."""
        kind, name = self.task_spec.awaited
        return kind, self.internal_data.get("name", name)

    @property
    def wrapper(self) -> Any:
        """Return the token that wraps this round of a repeated activity; itself where it is none."""
        return self.instance.index[self.internal_data["of"]] if "of" in self.internal_data else self

    def maps(self) -> list[dict[str, Any]]:
        """Return the variable maps that this token sees, nearest first, up to its process."""
        *own, outermost = self.holders()
        return [*filter(None, own), outermost]

    def holders(self) -> list[dict[str, Any]]:
        """As `maps`, with those in which there is nothing yet."""
        found: list[dict[str, Any]] = []
        token: Any = self
        while True:
            found.append(token.data)
            if "of" in token.internal_data:
                found.append(token.wrapper.data)
            scope = token.scope
            if scope.is_process:
                return [*found, scope.data]
            token = scope.host

    def variables(self) -> Mapping[str, Any]:
        maps = self.maps()
        return maps[0] if len(maps) == 1 else ChainMap(*maps)

    def write(self, values: Mapping[str, Any]) -> None:
        """Set variables where they are; new ones in the process."""
        self._write(self.maps(), values)

    def write_outside(self, values: Mapping[str, Any]) -> None:
        """As `write`, past this activity's own inputs: what it gives back must not stay in it."""
        self._write(self.maps()[1:] if self.data else self.maps(), values)

    def take(self, values: Mapping[str, Any]) -> None:
        """Take what came from outside: into the activity where output parameters choose, else past it."""
        if self.task_spec.outputs_map:
            self.data.update(values)
        else:
            self.write_outside(values)

    def _write(self, maps: list[dict[str, Any]], values: Mapping[str, Any]) -> None:
        instance = self.instance
        for name, value in values.items():
            holder = next((each for each in maps if name in each), maps[-1])
            if instance.watch["condition"]:
                instance.changes.append((holder, name, "update" if name in holder else "create"))
            holder[name] = value

    def evaluate(self, expression: str) -> Any:
        """Answer a FEEL expression; raise ElementError with the reason where it has no answer at all."""
        instance = self.instance
        return scripting.evaluate(expression, self.variables(), instance.now, self.task_spec.name)

    def test(self, condition: str) -> bool:
        """Answer a condition; null or anything but true and false is an error, never "false"."""
        variables, now = self.variables(), self.instance.now
        quick = scripting.quick(condition, variables, now)
        if quick is not None:
            return quick
        found = scripting.run(condition, variables, now, self.task_spec.name)
        reason = "; ".join(str(warning.reason) for warning in found.warnings)
        shown = "null" if found.value is None else repr(found.value)
        raise ElementError(
            self.task_spec.name,
            f"the condition {condition!r} gives {shown}" + (f": {reason}" if reason else ""),
        )

    def named(self, text: str) -> str:
        """Return the name of a message or signal, computed where it is `= FEEL`; raise ElementError."""
        value = self.answer(text)
        if not isinstance(value, str) or not value:
            raise ElementError(self.task_spec.name, f"the name {text!r} gives {value!r}")
        return value

    def answer(self, value: Any) -> Any:
        """Return a parameter's value: text is itself, `=` marks FEEL; lists and maps go inward."""
        if isinstance(value, Named):
            return self.variables().get(value.name)
        if isinstance(value, list):
            return [self.answer(each) for each in value]
        if isinstance(value, dict):
            return {name: self.answer(each) for name, each in value.items()}
        if isinstance(value, str) and value.lstrip().startswith("="):
            return self.evaluate(value.lstrip()[1:])
        return value
