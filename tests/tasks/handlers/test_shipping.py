"""Parcels: booked once, delivered once, traced when late, called back when no longer wanted."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import reading
from app.orders import commands
from app.orders.models import Shipment
from tasks.handlers import BusinessError
from tests.builders import Firm, a_firm
from tests.performing import a_call, perform, run
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


def _packed(shop: Firm, chair: UUID, quantity: int = 2) -> UUID:
    order = an_order(shop, [a_line(chair, quantity)], submit=True)
    perform(shop, calls_of(shop, order.id, "stock.reserve")[0].id)
    complete(shop, order.id, "pack_order", {"comment": ""})
    return order.id


def _shipments(shop: Firm, order_id: UUID) -> list[Shipment]:
    with reading(shop.org_id) as tx:
        return list(tx.session.scalars(select(Shipment).where(Shipment.order_id == order_id)))


def test_a_shipment_takes_the_goods_out_of_the_warehouse(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order_id = _packed(shop, chair)

    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)

    assert stock_figures(shop, chair) == (3, 0)
    assert [(s.status, s.is_simulated) for s in _shipments(shop, order_id)] == [("created", True)]


def test_a_shipment_that_is_repeated_is_booked_once(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order_id = _packed(shop, chair)
    call = calls_of(shop, order_id, "shipping.create")[0].id

    first, second = run(shop, call), run(shop, call)
    perform(shop, call)

    assert first == second
    assert len(_shipments(shop, order_id)) == 1
    assert stock_figures(shop, chair) == (3, 0)
    assert len(calls_of(shop, order_id, "simulator.event")) == 1


def test_a_delivery_moves_the_order_on(shop: Firm) -> None:
    order_id = _packed(shop, a_product(shop))
    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)
    perform(shop, calls_of(shop, order_id, "mail.send")[0].id)

    perform(shop, calls_of(shop, order_id, "simulator.event")[0].id)

    assert read(shop, order_id).status == "closing"
    assert _shipments(shop, order_id)[0].delivered_at is not None


def test_a_parcel_faster_than_its_mail_is_reported_again(shop: Firm) -> None:
    order_id = _packed(shop, a_product(shop))
    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)

    perform(shop, calls_of(shop, order_id, "simulator.event")[0].id)
    early = read(shop, order_id).status
    perform(shop, calls_of(shop, order_id, "mail.send")[0].id)
    again = calls_of(shop, order_id, "simulator.event")
    perform(shop, again[0].id)

    assert early == "executing"
    assert again[0].due_at is not None
    assert again[0].due_at > again[0].created_at
    assert read(shop, order_id).status == "closing"


def test_a_delivery_that_is_repeated_counts_once(shop: Firm) -> None:
    order_id = _packed(shop, a_product(shop))
    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)
    perform(shop, calls_of(shop, order_id, "mail.send")[0].id)
    delivery = calls_of(shop, order_id, "simulator.event")[0].id

    run(shop, delivery)
    run(shop, delivery)
    perform(shop, delivery)

    delivered = [m for m in read(shop, order_id).milestones if m.milestone == "delivered"]
    assert len(delivered) == 1


def test_a_shipment_no_longer_wanted_is_not_kept(shop: Firm) -> None:
    chair = a_product(shop, on_hand=5)
    order_id = _packed(shop, chair)
    call = calls_of(shop, order_id, "shipping.create")[0].id
    commands.cancel(shop["sales"], order_id, "ordered twice")

    run(shop, call)

    assert _shipments(shop, order_id) == []
    assert stock_figures(shop, chair) == (5, 2)  # until the release that the cancellation asked for


def test_tracing_finds_a_parcel_under_way(shop: Firm) -> None:
    order_id = _packed(shop, a_product(shop))
    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)

    found = run(shop, a_call(shop, "shipping.track", order_id=order_id))

    assert found == {"shipment_status": "in_transit"}


def test_a_lost_parcel_is_a_business_error(app: Flask) -> None:
    shop = a_firm(parties={"carrier": {"kind": "simulator", "lost_percent": 100}})
    publish_shipped(shop)
    order_id = _packed(shop, a_product(shop))
    perform(shop, calls_of(shop, order_id, "shipping.create")[0].id)

    with pytest.raises(BusinessError) as lost:
        run(shop, a_call(shop, "shipping.track", order_id=order_id))

    assert lost.value.code == "shipment.lost"
    assert _shipments(shop, order_id)[0].status == "lost"
    assert calls_of(shop, order_id, "simulator.event") == []
