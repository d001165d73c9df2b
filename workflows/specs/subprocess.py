"""Activities that open a scope: embedded subprocesses, transactions and called processes."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from rules import feel
from workflows import compensation
from workflows.binding import Binding, bound
from workflows.errors import ElementError
from workflows.specs.activity import Activity

LONGEST_KEY = 120


class Subprocess(Activity, defaults.SubWorkflowTask):
    """Completes when no token is left in its scope."""

    kind = "subProcess"
    opens_scope = True

    def run(self, token: Any) -> None:
        again = token.internal_data.get("again")
        if again is not None:
            self.undo(token, again)
            return
        given = self.given(token)
        scope = self.open(token)
        scope.data.update(given)
        for name in scope.spec.locals:
            token.data.setdefault(name, None)
        scope.begin(self.first_start(scope))

    def open(self, token: Any) -> Any:
        return token.instance.open_scope(token, self.spec, token.scope.deployment)

    def first_start(self, scope: Any) -> str:
        return str(scope.spec.first_start())

    def given(self, token: Any) -> dict[str, Any]:
        """An embedded subprocess is given nothing: it sees the variables around it."""
        return {}

    def scope_finished(self, token: Any, scope: Any) -> None:
        self.drain(token, scope)
        del token.instance.subprocesses[token.id]
        token.complete()

    def hand_out(self, token: Any, scope: Any) -> None:
        """Nothing to give out: an embedded subprocess wrote its variables outside itself."""

    def drain(self, token: Any, scope: Any) -> None:
        """Keep what can be undone inside."""
        if (scope.ledger or scope.spec.undo) and not token.is_undoing:
            token.internal_data["undo"] = scope.ledger

    def undo(self, token: Any, ledger: list[Any]) -> None:
        """Open a completed subprocess again, to undo it by its own event subprocess, else step by step."""
        scope = self.open(token)
        scope.ledger = ledger
        token.instance.touch(scope)
        if scope.spec.undo is not None:
            scope.spawn(scope.spec.undo)
        else:
            compensation.start(token, scope)

    def undone(self, token: Any) -> None:
        """Its scope is empty now, and ends as any other."""


class Transaction(Subprocess, defaults.TransactionSubprocess):
    """A subprocess that a cancel end event undoes."""

    kind = "transaction"


class CallActivity(Subprocess):
    """A called process has its own variables: only what is mapped goes in and comes out."""

    kind = "callActivity"
    calls_process = True
    binding = Binding()
    business_key: str | None = None
    """What the called process is given; None: it keeps its caller's."""
    mapped_in: tuple[dict[str, str], ...] = ()
    mapped_out: tuple[dict[str, str], ...] = ()

    def open(self, token: Any) -> Any:
        if "called" in token.internal_data:
            return self._open_again(token)
        process, key, deployment = bound(token, self.binding)
        own = self._key_for(token)
        scope = token.instance.open_scope(token, process, deployment, key)
        scope.own_business_key = own
        return scope

    def _open_again(self, token: Any) -> Any:
        """Open what was called when it was cancelled, in the version and with the variables that it had."""
        process, key, own, variables = token.internal_data["called"]
        here = token.scope.deployment
        deployment = here if key is None else here.others.get(key)
        scope = token.instance.open_scope(token, process, deployment, key)
        scope.own_business_key = own
        scope.data.update(feel.from_typed_json(variables))
        del token.internal_data["called"]
        return scope

    def _key_for(self, token: Any) -> str | None:
        if self.business_key is None:
            return None
        value = token.answer(self.business_key)
        if value is None or isinstance(value, list | dict) or len(str(value)) > LONGEST_KEY:
            raise ElementError(self.name, f"the business key {self.business_key!r} gives {value!r}")
        return str(value)

    def given(self, token: Any) -> dict[str, Any]:
        return _mapped(self.mapped_in, token)

    def drain(self, token: Any, scope: Any) -> None:
        """What can be undone inside ends with the call; its own handler undoes it as a whole."""
        if not scope.is_over:
            token.take(_mapped(self.mapped_out, scope.task_tree))

    def hand_out(self, token: Any, scope: Any) -> None:
        token.write_outside(_mapped(self.mapped_out, scope.task_tree))


def _mapped(mappings: tuple[dict[str, str], ...], source: Any) -> dict[str, Any]:
    """Return what the mappings take from the variables that a token sees."""
    variables, found = source.variables(), {}
    for mapping in mappings:
        if mapping.get("variables") == "all":
            found.update(variables)
        elif "sourceExpression" in mapping:
            found[mapping["target"]] = source.evaluate(mapping["sourceExpression"])
        # A variable that was never set stays as it is on the other side.
        elif mapping.get("source") in variables:
            found[mapping["target"]] = variables[mapping["source"]]
    return found
