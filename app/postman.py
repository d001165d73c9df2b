"""The API as a Postman collection: every operation with its example, and a walk that runs by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from app.api_description import Json, operations

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
WALK = "A walk"
# Whose token each step of the walk carries, given to the runner as variables: a seller's, and that of
# somebody in the teams that the shipped policy asks (sales_lead and credit).
SELLER, APPROVER = "token", "approver_token"


def collection(document: Json) -> Json:
    """Return the collection (format 2.1) of a description; the same description gives the same one."""
    by_tag: dict[str, list[Json]] = {}
    for method, path, operation in operations(document):
        by_tag.setdefault(operation["tags"][0], []).append(_request(method, path, operation))
    folders = [{"name": tag, "item": items} for tag, items in by_tag.items()]
    return {
        "info": {"name": "Placet", "description": document["info"]["description"], "schema": SCHEMA},
        "auth": _bearer(SELLER),
        "variable": [
            {"key": "base_url", "value": "http://127.0.0.1:8000"},
            {"key": SELLER, "value": ""},
            {"key": APPROVER, "value": ""},
        ],
        "item": [{"name": WALK, "item": list(_walk())}, *folders],
    }


def _bearer(variable: str) -> Json:
    token = {"key": "token", "value": f"{{{{{variable}}}}}", "type": "string"}
    return {"type": "bearer", "bearer": [token]}


def _request(method: str, path: str, operation: Json) -> Json:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    request = _asked(method, re.sub(r"\{(\w+)\}", r":\1", path), body)
    request["description"] = operation["summary"]
    parameters = operation.get("parameters", [])
    request["url"]["query"] = [
        {"key": each["name"], "value": "", "disabled": True} for each in parameters if each["in"] == "query"
    ]
    request["url"]["variable"] = [{"key": name, "value": ""} for name in re.findall(r"\{(\w+)\}", path)]
    return {"name": operation["summary"].rstrip("."), "request": request}


def _asked(method: str, path: str, body: Any) -> Json:
    parts = path.strip("/").split("/")
    request: Json = {
        "method": method.upper(),
        "header": [],
        "url": {"raw": f"{{{{base_url}}}}{path}", "host": ["{{base_url}}"], "path": parts},
    }
    if body is not None:
        request["header"] = [{"key": "Content-Type", "value": "application/json"}]
        request["body"] = {"mode": "raw", "raw": json.dumps(body, indent=2, ensure_ascii=False)}
    return request


def _walk() -> Iterable[Json]:
    """Take an order from a need through its approval; each step checks its answer and keeps what follows."""
    yield _step("Who asks", "get", "/me", None, 200, keep={})
    customer = {"name": "Northwind Offices", "credit_limit": "100000"}
    yield _step("A customer", "post", "/customers", customer, 201, keep={"customer_id": "id"})
    product = {
        "sku": "CHR-{{$randomUUID}}",
        "name": "Office chair, mesh back",
        "currency": "EUR",
        "price": "2000.00",
        "cost": "900.00",
        "tax_percent": "19",
    }
    yield _step("A product", "post", "/products", product, 201, keep={"product_id": "id"})
    stock = {"on_hand": "50", "reason": "Counted."}
    yield _step("Its stock", "put", "/products/{{product_id}}/stock", stock, 200, keep={})
    need = {
        "need_type": "office furniture",
        "text": "Twelve chairs before the move",
        "customer_id": "{{customer_id}}",
        "currency": "EUR",
        "value": "24000.00",
    }
    yield _step("A need", "post", "/needs", need, 201, keep={"need_id": "id"})
    yield _step(
        "An order of the need", "post", "/needs/{{need_id}}/order", {}, 201, keep={"order_id": "order_id"}
    )
    lines = {"lines": [{"product_id": "{{product_id}}", "quantity": "1"}]}
    yield _step("Its lines", "patch", "/orders/{{order_id}}", lines, 200, keep={})
    yield _step(
        "Who would approve, and why",
        "get",
        "/orders/{{order_id}}/preview",
        None,
        200,
        checks=("pm.expect(found.levels).to.not.be.empty;",),
    )
    yield _step(
        "Submitted",
        "post",
        "/orders/{{order_id}}/submit",
        None,
        200,
        keep={"item_id": "waiting[0].item_id"},
        checks=('pm.expect(found.status).to.eql("submitted");',),
    )
    approved = {"result": {"decision": "approved", "comment": "Within the budget."}}
    yield _step("Not by its seller", "post", "/inbox/{{item_id}}/complete", approved, 403)
    yield _step(
        "Why it is asked",
        "get",
        "/inbox/{{item_id}}",
        None,
        200,
        token=APPROVER,
        checks=("pm.expect(found.may_decide).to.be.true;",),
    )
    yield _step("Approved", "post", "/inbox/{{item_id}}/complete", approved, 200, token=APPROVER)
    yield _step("Not twice", "post", "/inbox/{{item_id}}/complete", approved, 409, token=APPROVER)
    yield _step(
        "A new customer's credit is asked, too",
        "get",
        "/orders/{{order_id}}",
        None,
        200,
        keep={"item_id": "waiting[0].item_id"},
        checks=('pm.expect(found.status).to.eql("submitted");',),
    )
    yield _step("Approved, too", "post", "/inbox/{{item_id}}/complete", approved, 200, token=APPROVER)
    yield _step(
        "The order goes on",
        "get",
        "/orders/{{order_id}}",
        None,
        200,
        checks=('pm.expect(found.status).to.eql("executing");',),
    )
    yield _step(
        "All that happened",
        "get",
        "/orders/{{order_id}}/timeline",
        None,
        200,
        checks=("pm.expect(found.items).to.not.be.empty;",),
    )


def _step(
    name: str,
    method: str,
    path: str,
    body: Any,
    status: int,
    *,
    token: str = SELLER,
    keep: dict[str, str] | None = None,
    checks: Iterable[str] = (),
) -> Json:
    """Return a request with a script that checks its answer and keeps parts of it as variables."""
    script = [f'pm.test("{name}", function () {{', f"  pm.response.to.have.status({status});"]
    script += ["  const found = pm.response.json();"]
    script += [f"  {check}" for check in checks]
    script += [
        f'  pm.collectionVariables.set("{variable}", found.{where});'
        for variable, where in (keep or {}).items()
    ]
    request = _asked(method, f"/api/v1{path}", body)
    if token != SELLER:
        request["auth"] = _bearer(token)
    event = {"listen": "test", "script": {"type": "text/javascript", "exec": [*script, "});"]}}
    return {"name": name, "event": [event], "request": request}
