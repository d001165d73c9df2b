"""Finding orders: search, filters, pages, and an export that runs nothing."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import reading
from app.moments import utc_now
from app.orders import commands
from app.orders.export import csv_lines
from app.orders.queries import OrderFilter, every_order, list_orders
from app.orders.terms import Change
from tests.builders import Firm, a_firm
from tests.selling import a_customer, a_line, a_product, an_order, publish_shipped


def _found(shop: Firm, wanted: OrderFilter) -> set[str]:
    with reading(shop.org_id) as tx:
        return {row.number for row in list_orders(tx, wanted)}


@pytest.mark.parametrize("what", ["number", "title", "customer"])
def test_orders_are_found_by_what_one_remembers(shop: Firm, what: str) -> None:
    customer = a_customer(shop, f"Zebra & {what} 100%", is_known=False)
    lamp = a_product(shop, name=f"Unicorn_{what}")
    order = an_order(shop, [a_line(lamp)], customer_id=customer)
    search = {"number": order.number, "title": "unicorn_t", "customer": "& customer 100%"}[what]

    assert _found(shop, OrderFilter(search=search)) == {order.number}


def test_signs_with_a_meaning_in_searches_have_none_here(shop: Firm) -> None:
    an_order(shop)

    assert _found(shop, OrderFilter(search="%_%_%")) == set()


def test_filters_narrow(shop: Firm) -> None:
    customer = a_customer(shop)
    small = an_order(shop, [a_line(a_product(shop, price="10"))], customer_id=customer)
    large = an_order(shop, [a_line(a_product(shop, price="5000"))], customer_id=customer, submit=True)
    today = utc_now().date()
    theirs = OrderFilter(customer_id=customer, statuses=("draft", "submitted"))

    both = _found(shop, theirs)
    drafts = _found(shop, OrderFilter(customer_id=customer, statuses=("draft",)))
    dear = _found(shop, OrderFilter(customer_id=customer, total_from=Decimal(11)))
    cheap = _found(shop, OrderFilter(customer_id=customer, statuses=theirs.statuses, total_to=Decimal(11)))
    fresh = _found(shop, OrderFilter(customer_id=customer, statuses=theirs.statuses, entered_from=today))
    old = _found(shop, OrderFilter(customer_id=customer, entered_to=today - timedelta(days=1)))
    mine = _found(shop, OrderFilter(customer_id=customer, requester_id=shop["admin"].person_id))

    assert both == {small.number, large.number} == fresh
    assert drafts == cheap == {small.number}
    assert dear == {large.number}
    assert old == mine == set()


def test_a_row_says_whom_its_order_waits_for(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="5000"))], submit=True)

    with reading(shop.org_id) as tx:
        row = list_orders(tx, OrderFilter(search=order.number))[0]

    assert [(waiting.name, waiting.whom) for waiting in row.waiting] == [("Approve", ("Sales_Lead",))]


def test_pages_show_every_order_once(app: Flask, client: FlaskClient) -> None:
    shop = a_firm()
    publish_shipped(shop)
    customer, product = a_customer(shop, is_known=False), a_product(shop)
    numbers = [an_order(shop, [a_line(product)], customer_id=customer).number for _ in range(5)]
    headers, cursor, seen = shop.headers("auditor"), None, []

    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/orders", query_string=query, headers=headers).get_json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == numbers[::-1]


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_that_looks_like_a_formula_stays_text(shop: Firm, title: str) -> None:
    order = an_order(shop)
    with reading(shop.org_id) as tx:
        row = next(iter(list_orders(tx, OrderFilter(search=order.number))))
    named_so = replace(row, title=title)

    exported = list(csv.DictReader(io.StringIO("".join(csv_lines([named_so])))))

    assert exported[0]["title"] == f"'{title}"
    assert exported[0]["total"] == "100.00"


def test_an_export_holds_what_the_list_shows(client: FlaskClient, shop: Firm) -> None:
    order = an_order(shop)
    commands.change_order(shop["sales"], order.id, Change(title='=HYPERLINK("http://evil")'), None)

    answer = client.get(
        "/api/v1/orders.csv", query_string={"search": order.number}, headers=shop.headers("sales")
    )

    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert answer.mimetype == "text/csv"
    assert [row["number"] for row in rows] == [order.number]
    assert rows[0]["title"].startswith("'=")


@pytest.mark.parametrize(
    ("person", "asked", "is_named"),
    [
        pytest.param("sales", "false", True, id="who works with customers"),
        pytest.param("sales", "true", False, id="who asks for pseudonyms"),
        pytest.param("auditor", "false", False, id="who does not work with customers"),
    ],
)
def test_an_export_names_customers_to_who_works_with_them(
    client: FlaskClient, shop: Firm, person: str, asked: str, is_named: bool
) -> None:
    order = an_order(shop)
    query = {"search": order.number, "pseudonyms": asked}

    exported = [
        client.get("/api/v1/orders.csv", query_string=query, headers=shop.headers(person)).text
        for _ in range(2)
    ]

    (row,) = csv.DictReader(io.StringIO(exported[0]))
    assert exported[0] == exported[1]
    assert (row["customer_name"] == order.customer_name) is is_named
    assert (order.requester_name in exported[0]) is is_named
    assert row["total"] == "100.00"


def test_an_export_goes_through_all_pages(shop: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    customer, product = a_customer(shop, is_known=False), a_product(shop)
    for _ in range(3):
        an_order(shop, [a_line(product)], customer_id=customer)
    monkeypatch.setattr("app.orders.queries.EXPORTED_AT_ONCE", 2)

    with reading(shop.org_id) as tx:
        numbers = [row.number for row in every_order(tx, OrderFilter(customer_id=customer))]

    assert len(numbers) == len(set(numbers)) == 3
