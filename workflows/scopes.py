"""Where tokens live: a process or subprocess at work, with its variables."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows.tokens import Token


class Scope:
    """What an instance and its subprocesses share: tokens directly below one root."""

    # SpiffWorkflow's
    spec: Any
    tasks: dict[str, Any]
    task_tree: Any
    data: dict[str, Any]
    completed: bool
    top_workflow: Any

    is_process = True
    host: Any = None
    deployment_key: str | None = None
    own_business_key: str | None = None
    """What a call gave its process; None: it has that of whoever called it."""
    deployment: Any
    ledger: list[Any]
    """What was completed and can be undone: `compensation.Entry`."""

    @property
    def process_id(self) -> str:
        return self.spec.process_id

    def plant(self, root_id: str) -> None:
        """Make the root below which all tokens of this scope stand."""
        self.ledger = []
        self.task_tree = Token(self, self.spec.start, None, TaskState.COMPLETED, root_id)

    def begin(self, start: str) -> None:
        """Let the event subprocesses listen, then start."""
        for name in self.spec.event_subprocesses:
            self.spec.task_specs[name].listen(self)
        self.spawn(start)
        self.top_workflow.touch(self)

    def spawn(
        self, name: str, via: str | None = None, data: dict[str, Any] | None = None, **memo: Any
    ) -> Token:
        """Put a token on an element, with its own variables, and let it enter."""
        instance = self.top_workflow
        spec = self.spec.task_specs[name]
        token = self.place(spec, instance.next_id(), TaskState.FUTURE)
        if via is not None:
            token.internal_data["via"] = via
        if data:
            token.data.update(data)
        token.internal_data.update(memo)
        if not token.is_listening:
            instance.note(spec, "entered", token)
            if "of" not in memo:
                instance.reach(spec)
        instance.guard(token, lambda: spec._update(token))
        return token

    def place(
        self,
        spec: Any,
        key: str,
        state: int,
        memo: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> Token:
        """Put a token there without entering; for `spawn` and for a state that is read back."""
        token = Token(self, spec, self.task_tree, state, key, memo, data)
        self.top_workflow.index[key] = token
        return token

    def forget(self, token: Token) -> None:
        if self.tasks.pop(token.id, None) is None:
            return
        self.task_tree._children.remove(token.id)
        instance = self.top_workflow
        instance.index.pop(token.id, None)
        for waiting in instance.watch.values():
            waiting.pop(token.id, None)
        instance.touch(self)

    def tokens(self) -> list[Token]:
        """Return the live tokens, the oldest first."""
        return [token for token in self.tasks.values() if token is not self.task_tree]

    def clear(self, keep: Token | None = None) -> None:
        for token in self.tokens():
            if token is not keep and token.is_alive:
                token.cancel()

    def cancel_those(self, relation: str, key: str) -> None:
        """Cancel the tokens that depend on another: by `host`, or `of`."""
        for token in self.tokens():
            if token.internal_data.get(relation) == key and token.is_alive:
                token.cancel()

    @property
    def is_over(self) -> bool:
        """Whether it had ended and is only open to be undone."""
        if self.host is not None:
            return "again" in self.host.internal_data
        return bool(self.top_workflow.is_ending)

    @property
    def is_exhausted(self) -> bool:
        """Whether nothing moves any more; those who only listen keep no scope alive."""
        return all(
            token is self.task_tree or "listener" in token.internal_data for token in self.tasks.values()
        )

    def _task_completed_notify(self, token: Token) -> None:
        self.forget(token)


class Subscope(Scope, BpmnSubWorkflow):
    """An embedded subprocess or a called process; only the latter has variables of its own.

    A call that is bound elsewhere has the key of its deployment.
    """

    def __init__(
        self, spec: Any, host: Token, instance: Any, deployment: Any, key: str | None = None
    ) -> None:
        self.host = host
        self.deployment = deployment
        self.deployment_key = key
        self.own_business_key: str | None = None
        self.is_process = host.task_spec.calls_process
        super().__init__(spec, host.id, instance, deserializing=True)

    @property
    def business_key(self) -> str:
        own = self.own_business_key
        return str(self.host.scope.business_key) if own is None else own

    def _calculate_depth(self) -> int:
        return int(self.host.scope.depth) + 1
