"""How soon the relay hears of new calls: at once on PostgreSQL, elsewhere after a nap, and always soon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event, Timer

import pytest
from flask import Flask
from sqlalchemy import text

from app.database import db, transaction, transaction_across_organisations
from app.moments import utc_now
from app.outbox.asking import ask
from tasks import waking
from tasks.waking import Waker
from tests.builders import Firm


@pytest.fixture
def waker(app: Flask) -> Iterator[Waker]:
    made = Waker(db.engine, Event())
    yield made
    made.close()


def _seconds(waker: Waker) -> float:
    began = time.monotonic()
    waker.wait()
    return time.monotonic() - began


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_call_wakes_the_relay_when_it_is_committed(
    app: Flask, firm: Firm, waker: Waker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waking, "NET_SECONDS", 30.0)
    waker._listening()

    def ask_for_one() -> None:
        with app.app_context(), transaction(firm.org_id) as tx:
            ask(tx, "stock.reserve", {}, now=utc_now())

    timer = Timer(0.3, ask_for_one)
    timer.start()
    seconds = _seconds(waker)
    timer.join()

    assert 0.2 < seconds < 10


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_where_no_notice_comes_the_relay_looks_by_itself(app: Flask, waker: Waker) -> None:
    assert waking.NET_SECONDS * 0.9 <= _seconds(waker) < waking.NET_SECONDS + 5


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_connection_that_broke_is_opened_anew(app: Flask, firm: Firm, waker: Waker) -> None:
    pid = waker._listening().info.backend_pid
    with transaction_across_organisations() as tx:
        tx.connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})

    waker.wait()

    assert waker._listening().info.backend_pid != pid


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_where_there_are_no_notices_the_relay_naps(app: Flask, waker: Waker) -> None:
    assert waking.NAP_SECONDS * 0.9 <= _seconds(waker) < 5
