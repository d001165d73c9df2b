"""Activities that open a scope: embedded subprocesses and called processes."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults

from workflows.specs.activity import Activity


class Subprocess(Activity, defaults.SubWorkflowTask):
    """Completes when no token is left in its scope."""

    kind = "subProcess"
    opens_scope = True

    def run(self, token: Any) -> None:
        given = self.given(token)
        scope = token.instance.open_scope(token)
        scope.data.update(given)
        scope.spawn(scope.spec.first_start())
        token.instance.touched.append(scope)

    def given(self, token: Any) -> dict[str, Any]:
        """An embedded subprocess is given nothing: it sees the variables around it."""
        return {}

    def scope_finished(self, token: Any, scope: Any) -> None:
        self.drain(token, scope)
        del token.instance.subprocesses[token.id]
        token.complete()

    def drain(self, token: Any, scope: Any) -> None:
        """Nothing to bring out: an embedded subprocess wrote outside itself."""


class CallActivity(Subprocess):
    """A called process has its own variables: only what is mapped goes in and comes out."""

    kind = "callActivity"
    calls_process = True
    mapped_in: tuple[dict[str, str], ...] = ()
    mapped_out: tuple[dict[str, str], ...] = ()

    def given(self, token: Any) -> dict[str, Any]:
        return _mapped(self.mapped_in, token)

    def drain(self, token: Any, scope: Any) -> None:
        token.take(_mapped(self.mapped_out, scope.task_tree))


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
