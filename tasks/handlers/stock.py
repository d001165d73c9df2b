"""Stock and purchases: all goods of an order are reserved, or the diagram hears what is short."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.catalogue.stock import Short
from app.orders import fulfilment
from app.orders.fulfilment import Promise, Wish
from tasks.adapters import PurchaseRefusedError, supplier_of
from tasks.handlers.registry import BusinessError, Call, handles, id_input


@handles("stock.reserve")
def reserve(call: Call) -> dict[str, Any]:
    short = fulfilment.reserve(call.org_id, id_input(call, "order_id"), call.key, call.now)
    if short:
        raise BusinessError("stock.short", _missing(short))
    return {}


@handles("stock.release")
def release(call: Call) -> dict[str, Any]:
    fulfilment.release(call.org_id, id_input(call, "order_id"))
    return {}


@handles("purchase.request")
def request_purchase(call: Call) -> dict[str, Any]:
    purchase = fulfilment.purchase_of(call.org_id, call.key)
    if purchase is None:
        wish = fulfilment.wish_of(call.org_id, id_input(call, "order_id"))
        purchase = fulfilment.keep_purchase(call.org_id, call.key, wish, _ask(call, wish), call.now)
    return {"expected_on": purchase.expected_on}


def _ask(call: Call, wish: Wish) -> Promise:
    if not wish.goods:
        return _already_here(call.now)
    try:
        return supplier_of(call.org_id).request(wish, call.key, call.now)
    except PurchaseRefusedError as error:
        raise BusinessError("purchase.refused", f"{error}: {_missing(wish.goods)}") from error


def _already_here(now: datetime) -> Promise:
    """What was short has come between the two calls: nothing is bought, and stock is reported at once."""
    return Promise("our own warehouse", "-", now.date(), is_simulated=False, arrives_at=now)


def _missing(goods: Iterable[Short]) -> str:
    return ", ".join(f"{short.sku} lacks {short.missing.normalize():f}" for short in goods)
