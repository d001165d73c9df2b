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
        scope = token.instance.open_scope(token)
        self.fill(token, scope)
        scope.spawn(scope.spec.first_start())
        token.instance.touched.append(scope)

    def fill(self, token: Any, scope: Any) -> None:
        """An embedded subprocess sees the variables around it."""

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

    def fill(self, token: Any, scope: Any) -> None:
        variables = token.variables()
        for mapping in self.mapped_in:
            scope.data.update(_mapped(mapping, variables, token.evaluate))

    def drain(self, token: Any, scope: Any) -> None:
        inner = scope.task_tree
        for mapping in self.mapped_out:
            token.write(_mapped(mapping, scope.data, inner.evaluate))


def _mapped(mapping: dict[str, str], variables: Any, evaluate: Any) -> dict[str, Any]:
    if mapping.get("variables") == "all":
        return dict(variables)
    if "businessKey" in mapping:
        return {}
    if "sourceExpression" in mapping:
        return {mapping["target"]: evaluate(mapping["sourceExpression"])}
    # A variable that the called process never set stays as it was outside.
    source = mapping["source"]
    return {mapping["target"]: variables[source]} if source in variables else {}
