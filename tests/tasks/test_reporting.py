"""What comes of answers that come twice, late, or to nothing; and what an operator does about failures."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.audit.chain import LONGEST_TOLD
from app.audit.models import AuditEntry
from app.audit.verifying import verify
from app.config import settings
from app.database import reading
from app.errors import ConflictError, NotFoundError, RefusedError
from app.orders import commands as orders
from app.orders.models import OrderStatus, Payment
from app.outbox.models import CallStatus
from app.processes import advance, commands, incidents
from app.processes.models import HistoryStep, Incident
from app.processes.queries import HEADS
from tasks.handlers import registry
from tasks.service_calls import execute
from tests.builders import Firm, a_firm
from tests.performing import a_call, perform, perform_all, run, status_of
from tests.selling import (
    a_line,
    a_product,
    an_order,
    calls_of,
    complete,
    publish_shipped,
    read,
    stock_figures,
)


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    at_once: dict[str, object] = {"seconds": 0}
    firm = a_firm({"carrier": at_once, "supplier": at_once, "payments": at_once})
    publish_shipped(firm)
    return firm


def _steps(shop: Firm, order_id: UUID) -> int:
    instance_id = read(shop, order_id).instance_id
    with reading(shop.org_id) as tx:
        statement = select(func.count()).where(HistoryStep.instance_id == instance_id)
        return tx.session.scalar(statement) or 0


def _incident(shop: Firm, call_id: UUID) -> UUID:
    statement = select(Incident.id).where(Incident.service_call_id == call_id, Incident.resolved_at.is_(None))
    with reading(shop.org_id) as tx:
        return tx.session.scalars(statement).one()


def test_an_answer_that_no_diagram_can_hold_is_an_incident_and_asked_for_only_once(
    shop: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    monkeypatch.setitem(registry._HANDLERS, "stock.reserve", lambda call: {"note": "half \ud83d"})

    assert execute(call.id, None) == "failed"

    with reading(shop.org_id) as tx:
        statement = select(Incident.message).where(Incident.service_call_id == call.id)
        [message] = tx.session.scalars(statement)
    assert "half a character" in message


def test_an_answer_that_comes_twice_moves_the_order_once(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    perform(shop, call.id)
    steps = _steps(shop, order.id)

    commands.report(call.id, commands.Succeeded({}))
    commands.report(call.id, commands.BusinessError("stock.short", "all gone"))
    commands.report(call.id, commands.Failed("late"))

    assert _steps(shop, order.id) == steps
    assert status_of(shop, call.id) == CallStatus.DONE


def test_an_answer_to_a_call_that_nobody_asked_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="service call"):
        commands.report(uuid4(), commands.Succeeded({}))


def test_a_reservation_that_is_reported_after_the_order_was_cancelled_is_given_back(shop: Firm) -> None:
    product = a_product(shop, on_hand=10)
    order = an_order(shop, [a_line(product, 3)], submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    answer = run(shop, call.id)
    assert stock_figures(shop, product) == (10, 3)
    orders.cancel(shop["sales"], order.id, "No longer needed")

    commands.report(call.id, commands.Succeeded(answer))
    perform_all(shop, order.id)

    assert status_of(shop, call.id) == CallStatus.WITHDRAWN
    assert stock_figures(shop, product) == (10, 0)
    assert read(shop, order.id).status == OrderStatus.CANCELLED


def test_a_payment_that_is_reported_after_the_order_was_cancelled_is_refunded(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="100", tax="0"), 2)], submit=True)
    while not (paying := calls_of(shop, order.id, "payment.record")):
        for call in calls_of(shop, order.id):
            perform(shop, call.id, call.due_at)
        if any(item == "pack_order" for item in _open_elements(shop, order.id)):
            complete(shop, order.id, "pack_order", {"comment": ""})
    answer = run(shop, paying[0].id)
    orders.cancel(shop["sales"], order.id, "No longer needed")

    commands.report(paying[0].id, commands.Succeeded(answer))
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        ledger = tx.session.execute(
            select(Payment.kind, Payment.amount).where(Payment.order_id == order.id).order_by(Payment.kind)
        ).all()
    assert [tuple(row) for row in ledger] == [("payment", 200), ("refund", -200)]
    assert read(shop, order.id).status == OrderStatus.CANCELLED


def _open_elements(shop: Firm, order_id: UUID) -> list[str]:
    instance_id = read(shop, order_id).instance_id
    assert instance_id is not None
    with reading(shop.org_id) as tx:
        loaded = advance.load(tx, instance_id)
        return [row.element for row in advance.open_items(tx, loaded)]


def test_a_failed_call_waits_for_an_operator_whose_retry_takes_the_order_on(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    commands.report(call.id, commands.Failed("the warehouse is on fire"))
    assert read(shop, order.id).open_incidents
    incident = _incident(shop, call.id)

    incidents.retry(shop["operator"], incident, "it is out")

    assert status_of(shop, call.id) == CallStatus.WAITING
    assert not read(shop, order.id).open_incidents
    perform(shop, call.id)
    assert "pack_order" in _open_elements(shop, order.id)


def test_an_incident_is_retried_once_and_by_operators_only(shop: Firm) -> None:
    call = a_call(shop, "order.archive")
    commands.report(call, commands.Failed("no such order"))
    incident = _incident(shop, call)

    with pytest.raises(RefusedError):
        incidents.retry(shop["sales"], incident)
    incidents.retry(shop["operator"], incident)
    with pytest.raises(ConflictError, match="resolved already"):
        incidents.retry(shop["operator"], incident)


def test_an_answer_after_all_attempts_failed_is_still_taken(shop: Firm) -> None:
    """The worker that was given up for dead was slow: what it did counts, and the incident has no cause."""
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    answer = run(shop, call.id)
    commands.report(call.id, commands.Failed("nobody answered"))

    commands.report(call.id, commands.Succeeded(answer))

    assert status_of(shop, call.id) == CallStatus.DONE
    assert "pack_order" in _open_elements(shop, order.id)
    assert not read(shop, order.id).open_incidents


def test_a_call_that_was_given_up_twice_is_one_incident(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")

    commands.report(call.id, commands.Failed("nobody answered"))
    commands.report(call.id, commands.Failed("nobody answered"))

    assert read(shop, order.id).open_incidents == 1


def test_an_incident_of_a_call_that_is_no_longer_wanted_is_closed(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    commands.report(call.id, commands.Failed("nobody answered"))

    orders.cancel(shop["sales"], order.id, "No longer needed")

    assert not read(shop, order.id).open_incidents
    assert status_of(shop, call.id) == CallStatus.WITHDRAWN


def _recorded(shop: Firm, order_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """What the record of an order's instance says of calls, the oldest first."""
    statement = (
        select(AuditEntry.action, AuditEntry.detail)
        .where(
            AuditEntry.stream_id == read(shop, order_id).instance_id, AuditEntry.action.startswith("call.")
        )
        .order_by(AuditEntry.seq)
    )
    with reading(shop.org_id) as tx:
        return [(action, json.loads(detail)) for action, detail in tx.session.execute(statement)]


