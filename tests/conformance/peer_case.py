"""One case of a peer's scenario in Placet itself: its commands, its tables, what its relay and worker do."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import select

from app import create_app, moments
from app.accounts import commands as accounts
from app.accounts.actor import Actor
from app.accounts.models import Person, Role
from app.database import Model, Transaction, db, transaction, transaction_across_organisations
from app.errors import ConflictError
from app.outbox import commands as outbox
from app.processes import advance, deployments, messages, operating
from app.processes.models import (
    HistoryStep,
    Incident,
    Instance,
    InstanceStatus,
    Subscription,
    WorkItem,
    WorkItemStatus,
)
from rules import feel
from tasks import clock, service_calls
from tasks.worker import load_handlers
from tests.databases import SqliteMaker
from workflows import catalog, durations

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
NOBODY = "somebody"


class DifferenceError(Exception):
    """Placet did something else than the scenario says."""


@contextmanager
def installation() -> Iterator[Flask]:
    """Give an application on an empty SQLite database that says nothing to the log."""
    load_handlers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with TemporaryDirectory() as folder:
        maker = SqliteMaker(Path(folder))
        app = create_app(maker.make().settings(Path(folder)))
        with app.app_context():
            yield app
            db.engine.dispose()
        maker.close()
    moments.clock = partial(datetime.now, UTC)
    structlog.reset_defaults()


def forget() -> None:
    """Forget what was read of diagrams, as another process would not know it."""
    deployments._snapshots.clear()
    catalog._cache.clear()


class Case:
    """An organisation in an empty database, with a scenario's diagrams published; its clock stands still."""

    def __init__(self, diagrams: Mapping[str, bytes], process: str, *, reload: bool) -> None:
        self.process, self.reload, self.now = process, reload, START
        moments.clock = lambda: self.now
        _empty()
        org_id = accounts.create_organisation("peer", "Peer")
        roles = (Role.OPERATOR, Role.PROCESS_OWNER)
        person = accounts.add_person(
            org_id, None, email="peer@peer.example", name="Peer", password=None, roles=roles, teams=()
        )
        self.actor = Actor(org_id, person, "Peer", "peer@peer.example", frozenset(roles), frozenset())
        with self.transaction() as tx:
            deployments.publish(tx, diagrams, "peer", person, self.now)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with transaction(self.actor.org_id) as tx:
            yield tx

    def hire(self, names: Iterable[str]) -> None:
        """Make people of those whom the diagrams assign, so that their items are theirs."""
        with self.transaction() as tx:
            for name in sorted(set(names)):
                person = Person(org_id=self.actor.org_id, email=name, name=name, created_at=self.now)
                tx.session.add(person)

    def start(self, variables: Mapping[str, Any], message: str | None = None) -> None:
        if message is None:
            self.do_spawn(self.process, variables)
        else:
            messages.deliver(self.actor, message, variables)
        self.settle()

    def do(self, step: Mapping[str, Any]) -> None:
        (kind, value), *_ = step.items()
        getattr(self, f"do_{kind}")(value)
        self.settle()

    def settle(self) -> None:
        """Do what relay and worker do at this moment: pass on what was sent."""
        while due := _published():
            for call_id in due:
                service_calls.execute(call_id, None)
        if self.reload:
            forget()

    def do_spawn(self, process: str, variables: Mapping[str, Any] | None = None) -> None:
        with self.transaction() as tx:
            advance.begin(
                tx,
                process=process,
                variables=variables or {},
                business_key=process,
                title=process,
                subject_id=None,
                requester_id=self.actor.person_id,
                by=self.actor.person_id,
                now=self.now,
            )

    def do_open(self, expected: list[str]) -> None:
        found = [item.element for item in self._items()]
        if Counter(found) != Counter(expected):
            raise DifferenceError(f"open are {sorted(found)}, expected {sorted(expected)}")

    def do_complete(self, what: str | Mapping[str, Any]) -> None:
        more = {"task": what} if isinstance(what, str) else what
        for _ in range(more.get("times", 1)):
            item_id = next((item.id for item in self._items() if item.element == more["task"]), None)
            if item_id is None:
                raise DifferenceError(f"no task {more['task']} is open")
            with self.transaction() as tx:
                loaded, row = advance.load_item(tx, item_id)
                advance.complete_item(tx, loaded, row, more.get("set", {}), self.actor.person_id, self.now)

    def _items(self) -> list[WorkItem]:
        statement = select(WorkItem).where(WorkItem.status == WorkItemStatus.OPEN)
        with self.transaction() as tx:
            return list(tx.session.scalars(statement.order_by(WorkItem.opened_at, WorkItem.id)))

    def _first(self, tx: Transaction) -> Instance:
        return tx.session.scalars(select(Instance).order_by(Instance.started_at, Instance.id).limit(1)).one()

    def do_ended(self, expected: bool) -> None:
        with self.transaction() as tx:
            status = self._first(tx).status
        if (status == InstanceStatus.ENDED) is not expected:
            raise DifferenceError(f"its status is {InstanceStatus(status).name}, expected ended: {expected}")

    def do_advance(self, duration: str) -> None:
        self.now = durations.after(duration, self.now)
        while clock.fire_timers() + clock.begin_processes():
            self.settle()

    def do_message(self, what: str | Mapping[str, Any]) -> None:
        named = {"name": what} if isinstance(what, str) else what
        messages.deliver(self.actor, named["name"], {}, element=named.get("to"))

    def do_signal(self, name: str) -> None:
        messages.broadcast(self.actor, name, {})

    def do_refused(self, what: Mapping[str, str]) -> None:
        (kind, name), *_ = what.items()
        if kind == "signal":
            refused = messages.broadcast(self.actor, name, {}) == 0
        else:
            try:
                messages.deliver(self.actor, name, {})
                refused = False
            except ConflictError:
                refused = True
        if not refused:
            raise DifferenceError(f"{kind} {name} is awaited, expected a refusal")

    def do_waiting(self, expected: list[str]) -> None:
        with self.transaction() as tx:
            awaited = set(tx.session.scalars(select(Subscription.element)))
        if not set(expected) <= awaited:
            raise DifferenceError(f"waiting are {sorted(awaited)}, expected at least {expected}")

    def do_set(self, variables: Mapping[str, Any]) -> None:
        act = operating.Act(operating.Verb.SET, "the scenario says so", variables=variables)
        with self.transaction() as tx:
            operating.perform(tx, advance.load(tx, self._first(tx).id), act, self.actor.person_id, self.now)

    def do_vars(self, expected: Mapping[str, Any]) -> None:
        found = self._variables()
        for name, value in expected.items():
            if found.get(name) != value:
                raise DifferenceError(f"{name} is {found.get(name)!r}, expected {value!r}")

    def _variables(self) -> dict[str, Any]:
        """Return what the history says that the first instance's variables are, also when it has ended."""
        found: dict[str, Any] = {}
        with self.transaction() as tx:
            first = self._first(tx)
            steps = select(HistoryStep.changed).where(HistoryStep.instance_id == first.id)
            for changed in tx.session.scalars(steps.order_by(HistoryStep.revision)):
                for change in changed or []:
                    if change["process"] == first.process:
                        found |= feel.from_typed_json(change["set"])
        return found

    def do_trigger(self, element: str) -> None:
        messages.deliver(self.actor, element, {}, element=element)

    def do_assignees(self, expected: Mapping[str, list[str]]) -> None:
        with self.transaction() as tx:
            names = {person.id: person.email for person in tx.session.scalars(select(Person))}
        for element, people in expected.items():
            found = [names.get(item.assignee_id) for item in self._items() if item.element == element]
            if Counter(found) != Counter(people):
                raise DifferenceError(f"assignees of {element} are {found}, expected {people}")

    def do_fails(self, what: Mapping[str, str]) -> None:
        with self.transaction() as tx:
            elements = list(tx.session.scalars(select(Incident.element)))
        if what["element"] not in elements:
            raise DifferenceError(f"incidents at {elements}, expected one at {what['element']}")


def _published() -> list[UUID]:
    found: list[UUID] = []
    outbox.publish_due(lambda call_id, _: found.append(call_id), 100)
    return found


def _empty() -> None:
    forget()
    with transaction_across_organisations() as tx:
        for table in reversed(Model.metadata.sorted_tables):
            tx.execute(table.delete())
