"""Where each token of an instance would stand in another version, and every reason why one cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workflows.catalog import Deployment
from workflows.compensation import Entry
from workflows.errors import MigrationRefusedError, Reason
from workflows.fitting import Names, arrivals, done_twice, merged, problems
from workflows.instance import Instance
from workflows.ledgers import carried
from workflows.plans import Plan, are_alike
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
    ledgers: dict[str | None, list[Entry]] = field(default_factory=dict)  # by the host of their scope
    kept: dict[str, dict[str, list[Entry]]] = field(default_factory=dict)  # by key, what a token's memo keeps
    doomed: set[str] = field(default_factory=set)  # joins that could never open anyway, by their new names

    def __post_init__(self) -> None:
        self.names = {(pair.process, pair.old): pair.new for pair in self.plan.pairs}

    def look(self) -> None:
        """Find each token's place in the new version, and every reason why one has none."""
        for scope in self.scopes():
            around = self.counterpart(scope)
            if around is None:
                self._refuse_without_process(scope)
                continue
            tokens = scope.tokens()
            for token in tokens:
                if not token.is_listening:
                    self._place(token, around, tokens)
            for token in tokens:
                if token.is_listening:
                    self._place_listener(token, around)
            self._find_out_of_order(scope, around)
            self.ledgers[key_of(scope)] = self._carried(scope.ledger, scope, around)
            self.doomed |= {self.name_there(scope, name) or "" for name in bound_to_starve(scope)}

    def _refuse_without_process(self, scope: Any) -> None:
        """Say that what is called is gone, unless the token around it said why already."""
        if scope.host.id in self.there:
            self._refuse(scope.host, f"calls {scope.spec.process_id}, which is not there any more")

    def scopes(self) -> list[Any]:
        return [self.instance, *self.instance.subprocesses.values()]

    def counterpart(self, scope: Any) -> Any:
        if scope.host is None:
            return self.new.specs.get(self.plan.process)
        host = self.there.get(scope.host.id)
        if host is None or self.stays(scope):
            return None if host is None else scope.spec
        return self.new.specs.get(scope.spec.name if host.calls_process else host.spec)

    def stays(self, scope: Any) -> bool:
        """Whether a called process runs on a deployment of its own, and goes on there."""
        return scope.deployment is not self.instance.deployment

    def name_there(self, scope: Any, element: str) -> str | None:
        return element if self.stays(scope) else self.names.get((scope.process_id, element))

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
                self._carry_kept(token, there)

    def _carry_kept(self, token: Any, there: Any) -> None:
        """A subprocess that is done keeps what can be undone in it until it is left."""
        memo = token.internal_data
        for name in ("undo", "again"):
            if name in memo:
                self.kept[token.id] = {
                    name: self._carried(memo[name], token.scope, self.new.specs[there.spec])
                }

    def _carried(self, ledger: list[Entry], scope: Any, around: Any) -> list[Entry]:
        if self.stays(scope):
            return ledger
        return carried(ledger, scope.process_id, around, self.new.specs, self.names, self.reasons)

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
        """What listens goes where its activity or its scope goes, or stops."""
        there = around.task_specs.get(self.name_there(token.scope, token.task_spec.name))
        if there is not None and self._listens(token, there):
            self.there[token.id], self.here[token.id] = there, token.task_spec

    def _listens(self, token: Any, there: Any) -> bool:
        if not are_alike(token.task_spec, there) or not there.trigger.waits:
            return False
        if "listener" in token.internal_data:
            return True
        host = self.there.get(token.internal_data["host"])
        return host is not None and there.attached_to == host.name

    def _find_out_of_order(self, scope: Any, around: Any) -> None:
        placed = [token for token in scope.tokens() if token.id in self.there and not token.is_listening]
        moved = {token.task_spec.name: self.there[token.id].name for token in placed}
        joins = [token for token in placed if "arrived" in token.internal_data]
        flows = [arrivals(token, self.there[token.id], self.names) for token in joins]
        arrived = (
            {flow for each in flows for flow in each},
            {flow for each in flows for flow in each.values() if flow is not None},
        )
        moving = {
            name: there for name, there in moved.items() if name not in {t.task_spec.name for t in joins}
        }
        for element, why in (*merged(moved), *done_twice(scope.spec, around, moving, arrived)):
            self.reasons.append(Reason(scope.process_id, element, why))

    def refuse_if_any(self) -> None:
        if self.reasons:
            raise MigrationRefusedError(tuple(self.reasons))


def key_of(scope: Any) -> str | None:
    return None if scope.host is None else str(scope.host.id)
