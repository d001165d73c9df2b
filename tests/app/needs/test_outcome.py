"""From a need forward to what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from flask import Flask

from app.accounts.models import Role
from app.columns import new_id
from app.database import reading, transaction
from app.needs import commands, ordering, outcome
from app.needs.models import Need
from app.orders.models import Feedback, Invoice
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped
from tests.signing_in import signed_in


def test_a_need_leads_to_its_order_invoice_and_feedback(app: Flask) -> None:
    firm = a_firm()
    publish_shipped(firm)
    given = {"need_type": "lamps", "text": "Ten", "customer_id": a_customer(firm), "value": Decimal(50)}
    need_id = commands.create(firm["sales"], given).id
    assert _told(firm, need_id) is None
    order_id = ordering.make_order(firm["sales"], need_id)
    at = datetime(2026, 5, 1, tzinfo=UTC)
    with transaction(firm.org_id) as tx:
        own = {"org_id": firm.org_id, "order_id": order_id}
        due, paid = date(2026, 6, 1), {"currency": "EUR", "total": Decimal(50), "issued_on": date(2026, 5, 1)}
        tx.session.add(Invoice(id=new_id(), number="I-1", due_on=due, paid_at=at, **paid, **own))
        asked = {"digest": str(order_id), "asked_at": at, "answered_at": at, "score": 4}
        tx.session.add(Feedback(id=new_id(), **asked, **own))

    found = _told(firm, need_id)
    shown = signed_in(app, firm, Role.SALES).get(f"/needs/{need_id}").get_data(as_text=True)
    answer = app.test_client().get(f"/api/v1/needs/{need_id}", headers=firm.headers("sales")).get_json()

    assert found is not None
    assert (found.order_id, found.status, found.score) == (order_id, "draft", 4)
    assert [(each.number, each.paid_at) for each in found.invoices] == [("I-1", at)]
    assert "4 of 5" in shown
    assert (answer["outcome"]["invoices"][0]["number"], answer["outcome"]["score"]) == ("I-1", 4)


def _told(firm: Firm, need_id: object) -> outcome.Outcome | None:
    with reading(firm.org_id) as tx:
        return outcome.of(tx, tx.session.get_one(Need, need_id))