def test_an_answer_that_nobody_waits_for_is_in_the_record_all_the_same(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    orders.cancel(shop["sales"], order.id, "No longer needed")

    commands.report(call.id, commands.Succeeded({"reserved": 3}))

    about = {"key": call.call_key, "call": str(call.id), "handler": "stock.reserve"}
    assert ("call.kept", {**about, "result": {"reserved": 3}}) in _recorded(shop, order.id)


def test_a_call_that_was_given_up_and_answered_after_all_is_in_the_record_with_both(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")

    commands.report(call.id, commands.Failed("nobody answered"))
    commands.report(call.id, commands.BusinessError("stock.short", "all gone", {}))

    (failed, why), (refused, code) = _recorded(shop, order.id)[:2]
    assert (failed, why["error"]) == ("call.failed", "nobody answered")
    assert (refused, code["code"], code["message"]) == ("call.refused", "stock.short", "all gone")


def test_a_long_answer_is_in_the_record_by_its_digest(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    answer = {"page": "x" * LONGEST_TOLD}

    commands.report(call.id, commands.Succeeded(answer))

    [(action, detail)] = _recorded(shop, order.id)
    assert (action, "result" in detail) == ("call.succeeded", False)
    kept = json.dumps(answer, separators=(",", ":")).encode()
    assert detail["result_sha256"] == hashlib.sha256(kept).hexdigest()


def test_the_record_holds_after_entries_beside_the_steps(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    [call] = calls_of(shop, order.id, "stock.reserve")
    commands.report(call.id, commands.Failed("nobody answered"))
    perform(shop, call.id)

    assert len(_recorded(shop, order.id)) > 1
    assert list(verify(shop.org_id, settings().audit_key, [HEADS])) == []
