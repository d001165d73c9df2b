"""Where each token of an instance would stand in another version, and every reason why one cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.catalog import Deployment
from workflows.errors import MigrationRefusedError, Reason
from workflows.fitting import Names, out_of_order, problems
from workflows.instance import Instance
from workflows.plans import Plan
from workflows.starving import bound_to_starve


@dataclass(slots=True)
class Survey:
    """What was found of one instance; `look` finds it."""

    instance: Instance
    new: Deployment
    plan: Plan
    names: Names = field(default_factory=dict)
    there: dict[str, Any] = field(default_factory=dict)  # by key, the element of the new version
    here: dict[str, Any] = field(default_factory=dict)  # and of the old
    reasons: list[Reason] = field(default_factory=list)
    doomed: set[str] = field(default_factory=set)  # joins that could never open anyway, by their new names

    def __post_init__(self) -> None:
        self.names = {(pair.process, pair.old): pair.new for pair in self.plan.pairs}

    def look(self) -> None:
        """Find each token's place in the new version, and every reason why one has none."""
        self._refuse_calls_elsewhere()
        for scope in self.scopes():
            around = self.counterpart(scope)
            if around is None:
                continue  # the token around it said why
            tokens = scope.tokens()
            for token in tokens:
                if not is_listener(token):
                    self._place(token, around, tokens)
            for token in tokens:
                if is_listener(token):
                    self._place_listener(token, around)
            self._find_out_of_order(scope, around)
            self.doomed |= {self.name_there(scope, name) or "" for name in bound_to_starve(scope)}

    def _refuse_calls_elsewhere(self) -> None:
        for scope in self.scopes():
            if scope.deployment_key is not None:
                self._refuse(scope.host, "calls a version of a process that stays as it is")

    def scopes(self) -> list[Any]:
        return [self.instance, *self.instance.subprocesses.values()]

    def counterpart(self, scope: Any) -> Any:
        if scope.host is None:
            return self.new.specs.get(self.plan.process)
        host = self.there.get(scope.host.id)
        if host is None:
            return None
        # A call that chooses its process as it runs has chosen.
        return self.new.specs.get(host.spec if host.spec in self.new.specs else scope.spec.name)

    def name_there(self, scope: Any, element: str) -> str | None:
        return self.names.get((scope.process_id, element))

    def _place(self, token: Any, around: Any, beside: list[Any]) -> None:
        name = self.name_there(token.scope, token.task_spec.name)
        there = around.task_specs.get(name)
        if there is None and self._is_replaceable(token, around, beside):
            return
        if name is None:
            self._refuse(token, "is not in the new version, and nothing stands for it there")
        elif there is None:
            self._refuse(token, f"lies in another subprocess there, as {name}")
        else:
            found = list(problems(token, there, self.names))
            for why in found:
                self._refuse(token, why)
            if not found:
                self.there[token.id], self.here[token.id] = there, token.task_spec

    def _is_replaceable(self, token: Any, around: Any, beside: list[Any]) -> bool:
        """Whether others wait for the same race: one event of several may be given up."""
        race = token.internal_data.get("race")
        return race is not None and any(
            self.name_there(other.scope, other.task_spec.name) in around.task_specs
            for other in beside
            if other.internal_data.get("race") == race
        )

    def _refuse(self, token: Any, why: str) -> None:
        self.reasons.append(Reason(token.scope.process_id, token.task_spec.name, why))

    def _place_listener(self, token: Any, around: Any) -> None:
        """A boundary event goes where its activity goes, or stops listening."""
        host = self.there.get(token.internal_data["host"])
        there = around.task_specs.get(self.name_there(token.scope, token.task_spec.name))
        if host is None or there is None:
            return
        if there.kind == "boundaryEvent" and there.attached_to == host.name and there.trigger.waits:
            self.there[token.id], self.here[token.id] = there, token.task_spec

    def _find_out_of_order(self, scope: Any, around: Any) -> None:
        moved = {
            token.task_spec.name: self.there[token.id].name
            for token in scope.tokens()
            if token.id in self.there and not is_listener(token)
        }
        for element, why in out_of_order(scope.spec, around, moved):
            self.reasons.append(Reason(scope.process_id, element, why))

    def refuse_if_any(self) -> None:
        if self.reasons:
            raise MigrationRefusedError(tuple(self.reasons))


def is_listener(token: Any) -> bool:
    """Whether a token only waits for an event on behalf of another."""
    return "host" in token.internal_data
