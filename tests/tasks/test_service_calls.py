"""Real workers and relays on real brokers: what is asked for is done, whatever dies meanwhile."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import select, update

from app.database import transaction
from app.moments import utc_now
from app.outbox.asking import ask
from app.outbox.models import CallStatus, ServiceCall
from app.processes.models import Incident
from tests.builders import Firm
from tests.tasks.installation import Installation, eventually

PROBE = "tests.tasks.probe"


def _ask(firm: Firm, handler: str) -> UUID:
    with transaction(firm.org_id) as tx:
        return ask(tx, handler, {}, now=utc_now())


def _status(firm: Firm, call_id: UUID) -> int:
    with transaction(firm.org_id) as tx:
        return tx.session.get_one(ServiceCall, call_id).status


def _incidents(firm: Firm, call_id: UUID) -> list[str]:
    with transaction(firm.org_id) as tx:
        statement = select(Incident.message).where(Incident.service_call_id == call_id)
        return list(tx.session.scalars(statement))


def _give_up_waiting(firm: Firm, call_id: UUID) -> None:
    """Let a lease or a pause be over, as time alone would."""
    with transaction(firm.org_id) as tx:
        past = utc_now() - timedelta(seconds=1)
        where = (ServiceCall.id == call_id, ServiceCall.due_at.is_not(None))
        tx.session.execute(update(ServiceCall).where(*where).values(due_at=past))


def _start(running: Installation) -> None:
    running.start("worker", PROBE, "worker")
    running.start("relay", PROBE, "relay")


def _become(firm: Firm, call_id: UUID, status: CallStatus) -> bool:
    return eventually(lambda: _status(firm, call_id) == status)


def test_a_call_is_performed_once_with_the_request_id_of_who_asked(
    app: Flask, firm: Firm, running: Installation
) -> None:
    structlog.contextvars.bind_contextvars(request_id="request-of-the-test")
    call_id = _ask(firm, "probe.trace")
    structlog.contextvars.clear_contextvars()

    _start(running)

    assert _become(firm, call_id, CallStatus.DONE), running.lines("worker.log")[-5:]
    assert running.lines("traces.log")[-1] == f"{call_id} done request-of-the-test"
    assert eventually(lambda: any("request-of-the-test" in line for line in running.lines("worker.log")))


def test_every_end_of_a_call_is_kept(app: Flask, firm: Firm, running: Installation) -> None:
    """One set of processes for all ends: what is refused, unknown, failing, and deadly."""
    _start(running)
    refused, unknown = _ask(firm, "probe.refuse"), _ask(firm, "probe.unknown")
    failing, deadly = _ask(firm, "probe.fail"), _ask(firm, "probe.die")

    assert _become(firm, refused, CallStatus.ERROR), running.lines("worker.log")[-5:]
    assert _become(firm, unknown, CallStatus.FAILED)
    assert "no handler probe.unknown" in _incidents(firm, unknown)[0]

    for call_id in (failing, deadly):
        assert eventually(
            lambda call_id=call_id: (
                _give_up_waiting(firm, call_id) or _status(firm, call_id) == CallStatus.FAILED
            )
        ), running.lines("worker.log")[-5:]
    assert "on fire" in _incidents(firm, failing)[0]
    assert "parked" in _incidents(firm, deadly)[0]
    traces = running.lines("traces.log")
    assert sum(f"{failing} failed" in line for line in traces) == 6
    assert sum(f"{deadly} died" in line for line in traces) == 5


def test_a_relay_that_was_killed_loses_nothing(app: Flask, firm: Firm, running: Installation) -> None:
    running.start("worker", PROBE, "worker")
    relay = running.start("relay", PROBE, "relay")
    calls = [_ask(firm, "probe.trace") for _ in range(5)]
    running.kill(relay)
    calls += [_ask(firm, "probe.trace") for _ in range(5)]

    running.start("relay", PROBE, "relay")

    assert all(_become(firm, call_id, CallStatus.DONE) for call_id in calls)
