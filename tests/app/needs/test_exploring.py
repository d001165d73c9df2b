"""Needs grouped by their sides, counted and added up: on the page, in a file, by the API."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Role
from app.database import reading, transaction
from app.needs import commands, ordering
from app.needs.explore import REST, Measure, Period, Pivot, Question, Side, begin_of, end_of, explore
from app.needs.explore_pages import _bars
from app.needs.models import Need
from app.needs.queries import Filter
from tests.builders import Firm, a_firm
from tests.selling import a_customer, publish_shipped
from tests.signing_in import signed_in

API = "/api/v1/needs/explore"
ROWS = (
    (datetime(2026, 1, 5, tzinfo=UTC), "lamps", "web", 10, "EUR"),
    (datetime(2026, 1, 31, tzinfo=UTC), "lamps", "fair", 30, "EUR"),
    (datetime(2026, 4, 1, tzinfo=UTC), "lamps", "web", 80, "USD"),
    (datetime(2026, 4, 2, tzinfo=UTC), "desks", "web", 160, "EUR"),
)


@pytest.fixture(scope="module")
def year(app: Flask) -> Firm:
    """Four needs of two types in two months and two currencies; the last one is ordered by a business."""
    firm = a_firm()
    publish_shipped(firm)
    for at, need_type, channel, value, currency in ROWS:
        given = {"need_type": need_type, "text": "=1", "channel": channel, "value": Decimal(value)}
        need_id = commands.create(firm["sales"], {**given, "currency": currency}).id
        with transaction(firm.org_id) as tx:
            tx.session.execute(update(Need).where(Need.id == need_id).values(created_at=at))
    ordering.make_order(firm["sales"], _last(firm), a_customer(firm))
    return firm


def _last(firm: Firm) -> UUID:
    from app.needs.queries import list_needs

    with reading(firm.org_id) as tx:
        return list_needs(tx, Filter())[0].id


def _ask(firm: Firm, most: tuple[int, int] | None = None, **asked: Any) -> Pivot:
    with reading(firm.org_id) as tx:
        return explore(tx, Filter(), Question(**asked), most)


def _told(pivot: Pivot) -> dict[tuple[str, str], Decimal | None]:
    return {key: pivot.told(sums) for key, sums in pivot.cells.items()}


def test_needs_are_counted_the_most_frequent_first(year: Firm) -> None:
    pivot = _ask(year)

    assert pivot.rows == ("lamps", "desks")
    assert _told(pivot) == {("lamps", ""): 3, ("desks", ""): 1}
    assert (pivot.told(pivot.total), pivot.others) == (4, 0)


def test_worth_is_told_in_one_currency_and_the_others_are_counted(year: Firm) -> None:
    added = _ask(year, measure=Measure.VALUE)
    mean = _ask(year, measure=Measure.MEAN_VALUE)

    assert _told(added) == {("lamps", ""): 40, ("desks", ""): 160}
    assert added.rows == ("desks", "lamps")
    assert _told(mean) == {("lamps", ""): 20, ("desks", ""): 160}
    assert added.others == mean.others == 1
    assert mean.told(None) is None


def test_two_sides_are_put_across(year: Firm) -> None:
    pivot = _ask(year, rows=Side.CHANNEL, columns=Side.TIME, period=Period.QUARTER)

    assert pivot.columns == ("2026-01-01", "2026-04-01")
    assert _told(pivot) == {
        ("web", "2026-01-01"): 1,
        ("web", "2026-04-01"): 2,
        ("fair", "2026-01-01"): 1,
    }


@pytest.mark.parametrize(
    ("side", "found"),
    [
        (Side.SEGMENT, {("none", ""): 3, ("business", ""): 1}),
        (Side.PRODUCT, {("none", ""): 4}),
        (Side.STATUS, {("new", ""): 3, ("won", ""): 1}),
    ],
)
def test_sides_that_lie_elsewhere(year: Firm, side: Side, found: dict[Any, int]) -> None:
    assert _told(_ask(year, rows=side)) == found
    assert _told(_ask(year, rows=side, segment="none", product="none")) != {}
    assert _told(_ask(year, rows=side, product="LMP")) == {}


def test_a_kind_of_customer_narrows(year: Firm) -> None:
    assert _told(_ask(year, segment="business")) == {("desks", ""): 1}


def test_what_is_too_much_to_show_is_one_row(year: Firm) -> None:
    pivot = _ask(year, (1, 1), columns=Side.TIME, measure=Measure.QUANTITY)

    assert pivot.rows == ("lamps", REST)
    assert pivot.columns == (REST, "2026-04-01")
    assert pivot.told(pivot.total) == 4


def test_the_chart_draws_no_bar_for_what_is_left_over(app: Flask, year: Firm) -> None:
    pivot = _ask(year, (1, 1))

    with app.test_request_context():
        bars = {bar.label: bar.parts for bar in _bars(pivot)}

    assert bars == {"lamps": ((0, 1000, 0),), REST: ()}


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.DAY, date(2026, 5, 14), date(2026, 5, 14)),
        (Period.WEEK, date(2026, 5, 11), date(2026, 5, 17)),
        (Period.MONTH, date(2026, 5, 1), date(2026, 5, 31)),
        (Period.QUARTER, date(2026, 4, 1), date(2026, 6, 30)),
        (Period.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_has_a_first_and_a_last_day(period: Period, first: date, last: date) -> None:
    assert begin_of(date(2026, 5, 14), period) == first
    assert end_of(first, period) == last


def test_the_last_periods_of_all_end_with_the_last_day() -> None:
    assert end_of(date(9999, 12, 1), Period.MONTH) == end_of(date(9999, 12, 27), Period.WEEK) == date.max
    assert end_of(date(9999, 3, 1), Period.MONTH) == date(9999, 3, 31)


def test_the_api_answers_and_refuses_what_makes_no_sense(client: FlaskClient, year: Firm) -> None:
    headers = year.headers("auditor")

    found = client.get(f"{API}?columns=time&measure=mean_value&currency=USD", headers=headers).get_json()
    same = client.get(f"{API}?columns=type", headers=headers)
    unknown = client.get(f"{API}?rows=colour", headers=headers)

    assert found["cells"] == [{"row": "lamps", "column": "2026-04-01", "count": 1, "value": "80"}]
    assert (found["others"], found["rows"], found["currency"]) == (3, ["lamps"], "USD")
    assert (same.status_code, unknown.status_code) == (422, 422)


def test_the_page_links_each_name_to_what_is_behind_it(app: Flask, year: Firm) -> None:
    client = signed_in(app, year, Role.SALES)

    page = client.get("/needs/explore?rows=type&columns=time&channel=web").get_data(as_text=True)
    odd = client.get("/needs/explore?rows=colour&columns=type&measure=x&by=x&since=2026-01-01&segment=none")
    nothing = client.get("/needs/explore?type=carpets&rows=segment&measure=mean_quantity")

    assert "?rows=type&amp;columns=time&amp;channel=web&amp;type=desks" in page
    assert "since=2026-04-01&amp;until=2026-04-30" in page
    assert (odd.status_code, nothing.status_code) == (200, 200)


def test_the_file_holds_all_rows_and_runs_nothing(app: Flask, year: Firm) -> None:
    commands.create(year["sales"], {"need_type": "=cmd()", "text": "x", "currency": "CHF"})
    client = signed_in(app, year, Role.SALES)

    answer = client.get("/needs/explore.csv?measure=value&currency=CHF&rows=type")
    across = client.get("/needs/explore.csv?columns=channel&type=lamps").get_data(as_text=True)

    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert rows == [["type", "value CHF"], ["'=cmd()", "0"]]
    assert list(csv.reader(io.StringIO(across.lstrip("\ufeff")))) == [
        ["type", "web", "fair"],
        ["lamps", "2", "1"],
    ]
