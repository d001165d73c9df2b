"""Customers: added, found, changed by version, with the people to talk to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.customers import commands, queries
from app.database import reading
from app.errors import InvalidError, NotFoundError, RefusedError, StaleError
from tests.builders import Firm, a_firm

API = "/api/v1/customers"


def test_a_customer_gets_the_next_number(firm: Firm) -> None:
    first = commands.create(firm["sales"], {"name": "Northwind"})
    second = commands.create(firm["sales"], {"name": "Southwind", "credit_limit": Decimal("900.50")})

    assert int(second.number.removeprefix("C-")) == int(first.number.removeprefix("C-")) + 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 191}, "name"),
        ({"email": "nobody"}, "email"),
        ({"risk": "huge"}, "risk"),
        ({"credit_limit": Decimal(-1)}, "credit_limit"),
        ({"credit_limit": Decimal(10**13)}, "credit_limit"),
        ({"payment_days": 366}, "payment_days"),
        ({"kind": "alien"}, "kind"),
        ({"locale": "tlh"}, "locale"),
        ({"country": "Germany"}, "country"),
        ({"phone": "0" * 61}, "phone"),
    ],
)
def test_what_is_wrong_with_a_customer_is_named(firm: Firm, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.create(firm["sales"], {"name": "Northwind", **values})

    assert list(refused.value.fields) == [field]


def test_a_change_counts_the_version_and_an_older_one_is_refused(firm: Firm) -> None:
    made = commands.create(firm["sales"], {"name": "Northwind"})

    changed = commands.change(firm["sales"], made.id, {"risk": "high"}, made.version)

    assert changed.version == 2
    with pytest.raises(StaleError):
        commands.change(firm["sales"], made.id, {"risk": "low"}, made.version)


def test_only_sales_change_customers(firm: Firm) -> None:
    with pytest.raises(RefusedError):
        commands.create(firm["operator"], {"name": "Northwind"})


def test_contacts_come_with_the_main_one_first(firm: Firm) -> None:
    customer = commands.create(firm["sales"], {"name": "Northwind"})
    commands.add_contact(firm["sales"], customer.id, {"name": "Ann"})
    main = commands.add_contact(firm["sales"], customer.id, {"name": "Zoe", "is_main": True})

    with reading(firm.org_id) as tx:
        found = [contact.name for contact in queries.list_contacts(tx, customer.id)]
    commands.remove_contact(firm["sales"], customer.id, main)

    assert found == ["Zoe", "Ann"]
    with reading(firm.org_id) as tx:
        assert [contact.name for contact in queries.list_contacts(tx, customer.id)] == ["Ann"]


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": ""}, "name"), ({"name": "x" * 191}, "name"), ({"name": "Ann", "email": "x"}, "email")],
)
def test_what_is_wrong_with_a_contact_is_named(firm: Firm, values: dict[str, Any], field: str) -> None:
    customer = commands.create(firm["sales"], {"name": "Northwind"})

    with pytest.raises(InvalidError) as refused:
        commands.add_contact(firm["sales"], customer.id, values)

    assert list(refused.value.fields) == [field]


def test_a_contact_is_removed_from_its_own_customer_only(firm: Firm) -> None:
    one = commands.create(firm["sales"], {"name": "One"})
    other = commands.create(firm["sales"], {"name": "Other"})
    contact = commands.add_contact(firm["sales"], one.id, {"name": "Ann"})

    with pytest.raises(NotFoundError):
        commands.remove_contact(firm["sales"], other.id, contact)


@pytest.mark.parametrize("text", ["C-1001", "ORDERS@north.example", "Northwind"])
def test_one_customer_is_found_by_number_address_or_name(text: str, firm: Firm) -> None:
    fresh = a_firm()
    made = commands.create(fresh["sales"], {"name": "Northwind", "email": "orders@north.example"})

    with reading(fresh.org_id) as tx:
        found = queries.customers_called(tx, {text})[text]

    assert [customer.id for customer in found] == [made.id]


def test_a_name_that_many_have_finds_two_of_them(firm: Firm) -> None:
    fresh = a_firm()
    for _ in range(3):
        commands.create(fresh["sales"], {"name": "Northwind"})

    with reading(fresh.org_id) as tx:
        assert len(queries.customers_called(tx, {"Northwind"})["Northwind"]) == 2


def test_the_api_adds_changes_and_talks_to_a_customer(client: FlaskClient, firm: Firm) -> None:
    headers = firm.headers("sales")
    made = client.post(API, json={"name": "Northwind", "credit_limit": "5000"}, headers=headers)
    path = f"{API}/{made.get_json()['id']}"
    etag = client.get(path, headers=headers).headers["ETag"]

    changed = client.patch(path, json={"city": "Berlin"}, headers={**headers, "If-Match": etag})
    stale = client.patch(path, json={"city": "Bonn"}, headers={**headers, "If-Match": etag})
    contact = client.post(f"{path}/contacts", json={"name": "Ann"}, headers=headers)
    listed = client.get(f"{path}/contacts", headers=headers).get_json()["items"]
    removed = client.delete(f"{path}/contacts/{contact.get_json()['id']}", headers=headers)

    assert (made.status_code, changed.status_code, stale.status_code) == (201, 200, 412)
    assert client.get(path, headers=headers).get_json()["city"] == "Berlin"
    assert ([each["name"] for each in listed], removed.status_code) == (["Ann"], 204)


@pytest.mark.parametrize("header", ['"x"', "3", 'W/"one"'])
def test_an_etag_that_is_none_of_ours_is_stale(client: FlaskClient, firm: Firm, header: str) -> None:
    made = commands.create(firm["sales"], {"name": "Northwind"})

    answer = client.patch(
        f"{API}/{made.id}", json={"city": "Bonn"}, headers={**firm.headers("sales"), "If-Match": header}
    )

    assert answer.status_code == 412


def test_customers_are_listed_by_name_searched_and_filtered(client: FlaskClient, firm: Firm) -> None:
    fresh = a_firm()
    for name, risk in (("Beta", "high"), ("alpha 100%", "low"), ("Gamma_1", "low")):
        commands.create(fresh["sales"], {"name": name, "risk": risk})
    headers = fresh.headers("auditor")

    def names(**query: str) -> list[str]:
        answer = client.get(API, query_string=query, headers=headers).get_json()
        return sorted(item["name"] for item in answer["items"])

    assert names() == ["Beta", "Gamma_1", "alpha 100%"]
    assert names(search="100%") == ["alpha 100%"]
    assert names(search="a_1") == ["Gamma_1"]
    assert names(risk="high") == ["Beta"]
    assert names(is_active="false") == []


def test_pages_of_customers_hold_each_once(client: FlaskClient, firm: Firm) -> None:
    fresh, seen, cursor = a_firm(), [], None
    for name in ("a", "b", "b", "c", "d"):
        commands.create(fresh["sales"], {"name": name})
    headers = fresh.headers("sales")
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = client.get(API, query_string=query, headers=headers).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5


def test_a_forged_cursor_is_refused(client: FlaskClient, firm: Firm) -> None:
    answer = client.get(API, query_string={"cursor": "WyJhIiwieCJd"}, headers=firm.headers("sales"))

    assert answer.status_code == 422


def test_an_unknown_customer_is_not_found(firm: Firm) -> None:
    with pytest.raises(NotFoundError):
        commands.change(firm["sales"], uuid4(), {"city": "Bonn"}, None)
