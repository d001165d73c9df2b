"""A customer who is erased leaves every room at once; what was sold stays under their number."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Role
from app.customers import commands, erasing
from app.customers.models import Contact, Customer
from app.database import Model, Owned, reading, transaction
from app.errors import ConflictError, NotFoundError, RefusedError
from app.insights import predictions
from app.needs import commands as needs
from app.needs.imports import commands as imports
from app.needs.models import Need
from app.needs.observations import commands as observations
from app.needs.observations.commands import Seen
from app.needs.observations.models import ObservedKind
from app.orders import commands as orders
from app.orders.models import Order
from app.orders.terms import NewOrder
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, publish_shipped
from tests.signing_in import form_token, signed_in

NAME, MAIL = "Ximena Quiroga", "ximena@quiroga.example"


@pytest.fixture(scope="module")
def desk(firm: Firm) -> Firm:
    """The firm with the flows that Placet ships."""
    publish_shipped(firm)
    return firm


def _leave_in_files(firm: Firm) -> None:
    """Rows that were refused, and one that was kept and is known the second time."""
    for _ in range(2):
        refused = f"tea,{NAME},,1\ntea,{MAIL.upper()},tea,{NAME}\n"
        rows = f"type,customer,text,value\n{refused}tea,{NAME},more tea,1\n"
        import_id = imports.receive(firm["sales"], "tea.csv", io.BytesIO(rows.encode()))
        imports.start(firm["sales"], import_id)


@pytest.fixture
def customer(app: Flask, desk: Firm) -> Customer:
    """A customer who left traces in every room."""
    firm = desk
    customer_id = a_customer(firm, NAME)
    values = {
        "email": MAIL,
        "phone": "+49 1",
        "street": "Main 1",
        "notes": f"{NAME} likes tea",
        "country": "DE",
    }
    commands.change(firm["sales"], customer_id, values, None)
    commands.add_contact(firm["sales"], customer_id, {"name": NAME, "email": MAIL})
    need = needs.create(
        firm["sales"],
        {"need_type": "tea", "text": f"{NAME} wants tea", "customer_id": customer_id, "currency": "EUR"},
    )
    needs.add_note(firm["sales"], need.id, f"{NAME} called")
    needs.move(firm["sales"], need.id, "lost", f"{NAME} drinks coffee now")
    observations.note(firm["sales"], [Seen(customer_id, ObservedKind.ASKED, text=f"{NAME} asked")])
    _leave_in_files(firm)
    needs.create(
        firm["sales"], {"need_type": "tea", "text": "more", "customer_name": NAME, "currency": "EUR"}
    )
    orders.place(firm["sales"], NewOrder(customer_id=customer_id, lines=(), note=f"for {NAME}"), submit=False)
    orders.place(firm["sales"], NewOrder(customer_id, (a_line(a_product(firm)),)), submit=False)
    with transaction(firm.org_id) as tx:
        predictions.say(tx, "guess", "O-1", {"late": 0.5}, datetime.now(UTC), customer_id=customer_id)
    with reading(firm.org_id) as tx:
        return tx.session.get_one(Customer, customer_id)


def traces(firm: Firm, *words: str) -> list[str]:
    """Name every table in which one of these words is still to be read."""
    found = []
    with reading(firm.org_id) as tx:
        for mapper in Model.registry.mappers:
            if issubclass(mapper.class_, Owned):
                for row in tx.session.execute(select(mapper.local_table).filter_by(org_id=firm.org_id)):
                    if any(word.casefold() in str(row).casefold() for word in words):
                        found.append(mapper.local_table.name)
    return found


def number_of(shop: Firm, customer_id: UUID) -> str:
    with reading(shop.org_id) as tx:
        return tx.session.get_one(Customer, customer_id).number


def test_nothing_about_the_person_is_left_in_any_table(firm: Firm, customer: Customer) -> None:
    assert {"customers", "contacts", "needs", "need_events", "orders"} <= set(traces(firm, NAME, MAIL))

    rows = erasing.erase(firm["admin"], customer.id)

    assert traces(firm, NAME, MAIL) == []
    assert rows >= 8
    with reading(firm.org_id) as tx:
        erased = tx.session.get_one(Customer, customer.id)
        assert (erased.name, erased.country, erased.is_active) == (customer.number, "DE", False)
        assert erased.erased_at is not None
        assert tx.session.scalars(select(Contact).where(Contact.customer_id == customer.id)).all() == []
        assert tx.session.scalars(select(predictions.SaidPrediction)).all() == []


def test_what_was_asked_and_sold_is_still_counted(firm: Firm, customer: Customer) -> None:
    erasing.erase(firm["admin"], customer.id)

    with reading(firm.org_id) as tx:
        texts = tx.session.scalars(select(Need.text).where(Need.customer_id == customer.id)).all()
        count = len(tx.session.scalars(select(Order.id).where(Order.customer_id == customer.id)).all())
    assert set(texts) == {""}  # one, or more where the name in the file was theirs alone
    assert count >= 2


def test_an_answer_kept_for_a_repeated_request_names_nobody(
    app: Flask, firm: Firm, customer: Customer
) -> None:
    body = {"customer_id": str(customer.id), "lines": [], "note": f"for {NAME}", "submit": False}
    headers = {**firm.headers("sales"), "Idempotency-Key": str(customer.id)}
    client = app.test_client()
    first = client.post("/api/v1/orders", json=body, headers=headers)

    erasing.erase(firm["admin"], customer.id)

    again = client.post("/api/v1/orders", json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert NAME in first.text
    assert NAME not in again.text
    assert again.get_json()["id"] == first.get_json()["id"]


def test_an_erased_customer_cannot_be_changed_or_erased_again(firm: Firm, customer: Customer) -> None:
    erasing.erase(firm["admin"], customer.id)

    with pytest.raises(ConflictError):
        erasing.erase(firm["admin"], customer.id)
    with pytest.raises(ConflictError):
        commands.change(firm["sales"], customer.id, {"name": NAME}, None)
    with pytest.raises(ConflictError):
        commands.add_contact(firm["sales"], customer.id, {"name": NAME})


def test_only_an_administrator_erases(firm: Firm, stranger: Firm, customer: Customer) -> None:
    with pytest.raises(RefusedError):
        erasing.erase(firm["sales"], customer.id)
    with pytest.raises(NotFoundError):
        erasing.erase(stranger["admin"], customer.id)


def test_the_page_erases_only_who_types_the_number(app: Flask, firm: Firm, customer: Customer) -> None:
    client = signed_in(app, firm, Role.ADMINISTRATOR)
    path = f"/customers/{customer.id}"

    token = {"csrf_token": form_token(client, f"{path}/erase")}

    wrong = client.post(f"{path}/erase", data={**token, "number": NAME})
    right = client.post(f"{path}/erase", data={**token, "number": customer.number})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert NAME not in client.get(path).get_data(as_text=True)
    assert client.get(f"{path}/erase").status_code == 409
