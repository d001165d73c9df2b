"""Carrying a running instance to another version of its diagrams: all of it, or nothing and the reasons.

Nothing moves on by it: no call goes out, no message, no timer fires. What would move at once is refused, so
that the former state can take its place again until the next step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows import running, state
from workflows.assigning import user_task
from workflows.catalog import Deployment
from workflows.errors import ElementError, MigrationRefusedError, Reason
from workflows.fitting import arrivals, is_awaited
from workflows.instance import Instance
from workflows.plans import Plan
from workflows.starving import bound_to_starve
from workflows.step import Step, UserTask
from workflows.surveying import Survey, is_listener

_TIMES = ("due", "cycle", "since", "round", "every", "left")
# What a person sees of a user task; where one of these was drawn anew, all is said anew.
_SHOWN = ("title", "documentation", "lane", "attributes", "properties", "inputs_map")


@dataclass(frozen=True, slots=True)
class Moved:
    """An instance on its new version."""

    step: Step
    revised: tuple[UserTask, ...]
    """The user tasks that stay open and are drawn otherwise there: as they now are."""
    elements: Mapping[str, str]
    """By key, the element where each token now stands, where that has another id."""


def migrate(
    old: Deployment,
    new: Deployment,
    before: bytes,
    plan: Plan,
    now: datetime,
    entered: Mapping[str, datetime] | None = None,
) -> Moved:
    """Carry an instance over by a plan; raise MigrationRefusedError with every reason against it.

    A timer whose text is the same stays due when it was. Another counts from the moment that its element was
    entered (`entered`, by key), else from now; one that was drawn in since counts from now.
    """
    survey = Survey(state.load(before, old, now), new, plan)
    survey.look()
    survey.refuse_if_any()
    return _Move(survey, dict(entered or {})).go(now)


def verdict(old: Deployment, new: Deployment, before: bytes, plan: Plan, now: datetime) -> tuple[Reason, ...]:
    """Say what keeps an instance from being carried over; nothing where it can be."""
    try:
        migrate(old, new, before, plan, now)
    except MigrationRefusedError as error:
        return error.reasons
    return ()


def restate(deployment: Deployment, before: bytes, now: datetime) -> Step:
    """Say of a state what a step says, without taking one: it is as it was."""
    return running._step(state.load(before, deployment, now))


@dataclass(slots=True)
class _Move:
    """Carries over what a survey found a place for."""

    survey: Survey
    entered: dict[str, datetime]
    spent: set[tuple[str, str]] = field(default_factory=set)  # host's key, boundary event of the new version

    def go(self, now: datetime) -> Moved:
        self._give_up_what_stops()
        self._find_spent()
        self._rename()
        moved = state.load(state.save(self.survey.instance), self.survey.new, now)
        moved.overtaken += self.survey.instance.overtaken
        for token in list(moved.index.values()):
            self._settle(moved, token)
        revised = self._revise(moved)
        self._refuse_what_halted(moved)
        self._refuse_what_would_starve(moved)
        self.survey.refuse_if_any()
        elements = {
            key: there.name
            for key, there in self.survey.there.items()
            if there.name != self.survey.here[key].name
        }
        return Moved(running._step(moved), revised, elements)

    def _give_up_what_stops(self) -> None:
        for token in list(self.survey.instance.index.values()):
            if token.is_alive and token.id not in self.survey.there:
                token.cancel()

    def _find_spent(self) -> None:
        """A boundary event that listened once and no longer does has fired: it must not begin again."""
        for token in self.survey.instance.index.values():
            if not token.internal_data.get("attached"):
                continue
            listening = {other.task_spec.name for other in _listeners(token)}
            boundaries = [token.scope.spec.task_specs[name] for name in token.task_spec.boundaries]
            self.spent |= {
                (token.id, self.survey.name_there(token.scope, each.name) or "")
                for each in boundaries
                if each.trigger.waits and each.name not in listening
            }

    def _rename(self) -> None:
        """Let the state name the new version's elements; where it can be read is the new version alone."""
        for scope in self.survey.scopes():
            around = self.survey.counterpart(scope)
            for token in scope.tokens():
                there, memo = self.survey.there[token.id], token.internal_data
                if "arrived" in memo:
                    found = arrivals(token, there, self.survey.names)
                    memo["arrived"] = {found[flow]: times for flow, times in memo["arrived"].items()}
                token.task_spec = there
            scope.spec = around

    def _settle(self, moved: Instance, token: Any) -> None:
        """Let a token wait for what its element waits for now."""
        here, memo = self.survey.here[token.id], token.internal_data
        if not is_listener(token):
            was = {"was": here.name} if here.name != token.task_spec.name else {}
            moved.note(token.task_spec, "migrated", token, **was)
        if is_awaited(token) and getattr(here, "trigger", None) != getattr(token.task_spec, "trigger", None):
            self._wait_anew(moved, token)
        if memo.get("attached"):
            self._listen(token)
        if "race" in memo:
            self._race(token)

    def _wait_anew(self, moved: Instance, token: Any) -> None:
        memo, now = token.internal_data, moved.now
        moved.unwatch(token)
        for name in _TIMES:
            memo.pop(name, None)
        moved.now = self.entered.get(memo.get("host", token.id), now)
        moved.guard(token, lambda: token.task_spec.wait(token))
        moved.now = now

    def _listen(self, token: Any) -> None:
        """Let the boundary events listen that were drawn at the activity since it was entered."""
        listening = {other.task_spec.name for other in _listeners(token)}
        for name in token.task_spec.boundaries:
            if name not in listening and (token.id, name) not in self.spent:
                token.scope.spec.task_specs[name].listen(token)

    def _race(self, token: Any) -> None:
        """Let the events wait that were drawn behind the gateway since it was passed."""
        racing = [
            other for other in token.scope.tokens() if other.internal_data.get("race") == _race_of(token)
        ]
        waited_for = {other.task_spec.name for other in racing}
        gateways = (spec for spec in token.scope.spec.task_specs.values() if spec.kind == "eventBasedGateway")
        for gateway in gateways:
            if waited_for <= {flow.target for flow in gateway.flows}:
                for flow in gateway.flows:
                    if flow.target not in waited_for:
                        token.scope.spawn(flow.target, via=flow.id, race=_race_of(token))
                return

    def _revise(self, moved: Instance) -> tuple[UserTask, ...]:
        return tuple(self._revised(moved))

    def _revised(self, moved: Instance) -> Iterator[UserTask]:
        for key, here in self.survey.here.items():
            token = moved.index[key]
            there = token.task_spec
            if token.state != TaskState.READY or all(_same(here, there, name) for name in _SHOWN):
                continue
            try:
                if here.inputs_map != there.inputs_map:
                    there.read_inputs(token)
                now, moved.now = moved.now, self.entered.get(key, moved.now)
                yield user_task(token)
                moved.now = now
            except ElementError as error:
                self.survey.reasons.append(Reason(token.scope.process_id, here.name, error.why))

    def _refuse_what_halted(self, moved: Instance) -> None:
        for incident in moved.new_incidents:
            process = moved.index[incident.key].scope.process_id
            self.survey.reasons.append(Reason(process, incident.element, incident.message))

    def _refuse_what_would_starve(self, moved: Instance) -> None:
        for scope in (moved, *moved.subprocesses.values()):
            for name, lacking in bound_to_starve(scope).items():
                if name not in self.survey.doomed:
                    flows = ", ".join(flow.id for flow in lacking)
                    why = f"would wait for {flows}, where nothing can arrive any more"
                    self.survey.reasons.append(Reason(scope.process_id, name, why))


def _listeners(host: Any) -> list[Any]:
    return [other for other in host.scope.tokens() if other.internal_data.get("host") == host.id]


def _race_of(token: Any) -> str:
    return str(token.internal_data["race"])


def _same(here: Any, there: Any, name: str) -> bool:
    return bool(getattr(here, name, None) == getattr(there, name, None))
