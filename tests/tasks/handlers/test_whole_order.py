"""One order from draft to closed, every call performed by its real handler."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import refresh
from sqlalchemy import Row, select

from app.audit.models import AuditEntry
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.orders import commands, feedback
from app.orders.documents import documents_of
from app.orders.models import Evaluation, Feedback, Order, SentMail
from app.orders.timeline import timeline_of
from app.outbox.models import ServiceCall
from app.wording import translated
from tests.builders import Firm, a_firm
from tests.performing import perform_all
from tests.selling import a_line, a_product, an_order, complete, publish_shipped, read, stock_figures

LINK = 64  # the organisation and 256 bits in base64


def _until_packed(shop: Firm, quantity: int = 2, on_hand: int = 10) -> Order:
    chair = a_product(shop, price="100", cost="60", tax="19", on_hand=on_hand)
    order = an_order(shop, [a_line(chair, quantity)], submit=True)
    perform_all(shop, order.id)
    complete(shop, order.id, "pack_order", {"comment": ""})
    with reading(shop.org_id) as tx:
        return tx.session.get_one(Order, order.id)


def _secret(shop: Firm, order: Order) -> str:
    with reading(shop.org_id) as tx:
        asked = tx.session.scalars(select(Feedback).where(Feedback.order_id == order.id)).one()
    return feedback.secret_of(shop.org_id, asked.id)


def test_an_order_goes_from_draft_to_closed(shop: Firm) -> None:
    order = _until_packed(shop)

    perform_all(shop, order.id)
    feedback.answer(_secret(shop, order), 5, "quick")
    perform_all(shop, order.id)

    closed = read(shop, order.id)
    assert closed.status == "closed"
    assert closed.ended_at is not None
    assert closed.archived_at is not None
    assert [milestone.milestone for milestone in closed.milestones] == [
        "draft",
        "submitted",
        "approved",
        "executing",
        "delivered",
        "closing",
        "closed",
    ]


def test_a_simulated_customer_answers_by_themselves(app: Flask) -> None:
    shop = a_firm(parties={"customer": {"kind": "simulator", "seconds": 1}})
    publish_shipped(shop)
    order = _until_packed(shop)

    perform_all(shop, order.id)

    assert read(shop, order.id).status == "closed"


def test_short_stock_is_bought_on_the_way(shop: Firm) -> None:
    order = _until_packed(shop, quantity=4, on_hand=1)

    perform_all(shop, order.id)
    feedback.answer(_secret(shop, order), 4, "")
    performed = perform_all(shop, order.id)

    assert "order.archive" in performed
    assert read(shop, order.id).status == "closed"


# Calls that hand something to an instance: what it made of it is recorded there, with the hand-over itself.
HANDED_OVER = ("party.report", "simulator.event")


@pytest.mark.parametrize("cancelled", [False, True], ids=["to its end", "and back"])
def test_what_machines_did_is_in_the_record_by_call(shop: Firm, cancelled: bool) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)
    if cancelled:
        commands.cancel(shop["sales"], order.id, "No longer needed")
    else:
        feedback.answer(_secret(shop, order), 5, "quick")
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        calls = tx.session.scalars(
            select(ServiceCall).where(
                ServiceCall.instance_id == order.instance_id,
                ServiceCall.finished_at.is_not(None),
                ServiceCall.handler.not_in(HANDED_OVER),
            )
        ).all()
        told = tx.session.execute(
            select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.stream_id == order.instance_id)
        ).all()
    recorded = {detail["call"]: detail for _, detail in _about_calls(told)}
    assert len(calls) > 8
    assert {call.handler for call in calls} >= {"stock.reserve", "invoice.create", "payment.record"}
    assert recorded.keys() == {str(call.id) for call in calls}
    assert {recorded[str(call.id)]["handler"] for call in calls} == {call.handler for call in calls}
    assert all(detail.get("result") is not None for detail in recorded.values())


def _about_calls(told: Sequence[Row[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for action, text in told:
        detail = json.loads(text)
        if action.startswith("call."):
            yield action, detail


def test_the_execution_is_judged(shop: Firm) -> None:
    order = _until_packed(shop)

    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        judged = tx.session.get_one(Evaluation, order.id)
    assert (judged.on_time, judged.complete, judged.days_late) == (True, True, 0)
    assert judged.margin_percent == Decimal(40)
    assert read(shop, order.id).promised_on is not None


def test_an_unhappy_customer_is_called_before_the_order_is_closed(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)

    feedback.answer(_secret(shop, order), 1, "scratched")
    perform_all(shop, order.id)

    waiting = read(shop, order.id).waiting
    assert [(item.element, item.whom) for item in waiting] == [("decide_closing", ("Sales",))]


def test_cancelling_while_it_is_delivered_undoes_everything(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)

    commands.cancel(shop["sales"], order.id, "the customer went out of business")
    performed = perform_all(shop, order.id)

    told = [entry.kind for entry in _timeline(shop, order)]
    assert "payment.refund" in performed
    assert "payment.refund" in told
    assert read(shop, order.id).status == "cancelled"


def test_cancelling_what_nobody_paid_says_so(shop: Firm) -> None:
    order = an_order(shop, submit=True)
    perform_all(shop, order.id)

    commands.cancel(shop["sales"], order.id, "ordered twice")
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        told = [entry.text for entry in timeline_of(tx, order.id)]
    assert [text for text in told if text.startswith("Refund")] == [
        "Refund payment: nothing was paid, so nothing was given back"
    ]


def _timeline(shop: Firm, order: Order) -> list[object]:
    with reading(shop.org_id) as tx:
        return list(timeline_of(tx, order.id))


def test_the_timeline_tells_everything_in_its_order(shop: Firm) -> None:
    order = _until_packed(shop)
    commands.comment(shop["lead"], order.id, "handle with care")
    perform_all(shop, order.id)
    feedback.answer(_secret(shop, order), 5, "quick")
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        entries = timeline_of(tx, order.id)

    kinds = [entry.kind for entry in entries]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    for earlier, later in [
        ("submitted", "done"),
        ("done", "shipment.created"),
        ("shipment.created", "shipment.delivered"),
        ("shipment.delivered", "invoice.issued"),
        ("invoice.issued", "payment.payment"),
        ("feedback.asked", "feedback.received"),
    ]:
        assert kinds.index(earlier) < kinds.index(later), (earlier, later)
    comment = next(entry for entry in entries if entry.kind == "comment")
    assert (comment.person_name, comment.note) == ("Lead", "handle with care")
    assert any(entry.is_simulated for entry in entries)
    assert all("{" not in entry.text for entry in entries)


def test_the_papers_say_what_was_agreed(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        papers = documents_of(tx, order.id)

    assert [paper.kind for paper in papers] == ["delivery_note", "invoice"]
    invoice = papers[1]
    assert (invoice.subtotal, invoice.total) == (Decimal(200), Decimal(238))
    assert [(tax.percent, tax.tax) for tax in invoice.taxes] == [(Decimal(19), Decimal(38))]
    assert invoice.paid_on is not None
    assert papers[0].tracking_number in papers[0].number


def test_a_link_is_answered_once(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)
    secret = _secret(shop, order)
    feedback.answer(secret, 4, "")

    with pytest.raises(ConflictError):
        feedback.answer(secret, 1, "")

    page = feedback.page_of(secret)
    assert (page.score, page.order_number) == (4, order.number)


def test_a_link_shows_nothing_of_an_order_but_its_name(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        link = feedback.link_of(tx, order.id)

    assert link is not None
    assert len(link.rsplit("/", 1)[1]) == LINK
    assert str(order.id) not in link


@pytest.mark.parametrize("secret", ["x" * LINK, "short", "not base64 é", "x"])
def test_a_guessed_link_leads_nowhere(shop: Firm, secret: str) -> None:
    with pytest.raises(NotFoundError):
        feedback.page_of(secret)


def test_a_score_is_one_to_five(shop: Firm) -> None:
    with pytest.raises(InvalidError, match="score"):
        feedback.answer("x" * LINK, 6, "")


def test_stock_is_where_it_should_be_after_all(shop: Firm) -> None:
    order = _until_packed(shop, quantity=3, on_hand=10)
    perform_all(shop, order.id)

    product = read(shop, order.id).lines[0].product_id

    assert product is not None
    assert stock_figures(shop, product) == (7, 0)


def test_the_timeline_tells_each_step_once(shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)
    feedback.answer(_secret(shop, order), 5, "quick")
    perform_all(shop, order.id)

    with transaction(shop.org_id) as tx:
        calls = select(ServiceCall).where(ServiceCall.instance_id == order.instance_id)
        for call in tx.session.scalars(calls.where(ServiceCall.handler == "mail.send")).all():
            tx.session.add(_a_mail(order, call.id))
    with reading(shop.org_id) as tx:
        told = [entry.text for entry in timeline_of(tx, order.id)]

    assert [text for text in told if text.endswith(": done")] == [
        "Reserve stock: done",
        "Pack order: done",
        "Archive order: done",
    ]
    assert [text for text in told if text.startswith("Delivered")] == ["Delivered by Simulated carrier"]
    assert len([text for text in told if text.startswith("Evaluated")]) == 1


def _a_mail(order: Order, call_id: UUID) -> SentMail:
    return SentMail(
        id=call_id,
        org_id=order.org_id,
        order_id=order.id,
        template="order_shipped",
        recipients=["office@customer.example"],
        subject="On its way",
        body="",
        at=utc_now(),
    )


def test_a_rejection_is_told_once_with_who_and_why(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    complete(shop, order.id, "approve_order", {"decision": "rejected", "comment": "too dear"})

    with reading(shop.org_id) as tx:
        told = [entry for entry in timeline_of(tx, order.id) if "eject" in entry.text]

    assert [(entry.text, entry.note, bool(entry.person_name)) for entry in told] == [
        ("Approve: rejected", "too dear", True)
    ]


def test_amounts_and_days_of_the_timeline_speak_the_readers_language(app: Flask, shop: Firm) -> None:
    order = _until_packed(shop)
    perform_all(shop, order.id)
    feedback.answer(_secret(shop, order), 5, "quick")
    perform_all(shop, order.id)

    with reading(shop.org_id) as tx:
        by_kind = {entry.kind: entry.sentence for entry in timeline_of(tx, order.id)}
    paid, issued = by_kind["payment.payment"], by_kind["invoice.issued"]

    assert "Paid 238.00 EUR (" in paid
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert "Paid €238.00 (" in translated(paid)
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        refresh()
        assert "€238.00" in translated(paid)
        assert re.search(r"\d{4}年\d{1,2}月\d{1,2}日", translated(issued))
