"""Cells say what people in both languages mean by them; what could mean two things is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.needs.imports.cells import CellError, Habits, day_order_of, decimal_mark_of, values_of


def _value(written: str, mark: str = "", currency: str = "EUR") -> Decimal:
    row = {"need_type": "x", "text": "x", "value": written, "currency": currency}
    value = values_of(row, Habits("EUR", decimal_mark=mark))["value"]
    assert isinstance(value, Decimal)
    return value


def _day(written: str, order: str = "") -> str:
    row = {"need_type": "x", "text": "x", "created_on": written}
    return str(values_of(row, Habits("EUR", day_order=order))["created_at"].isoformat())


@pytest.mark.parametrize(
    ("written", "mark", "currency", "value"),
    [
        pytest.param("1,310", ",", "EUR", "1.310", id="a comma is said to be the decimal mark"),
        pytest.param("1.310", ",", "EUR", "1310", id="then a point groups"),
        pytest.param("1,310", ".", "EUR", "1310", id="a point is said to be the decimal mark"),
        pytest.param("€ 1.310,50", "", "EUR", "1310.50", id="a sign before"),
        pytest.param("1 310,50 €", "", "EUR", "1310.50", id="a sign after"),
        pytest.param("¥1,200", "", "CNY", "1200", id="yuan"),
        pytest.param("1.2万", "", "CNY", "12000", id="ten thousands"),
        pytest.param("3亿元", "", "CNY", "300000000", id="hundred millions of yuan"),
        pytest.param("１２０", "", "CNY", "120", id="full-width digits"),
        pytest.param("1’310.5", "", "CHF", "1310.5", id="as the Swiss group"),
        pytest.param("12.345.678", "", "EUR", "12345678", id="points alone"),
        pytest.param("$-5.5", "", "USD", "-5.5", id="a sign before the minus"),
        pytest.param("-1.310,5", ",", "EUR", "-1310.5", id="grouped before a comma"),
        pytest.param("1,23,456.50", ".", "INR", "123456.50", id="as Indians group"),
    ],
)
def test_a_number_is_read_as_it_is_meant(written: str, mark: str, currency: str, value: str) -> None:
    assert _value(written, mark, currency) == Decimal(value)


@pytest.mark.parametrize(
    ("written", "mark", "currency", "why"),
    [
        pytest.param("$12", "", "EUR", "is not in EUR", id="another currency's sign"),
        pytest.param("12元", "", "EUR", "is not in EUR", id="yuan in a row of euros"),
        pytest.param("1,310,50", ",", "EUR", "is not a number", id="two decimal marks"),
        pytest.param("1.310.50", ".", "EUR", "is not a number", id="two decimal points"),
        pytest.param("1.50", ",", "EUR", "is not a number", id="a decimal point in a file of commas"),
        pytest.param("1,5", ".", "EUR", "is not a number", id="a decimal comma in a file of points"),
        pytest.param("1.50,00", ",", "EUR", "is not a number", id="two digits between point and comma"),
        pytest.param("1.23456万", "", "CNY", "is not a number", id="more than four decimals"),
        pytest.param("99999亿亿", "", "CNY", "is not a number", id="nonsense"),
        pytest.param("#N/A", "", "EUR", "is an error of the spreadsheet", id="a spreadsheet's error"),
    ],
)
def test_a_number_that_contradicts_its_row_is_refused(
    written: str, mark: str, currency: str, why: str
) -> None:
    with pytest.raises(CellError, match=why):
        _value(written, mark, currency)


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("2026-01-31", "", "2026-01-31T12:00:00+00:00"),
        ("2026/1/31", "", "2026-01-31T12:00:00+00:00"),
        ("2026年1月31日", "", "2026-01-31T12:00:00+00:00"),
        ("20260131", "", "2026-01-31T12:00:00+00:00"),
        ("31.01.2026", "", "2026-01-31T12:00:00+00:00"),
        ("31/01/2026", "", "2026-01-31T12:00:00+00:00"),
        ("01/31/2026", "", "2026-01-31T12:00:00+00:00"),
        ("03/04/2026", "dmy", "2026-04-03T12:00:00+00:00"),
        ("03/04/2026", "mdy", "2026-03-04T12:00:00+00:00"),
        ("4/4/2026 9:05", "", "2026-04-04T09:05:00+00:00"),
        ("31 Jan 2026", "", "2026-01-31T12:00:00+00:00"),
        ("31-Jan-2026", "", "2026-01-31T12:00:00+00:00"),
        ("5-May-2026 9:05", "", "2026-05-05T09:05:00+00:00"),
        ("January 31, 2026", "", "2026-01-31T12:00:00+00:00"),
        ("5 Sept. 2026", "", "2026-09-05T12:00:00+00:00"),
        ("2026-01-31T10:00:00+02:00", "", "2026-01-31T10:00:00+02:00"),
        ("2026-01-31 10:00:00", "", "2026-01-31T10:00:00+00:00"),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, order: str, day: str) -> None:
    assert _day(written, order) == day


@pytest.mark.parametrize(
    ("written", "order", "why"),
    [
        ("03/04/2026", "", "may be two days"),
        ("31/01/2026", "mdy", "is not a date"),
        ("2026-02-30", "", "is not a date"),
        ("31 Foo 2026", "", "is not a date"),
        ("31-Jan-26", "", "is not a date"),
        ("45000", "", "is not a date"),
        ("0001-01-01T00:00:00+14:00", "", "is not in the years 1900 to 2100"),
        ("31.12.9999", "", "is not in the years 1900 to 2100"),
    ],
)
def test_a_day_that_is_none_or_could_be_two_is_refused(written: str, order: str, why: str) -> None:
    with pytest.raises(CellError, match=why):
        _day(written, order)


def test_the_first_rows_show_the_writers_habits_where_they_can_mean_one_thing_only() -> None:
    assert day_order_of(["03/04/2026", "31/01/2026"]) == "dmy"
    assert day_order_of(["03/04/2026", "01/31/2026"]) == "mdy"
    assert day_order_of(["03/04/2026"]) == day_order_of(["31/01/2026", "01/31/2026"]) == ""
    assert decimal_mark_of(["1.310,50", "1.310"]) == decimal_mark_of(["€ 5,5"]) == ","
    assert decimal_mark_of(["1,310.50"]) == decimal_mark_of(["5.5"]) == "."
    assert decimal_mark_of(["1,310"]) == decimal_mark_of(["5.5", "5,5"]) == ""
