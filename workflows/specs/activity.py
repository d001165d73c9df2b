"""What all activities share: boundary events, parameters, repetition, and what undoes them."""

from __future__ import annotations

from typing import Any

from workflows import compensation
from workflows.specs.node import Node
from workflows.specs.repeating import Repeats


class Activity(Node):
    """Repeated, it has one token that wraps those of its rounds: they have `of`, it has `repeats`.

    Boundary events hang on the wrapper; parameters are evaluated for each round.
    """

    kind = "activity"
    repeats: Repeats | None = None
    undone_by: str | None = None
    """The activity that compensates this one."""

    def enter(self, token: Any) -> bool:
        memo = token.internal_data
        if self.repeats is None:
            self.attach(token)
        elif "of" not in memo and "again" not in memo:
            self.attach(token)
            return self.repeats.begin(token)
        self.read_inputs(token)
        return self.begin(token)

    def begin(self, token: Any) -> bool:
        """Say whether a token that has its inputs may run at once."""
        return True

    def attach(self, token: Any) -> None:
        if token.internal_data.get("attached") or "again" in token.internal_data:
            return  # a retry attaches nothing twice; undoing is not doing
        token.internal_data["attached"] = True
        for name in self.boundaries:
            token.scope.spec.task_specs[name].listen(token)

    def read_inputs(self, token: Any) -> None:
        """Local variables of this activity, evaluated once."""
        for name, value in self.inputs_map.items():
            token.data[name] = token.answer(value)

    def _on_ready_hook(self, token: Any) -> None:
        if "repeats" in token.internal_data:
            token.instance.queue.append(token)  # no round is needed
        else:
            self.ready(token)

    def _run_hook(self, token: Any) -> bool | None:
        return True if "repeats" in token.internal_data else self.run(token)

    def cancelled(self, token: Any) -> None:
        if "repeats" not in token.internal_data:
            self.give_up(token)

    def give_up(self, token: Any) -> None:
        """Tell the world what it need not do any more."""

    def write_outputs(self, token: Any) -> None:
        if "repeats" not in token.internal_data:
            super().write_outputs(token)

    def onward(self, token: Any) -> Any:
        memo = token.internal_data
        if self.undone_by is not None or "undo" in memo:
            compensation.check_room(token)
        if "of" in memo and self.repeats is not None:
            return self.repeats.count(token.wrapper, token)
        return () if "job" in memo else self.choose(token)

    def go(self, token: Any, onward: Any) -> None:
        memo = token.internal_data
        if not token.is_undoing and "repeats" not in memo:
            compensation.remember(token)
        if "of" in memo and self.repeats is not None:
            self.repeats.go_on(token.wrapper, onward)
        elif "job" in memo:
            compensation.done(token.instance, memo["job"])
        else:
            super().go(token, onward)

    def drop_dependents(self, token: Any) -> None:
        memo = token.internal_data
        if "of" not in memo:
            super().drop_dependents(token)
        if "repeats" in memo:
            token.scope.cancel_those("of", token.id)
        if "groups" in memo:
            compensation.abandon(token)
