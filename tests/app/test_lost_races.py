"""A database that gives way or goes away: what was begun is undone, and the answer says to try again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app import database
from app.accounts.models import Role
from app.database import db, transaction
from app.errors import BusyError
from app.moments import utc_now
from app.processes import advance
from tasks import edge
from tests.app.processes.running import begin, publish, stands_at
from tests.builders import Firm, a_firm
from tests.signing_in import signed_in
from tests.workflows.building import diagram, element, user

_CATCH = element("intermediateCatchEvent", "w", '<bpmn:messageEventDefinition messageRef="m"/>')
on_postgres = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    body = element("startEvent", "s") + _CATCH + user("after")
    publish(firm, waits=diagram(body, "s -> w\nw -> after", "waits", '<bpmn:message id="m" name="go"/>'))
    return firm


@contextmanager
def _before(word: str, deed: Callable[[Any, str], None]) -> Iterator[None]:
    """Do something once, before the first statement that holds the word."""
    done: list[str] = []

    def look(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if word in statement.lower() and not done:
            done.append(statement)
            deed(connection, statement)

    event.listen(db.engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", look)


def _send(client: FlaskClient, shop: Firm) -> tuple[int, Any]:
    answer = client.post("/api/v1/messages", json={"name": "go"}, headers=shop.headers("operator"))
    return answer.status_code, answer.get_json(silent=True)


@on_postgres
def test_of_a_deadlock_one_is_told_to_try_again_and_has_changed_nothing(app: Flask, shop: Firm) -> None:
    instances = [begin(shop, "waits", "K-1"), begin(shop, "waits", "K-2")]
    together = Barrier(2)

    def move_both(first: UUID, second: UUID) -> str:
        with app.app_context():
            try:
                with transaction(shop.org_id) as tx:
                    loaded = advance.load(tx, first)
                    advance.deliver(tx, loaded, "go", {}, None, utc_now())
                    together.wait(10)
                    advance.load(tx, second)
            except BusyError as error:
                return str(error)
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(move_both, instances, reversed(instances)))

    assert sorted(answers) == ["done", "somebody changed this at the same moment; try again"]
    moved = [stands_at(shop, each) for each in instances]
    assert moved == [["after"] if answer == "done" else ["w"] for answer in answers]
    for instance in instances:
        with transaction(shop.org_id) as tx:
            advance.cancel(tx, advance.load(tx, instance), "", None, utc_now())


@on_postgres
def test_a_row_that_is_held_too_long_is_not_waited_for(
    client: FlaskClient, shop: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 1)
    instance = begin(shop, "waits", "K-1")

    with transaction(shop.org_id) as holding:
        loaded = advance.load(holding, instance)
        status, said = _send(client, shop)
        advance.cancel(holding, loaded, "", None, utc_now())

    assert (status, said["error"]["code"]) == (503, "busy")
    assert said["error"]["message"] == "somebody changed this at the same moment; try again"


@pytest.mark.parametrize("word", ["insert into history_steps", "delete from subscriptions"])
@on_postgres
def test_a_connection_that_is_lost_midway_leaves_nothing_half_done(
    client: FlaskClient, shop: Firm, word: str
) -> None:
    instance = begin(shop, "waits", "K-1")

    def kill(connection: Any, _: str) -> None:
        own = connection.connection.driver_connection.info.backend_pid
        with db.engine.connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": own})

    with _before(word, kill):
        lost = _send(client, shop)
    stood = stands_at(shop, instance)
    again = _send(client, shop)

    assert (lost[0], lost[1]["error"]["code"]) == (503, "away")
    assert stood == ["w"]
    assert (again[0], stands_at(shop, instance)) == (204, ["after"])


@pytest.mark.parametrize(
    "said",
    [
        "database is locked",
        "(1213, 'Deadlock found when trying to get lock')",
        "(1205, 'Lock wait timeout exceeded')",
    ],
)
def test_a_database_without_codes_is_understood_by_its_words(
    client: FlaskClient, shop: Firm, said: str
) -> None:
    instance = begin(shop, "waits", "K-1")

    def fail(_connection: Any, statement: str) -> None:
        raise OperationalError(statement, {}, Exception(said))

    with _before("insert into history_steps", fail):
        status, body = _send(client, shop)

    assert (status, body["error"]["code"], stands_at(shop, instance)) == (503, "busy", ["w"])
    assert _send(client, shop)[0] == 204


def test_a_page_without_its_database_says_so(app: Flask, shop: Firm) -> None:
    client = signed_in(app, shop, Role.OPERATOR)

    def refuse(*_: Any) -> None:
        raise OperationalError(None, None, Exception("connection refused"))

    event.listen(db.engine, "before_cursor_execute", refuse)
    answer = client.get("/incidents", headers={"Accept-Language": "en"})
    event.remove(db.engine, "before_cursor_execute", refuse)

    assert answer.status_code == 503
    assert "the database cannot be reached; try again in a moment" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("lost", "told"), [(2, None), (3, "BusyError: busy")])
def test_what_time_brings_about_is_tried_again_when_it_lost_a_race(lost: int, told: str | None) -> None:
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) <= lost:
            raise BusyError("busy")

    assert edge.attempt("timer", work) == told
    assert len(tries) == 3
