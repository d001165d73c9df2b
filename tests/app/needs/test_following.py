"""A need from its first word to its order, told by its history; and needs added up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError, StaleError
from app.needs import commands, ordering, queries
from app.needs.models import Need, NeedStatus
from app.needs.queries import Bucket, Filter
from app.orders.detail import get_order
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped

API = "/api/v1/needs"


def a_need(firm: Firm, **more: Any) -> commands.Saved:
    return commands.create(
        firm["sales"], {"need_type": "lighting", "text": "Twenty lamps", "currency": "EUR", **more}
    )


def _read(firm: Firm, saved: commands.Saved) -> queries.NeedView:
    with reading(firm.org_id) as tx:
        return queries.get_need(tx, saved.id)


@pytest.fixture(scope="module")
def shop(firm: Firm) -> Firm:
    publish_shipped(firm)
    return firm


def test_a_need_belongs_to_whoever_heard_it(firm: Firm) -> None:
    view = _read(firm, a_need(firm))

    assert (view.owner_name, view.need.status, view.need.channel) == ("Sales", NeedStatus.NEW, "web")
    assert [(event.kind, event.to_status) for event in view.events] == [("created", "new")]


def test_its_history_tells_every_move_with_who_and_why(firm: Firm) -> None:
    need = a_need(firm)
    commands.change(firm["sales"], need.id, {"value": Decimal("970")}, need.version)
    commands.add_note(firm["sales"], need.id, "They called again")
    commands.move(firm["sales"], need.id, NeedStatus.QUALIFIED)
    commands.move(firm["sales"], need.id, NeedStatus.LOST, "Too dear")
    commands.move(firm["sales"], need.id, NeedStatus.NEW)

    events = _read(firm, need).events

    assert [(event.kind, event.from_status, event.to_status, event.text) for event in events] == [
        ("created", None, "new", ""),
        ("edited", None, None, "value"),
        ("note", None, None, "They called again"),
        ("status", "new", "qualified", ""),
        ("status", "qualified", "lost", "Too dear"),
        ("status", "lost", "new", ""),
    ]
    assert {event.person for event in events} == {"Sales"}


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        pytest.param(NeedStatus.WON, "", ConflictError, id="won without an order"),
        pytest.param(NeedStatus.LOST, "  ", InvalidError, id="lost without a reason"),
        pytest.param(NeedStatus.LOST, "x" * 191, InvalidError, id="lost for too many reasons"),
        pytest.param(NeedStatus.NEW, "", ConflictError, id="where it stands already"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    firm: Firm, status: NeedStatus, reason: str, error: type[Exception]
) -> None:
    need = a_need(firm)

    with pytest.raises(error):
        commands.move(firm["sales"], need.id, status, reason)


def test_an_older_version_is_not_saved_over_a_newer(firm: Firm) -> None:
    need = a_need(firm)
    commands.change(firm["sales"], need.id, {"text": "Thirty lamps"}, need.version)

    with pytest.raises(StaleError):
        commands.change(firm["sales"], need.id, {"text": "Forty lamps"}, need.version)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"need_type": " "}, "need_type"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"value": Decimal(10**13)}, "value"),
        ({"currency": "euro"}, "currency"),
    ],
)
def test_what_is_wrong_with_a_need_is_named(firm: Firm, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        a_need(firm, **values)

    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize("text", ["", " ", "x" * 4001])
def test_a_note_says_something_and_not_a_book(firm: Firm, text: str) -> None:
    need = a_need(firm)

    with pytest.raises(InvalidError):
        commands.add_note(firm["sales"], need.id, text)


def test_only_sales_touch_needs(firm: Firm) -> None:
    with pytest.raises(RefusedError):
        commands.create(firm["operator"], {"need_type": "x", "text": "x", "currency": "EUR"})


def test_an_order_is_made_of_a_need_and_the_two_know_each_other(shop: Firm) -> None:
    customer_id = a_customer(shop)
    need = a_need(shop, customer_id=customer_id)

    order_id = ordering.make_order(shop["sales"], need.id)

    view = _read(shop, need)
    with reading(shop.org_id) as tx:
        order = get_order(tx, order_id)
    assert (view.need.status, view.need.order_id) == (NeedStatus.WON, order_id)
    assert (order.need_id, order.customer_id, order.status) == (need.id, customer_id, "draft")
    assert need.number in order.title


def test_a_need_becomes_one_order_only(shop: Firm) -> None:
    need = a_need(shop, customer_id=a_customer(shop))
    ordering.make_order(shop["sales"], need.id)

    with pytest.raises(ConflictError):
        ordering.make_order(shop["sales"], need.id)


def test_an_order_needs_somebody_who_orders(shop: Firm) -> None:
    need = a_need(shop, customer_name="Somebody")

    with pytest.raises(InvalidError, match="no order was made"):
        ordering.make_order(shop["sales"], need.id)

    assert ordering.make_order(shop["sales"], need.id, a_customer(shop))


def test_an_unknown_need_is_not_found(firm: Firm, stranger: Firm) -> None:
    need = a_need(firm)

    with pytest.raises(NotFoundError):
        commands.move(stranger["sales"], need.id, NeedStatus.QUALIFIED)


@pytest.fixture(scope="module")
def year(firm: Firm) -> Firm:
    """A business with needs of two types and two currencies in known weeks."""
    made = a_firm()
    for at, need_type, value, currency in (
        (datetime(2026, 1, 5, 23, 59, tzinfo=UTC), "lamps", 10, "EUR"),
        (datetime(2026, 1, 11, tzinfo=UTC), "lamps", 20, "EUR"),
        (datetime(2026, 1, 12, tzinfo=UTC), "lamps", 40, "EUR"),
        (datetime(2026, 2, 1, tzinfo=UTC), "lamps", 80, "USD"),
        (datetime(2026, 2, 1, tzinfo=UTC), "desks", 160, "EUR"),
    ):
        need = a_need(made, need_type=need_type, value=Decimal(value), currency=currency)
        with transaction(made.org_id) as tx:
            tx.session.get_one(Need, need.id).created_at = at
    return made


@pytest.mark.parametrize(
    ("bucket", "cells"),
    [
        pytest.param(
            Bucket.WEEK,
            [
                (date(2026, 1, 5), "lamps", "EUR", 2, 30),
                (date(2026, 1, 12), "lamps", "EUR", 1, 40),
                (date(2026, 1, 26), "desks", "EUR", 1, 160),
                (date(2026, 1, 26), "lamps", "USD", 1, 80),
            ],
            id="weeks begin on Monday",
        ),
        pytest.param(
            Bucket.MONTH,
            [
                (date(2026, 1, 1), "lamps", "EUR", 3, 70),
                (date(2026, 2, 1), "desks", "EUR", 1, 160),
                (date(2026, 2, 1), "lamps", "USD", 1, 80),
            ],
            id="months",
        ),
    ],
)
def test_needs_are_added_up_by_type_over_time(year: Firm, bucket: Bucket, cells: list[Any]) -> None:
    with reading(year.org_id) as tx:
        analysis = queries.analyse(tx, Filter(), bucket)

    found = [(c.starts_on, c.need_type, c.currency, c.count, c.value) for c in analysis.cells]
    assert found == cells


def test_totals_never_mix_currencies_and_the_most_wanted_comes_first(year: Firm) -> None:
    with reading(year.org_id) as tx:
        totals = queries.analyse(tx, Filter(), Bucket.DAY).totals

    assert [(total.need_type, total.currency, total.count, total.value) for total in totals] == [
        ("lamps", "EUR", 3, 70),
        ("desks", "EUR", 1, 160),
        ("lamps", "USD", 1, 80),
    ]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 5),
        ({"need_type": "desks"}, 1),
        ({"since": "2026-01-11", "until": "2026-01-12"}, 2),
        ({"until": "9999-12-31"}, 5),
        ({"status": "new", "channel": "web"}, 5),
        ({"status": "lost"}, 0),
        ({"search": "TWENTY"}, 5),
        ({"search": "%"}, 0),
        ({"search": "100%_"}, 0),
    ],
)
def test_needs_are_found(client: FlaskClient, year: Firm, query: dict[str, str], count: int) -> None:
    answer = client.get(API, query_string=query, headers=year.headers("auditor"))

    assert len(answer.get_json()["items"]) == count


def test_pages_of_needs_hold_each_once(client: FlaskClient, year: Firm) -> None:
    headers, seen, cursor = year.headers("sales"), [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = client.get(API, query_string=query, headers=headers).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("cursor", ["x", "WyJub3ciLCJ4Il0", "WyIyMDI2LTAxLTAxIiwgIjAxIl0"])
def test_a_forged_cursor_is_refused(client: FlaskClient, firm: Firm, cursor: str) -> None:
    answer = client.get(API, query_string={"cursor": cursor}, headers=firm.headers("sales"))

    assert answer.status_code == 422


def test_a_misspelt_filter_is_an_error_and_does_not_show_everything(client: FlaskClient, firm: Firm) -> None:
    answer = client.get(API, query_string={"staus": "lost"}, headers=firm.headers("sales"))

    assert (answer.status_code, list(answer.get_json()["error"]["fields"])) == (422, ["staus"])


def test_the_api_follows_a_need_to_its_order(client: FlaskClient, shop: Firm) -> None:
    headers = shop.headers("sales")
    body = {"need_type": "lighting", "text": "Lamps", "currency": "EUR", "customer_id": str(a_customer(shop))}

    made = client.post(API, json=body, headers=headers).get_json()
    path = f"{API}/{made['id']}"
    etag = client.get(path, headers=headers).headers["ETag"]
    changed = client.patch(path, json={"value": "12.50"}, headers={**headers, "If-Match": etag})
    stale = client.patch(path, json={"value": "13"}, headers={**headers, "If-Match": etag})
    moved = client.post(f"{path}/status", json={"status": "quoted"}, headers=headers)
    noted = client.post(f"{path}/notes", json={"text": "On Friday"}, headers=headers)
    ordered = client.post(f"{path}/order", json={}, headers=headers)
    again = client.post(f"{path}/order", json={}, headers=headers)

    found = client.get(path, headers=headers).get_json()
    assert (changed.status_code, stale.status_code) == (200, 412)
    assert (moved.status_code, noted.status_code) == (200, 204)
    assert (ordered.status_code, again.status_code) == (201, 409)
    assert (found["status"], found["order_id"]) == ("won", ordered.get_json()["order_id"])
    assert [event["kind"] for event in found["events"]] == ["created", "edited", "status", "note", "status"]


def test_a_need_that_names_no_currency_is_in_the_organisations(client: FlaskClient) -> None:
    firm = a_firm()
    with transaction(firm.org_id) as tx:
        tx.session.get_one(Organisation, firm.org_id).currency = "CHF"
    headers = firm.headers("sales")
    body = {"need_type": "lighting", "text": "Lamps, worth not known"}

    made = client.post(API, json=body, headers=headers)
    named = client.post(API, json={**body, "currency": "USD"}, headers=headers)

    found = [
        client.get(f"{API}/{each.get_json()['id']}", headers=headers).get_json() for each in (made, named)
    ]
    assert [need["currency"] for need in found] == ["CHF", "USD"]


def test_the_api_imports_a_file_and_counts_it(client: FlaskClient, firm: Firm) -> None:
    headers = firm.headers("sales")
    csv = "need_type,text,value\ncurtains,Blue,5\ncurtains,Red,x\n"

    report = client.post(f"{API}/import", json={"csv": csv}, headers=headers).get_json()
    query = {"need_type": "curtains", "bucket": "month"}
    analysis = client.get(f"{API}/analysis", query_string=query, headers=headers).get_json()

    assert (report["read"], report["kept"], report["bad"]) == (2, 1, 1)
    assert report["problems"][0]["line"] == 3
    assert [(total["count"], Decimal(total["value"])) for total in analysis["totals"]] == [(1, Decimal(5))]
