"""A repeated request is answered as the first was, also when both arrive at the same instant."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.database import reading
from app.orders.models import Order
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product


def _body(shop: Firm, **more: object) -> dict[str, object]:
    line = a_line(a_product(shop))
    return {
        "customer_id": str(a_customer(shop)),
        "lines": [{"product_id": str(line.product_id), "quantity": "1"}],
        **more,
    }


def _count(shop: Firm, body: dict[str, object]) -> int:
    statement = select(func.count()).select_from(Order).where(Order.status != "closed")
    with reading(shop.org_id) as tx:
        theirs = Order.customer_id == UUID(str(body["customer_id"]))
        return tx.session.scalar(statement.where(theirs)) or 0


def test_the_same_key_and_body_give_the_same_answer(client: FlaskClient, shop: Firm) -> None:
    body = _body(shop, submit=True)
    headers = {**shop.headers("sales"), "Idempotency-Key": "erp-1"}

    first = client.post("/api/v1/orders", json=body, headers=headers)
    second = client.post("/api/v1/orders", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert first.get_json()["status"] == "executing"
    assert _count(shop, body) == 1


def test_the_same_key_with_another_body_is_refused(client: FlaskClient, shop: Firm) -> None:
    body = _body(shop)
    headers = {**shop.headers("sales"), "Idempotency-Key": "erp-2"}
    client.post("/api/v1/orders", json=body, headers=headers)

    refused = client.post("/api/v1/orders", json={**body, "note": "other"}, headers=headers)

    assert refused.status_code == 422
    assert refused.get_json()["error"]["code"] == "key_reused"
    assert _count(shop, body) == 1


def test_a_key_is_each_organisations_own(client: FlaskClient, shop: Firm, other_shop: Firm) -> None:
    body, theirs = _body(shop), _body(other_shop)
    key = {"Idempotency-Key": "erp-3"}
    client.post("/api/v1/orders", json=body, headers={**shop.headers("sales"), **key})

    other = client.post("/api/v1/orders", json=theirs, headers={**other_shop.headers("sales"), **key})

    assert other.status_code == 201


def test_what_was_refused_leaves_the_key_free(client: FlaskClient, shop: Firm) -> None:
    body = _body(shop)
    headers = {**shop.headers("sales"), "Idempotency-Key": "erp-4"}
    refused = client.post("/api/v1/orders", json={**body, "currency": "USD"}, headers=headers)

    taken = client.post("/api/v1/orders", json=body, headers=headers)

    assert (refused.status_code, taken.status_code) == (422, 201)


def test_two_at_the_same_instant_make_one_order(app: Flask, shop: Firm) -> None:
    body, rounds = _body(shop), 8
    headers = {**shop.headers("sales"), "Idempotency-Key": "erp-5"}
    together = Barrier(rounds)

    def post(_: int) -> tuple[int, str]:
        together.wait()
        answer = app.test_client().post("/api/v1/orders", json=body, headers=headers)
        return answer.status_code, json.dumps(answer.get_json(), sort_keys=True)

    with ThreadPoolExecutor(rounds) as threads:
        answers = set(threads.map(post, range(rounds)))

    assert len(answers) == 1
    assert next(iter(answers))[0] == 201
    assert _count(shop, body) == 1
