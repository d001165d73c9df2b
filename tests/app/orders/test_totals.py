"""What an order comes to, to the smallest coin."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.orders.totals import LineTerms, line_totals, order_totals


def a_line(
    quantity: str = "1", price: str = "10", discount: str = "0", tax: str = "0", cost: str = "0"
) -> LineTerms:
    return LineTerms(Decimal(quantity), Decimal(price), Decimal(discount), Decimal(tax), Decimal(cost))


@pytest.mark.parametrize(
    ("line", "currency", "net"),
    [
        pytest.param(a_line("3", "19.99"), "EUR", "59.97", id="quantity times price"),
        pytest.param(a_line("1", "10.005"), "EUR", "10.01", id="half a cent goes up"),
        pytest.param(a_line("1", "10.0049"), "EUR", "10.00", id="less than half a cent goes down"),
        pytest.param(a_line("7", "0.35", "15"), "EUR", "2.08", id="discounted before it is rounded"),
        pytest.param(a_line("1", "100.5"), "JPY", "101", id="yen have no decimals"),
        pytest.param(a_line("1", "1.2345"), "KWD", "1.235", id="dinars have three"),
        pytest.param(a_line("5", "20", "100"), "EUR", "0.00", id="given away"),
    ],
)
def test_a_line_is_rounded_half_up_to_the_coin(line: LineTerms, currency: str, net: str) -> None:
    assert line_totals(line, currency).net == Decimal(net)


def test_tax_is_taken_of_the_rounded_net() -> None:
    totals = line_totals(a_line("1", "10.005", tax="19"), "EUR")

    assert totals.net == Decimal("10.01")
    assert totals.tax == Decimal("1.90")


def test_the_sums_are_those_of_the_printed_lines() -> None:
    lines = [line_totals(a_line("1", "0.335", tax="7"), "EUR")] * 3

    totals = order_totals(lines)

    assert totals.subtotal == Decimal("1.02")
    assert totals.tax == Decimal("0.06")
    assert totals.total == Decimal("1.08")


def test_the_discount_of_an_order_is_what_all_lines_give_away() -> None:
    lines = [line_totals(a_line("1", "100", "20"), "EUR"), line_totals(a_line("3", "100"), "EUR")]

    assert order_totals(lines).discount_percent == Decimal(5)


@pytest.mark.parametrize(
    ("line", "margin"),
    [
        pytest.param(a_line("2", "100", cost="60"), "40", id="what is left of the price"),
        pytest.param(a_line("1", "100", "50", cost="60"), "-20", id="below cost"),
        pytest.param(a_line("1", "100", "100", cost="60"), "-100", id="given away"),
        pytest.param(a_line("1", "0"), "0", id="nothing for nothing"),
    ],
)
def test_the_margin_is_of_the_net(line: LineTerms, margin: str) -> None:
    assert order_totals([line_totals(line, "EUR")]).margin_percent == Decimal(margin)


def test_an_order_without_lines_comes_to_nothing() -> None:
    totals = order_totals([])

    assert (totals.total, totals.discount_percent, totals.margin_percent) == (0, 0, 0)
