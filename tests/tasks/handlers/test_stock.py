"""Stock: promised once, given back, bought where it is short."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.columns import new_id
from app.database import reading
from app.errors import NotFoundError
from app.orders import commands
from app.orders.models import Purchase
from tasks.handlers import BusinessError, InputError
from tests.builders import Firm, a_firm
from tests.performing import a_call, perform, run, status_of
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


def test_all_lines_of_an_order_are_reserved(shop: Firm) -> None:
    chair, lamp = a_product(shop, on_hand=5), a_product(shop, on_hand=5)
    order = an_order(shop, [a_line(chair, 2), a_line(lamp, 1), a_line(chair, 1)])

    run(shop, a_call(shop, "stock.reserve", order_id=order.id))

    assert stock_figures(shop, chair) == (5, 3)
    assert stock_figures(shop, lamp) == (5, 1)


def test_all_or_nothing_and_what_is_short_is_named(shop: Firm) -> None:
    chair, lamp = a_product(shop, on_hand=5), a_product(shop, on_hand=1)
    order = an_order(shop, [a_line(chair, 2), a_line(lamp, "3.5")])

    with pytest.raises(BusinessError) as short:
        run(shop, a_call(shop, "stock.reserve", order_id=order.id))

    assert short.value.code == "stock.short"
    assert "lacks 2.5" in short.value.message
    assert stock_figures(shop, chair) == (5, 0)
    assert stock_figures(shop, lamp) == (1, 0)


def test_services_need_no_stock(shop: Firm) -> None:
    assembly = a_product(shop, on_hand=0, is_stocked=False)
    order = an_order(shop, [a_line(assembly, 4)])

    run(shop, a_call(shop, "stock.reserve", order_id=order.id))

    assert stock_figures(shop, assembly) == (0, 0)


def test_a_reservation_that_is_repeated_happens_once(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order = an_order(shop, [a_line(chair, 2)])
    call = a_call(shop, "stock.reserve", order_id=order.id)

    run(shop, call)
    run(shop, call)
    perform(shop, call)
    run(shop, call)

    assert stock_figures(shop, chair) == (5, 2)


def test_two_orders_at_the_same_instant_never_oversell(app: Flask, shop: Firm) -> None:
    chair, orders = a_product(shop, on_hand=5), 8
    calls = [
        a_call(shop, "stock.reserve", order_id=an_order(shop, [a_line(chair, 2)]).id) for _ in range(orders)
    ]
    together = Barrier(orders)

    def reserve(call: UUID) -> str:
        with app.app_context():
            together.wait()
            try:
                run(shop, call)
            except BusinessError as error:
                return error.code
            return "reserved"

    with ThreadPoolExecutor(orders) as threads:
        outcomes = sorted(threads.map(reserve, calls))

    assert outcomes == ["reserved"] * 2 + ["stock.short"] * 6
    assert stock_figures(shop, chair) == (5, 4)


def test_releasing_gives_back_once_and_nothing_reserved_is_a_success(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order = an_order(shop, [a_line(chair, 2)])
    run(shop, a_call(shop, "stock.reserve", order_id=order.id))

    first, second = (a_call(shop, "stock.release", order_id=order.id) for _ in range(2))
    run(shop, first)
    run(shop, first)
    run(shop, second)

    assert stock_figures(shop, chair) == (5, 0)


def test_an_order_cancelled_before_its_reservation_holds_nothing(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order = an_order(shop, [a_line(chair, 2)], submit=True)
    reserve = calls_of(shop, order.id, "stock.reserve")[0]

    commands.cancel(shop["sales"], order.id, "ordered twice")
    perform(shop, reserve.id)

    assert status_of(shop, reserve.id).name == "WITHDRAWN"
    assert stock_figures(shop, chair) == (5, 0)


def test_an_order_cancelled_after_its_reservation_gives_it_back(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order = an_order(shop, [a_line(chair, 2)], submit=True)
    run(shop, calls_of(shop, order.id, "stock.reserve")[0].id)

    commands.cancel(shop["sales"], order.id, "ordered twice")
    perform(shop, calls_of(shop, order.id, "stock.release")[0].id)

    assert stock_figures(shop, chair) == (5, 0)


def test_what_is_short_is_bought_and_reserved_when_it_arrives(shop: Firm) -> None:
    chair = a_product(shop, on_hand=1)
    order = an_order(shop, [a_line(chair, 3)], submit=True)

    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)
    perform(shop, calls_of(shop, order.id, "purchase.request")[0].id)
    perform(shop, calls_of(shop, order.id, "simulator.event")[0].id)
    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)

    assert stock_figures(shop, chair) == (3, 3)
    assert [waiting.element for waiting in read(shop, order.id).waiting] == ["pack_order"]


def test_goods_that_arrive_are_counted_once(shop: Firm) -> None:
    chair = a_product(shop, on_hand=1)
    order = an_order(shop, [a_line(chair, 3)], submit=True)
    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)
    perform(shop, calls_of(shop, order.id, "purchase.request")[0].id)
    arrival = calls_of(shop, order.id, "simulator.event")[0].id

    run(shop, arrival)
    run(shop, arrival)

    assert stock_figures(shop, chair) == (3, 0)
    assert len(calls_of(shop, order.id, "stock.reserve")) == 1


def test_goods_that_arrive_too_early_are_kept_and_reported_again(shop: Firm) -> None:
    chair = a_product(shop, on_hand=1)
    order = an_order(shop, [a_line(chair, 3)], submit=True)
    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)
    purchase = calls_of(shop, order.id, "purchase.request")[0].id
    run(shop, purchase)  # its worker was killed before it could report

    perform(shop, calls_of(shop, order.id, "simulator.event")[0].id)
    perform(shop, purchase)
    again = calls_of(shop, order.id, "simulator.event")
    perform(shop, again[0].id)

    assert len(again) == 1
    assert stock_figures(shop, chair) == (3, 0)
    assert len(calls_of(shop, order.id, "stock.reserve")) == 1


def test_a_refused_purchase_asks_sales_for_a_way(app: Flask) -> None:
    shop = a_firm(parties={"supplier": {"kind": "simulator", "refused_percent": 100}})
    publish_shipped(shop)
    chair = a_product(shop, on_hand=0)
    order = an_order(shop, [a_line(chair)], submit=True)

    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)
    perform(shop, calls_of(shop, order.id, "purchase.request")[0].id)
    asked = read(shop, order.id).waiting
    complete(shop, order.id, "find_a_way", {"way": "give up", "comment": "sold out"})
    perform(shop, calls_of(shop, order.id, "stock.release")[0].id)
    perform(shop, calls_of(shop, order.id, "mail.send")[0].id)

    assert [waiting.element for waiting in asked] == ["find_a_way"]
    assert read(shop, order.id).status == "cancelled"


def test_a_purchase_is_asked_once(shop: Firm) -> None:
    chair = a_product(shop, on_hand=0)
    order = an_order(shop, [a_line(chair, 2)])
    call = a_call(shop, "purchase.request", order_id=order.id)

    first, second = run(shop, call), run(shop, call)

    with reading(shop.org_id) as tx:
        kept = tx.session.scalars(select(Purchase).where(Purchase.order_id == order.id)).all()
    assert first == second
    assert [row.is_simulated for row in kept] == [True]
    assert Decimal(kept[0].lines[0]["quantity"]) == 2


@pytest.mark.parametrize("handler", ["stock.reserve", "stock.release", "purchase.request"])
def test_an_order_that_is_not_here_is_an_error(shop: Firm, handler: str) -> None:
    with pytest.raises(NotFoundError):
        run(shop, a_call(shop, handler, order_id=new_id()))


def test_a_call_without_an_order_names_the_input(shop: Firm) -> None:
    with pytest.raises(InputError, match="order_id"):
        run(shop, a_call(shop, "stock.reserve"))
