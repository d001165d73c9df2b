"""The API's description as others read it: OpenAPI 3.1 with names, examples and the headers that we heed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from flask import Flask, Response, current_app

from app.api import api
from app.columns import dump_json
from app.i18n import LANGUAGES

Json = dict[str, Any]
_KEPT = "placet.api_description"
_METHODS = ("get", "post", "put", "patch", "delete")
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag of the version that the caller has edited; without it the last writer wins.",
    "required": False,
    "schema": {"type": "string", "examples": ['"3"']},
}
_BY_FORMAT = {
    "uuid": "0199c0de-0000-7000-8000-000000000001",
    "date-time": "2027-01-15T09:30:00+00:00",
    "date": "2027-01-15",
    "email": "ann@example.com",
}
_PYTHON: Mapping[str, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "array": list,
    "object": dict,
}
# Fields that mean the same everywhere and whose type alone says too little.
_BY_NAME: Mapping[str, Any] = {
    "number": "O-1001",
    "currency": "EUR",
    "email": "ann@example.com",
    "password": "correct horse battery",
    "current_password": "correct horse battery",
    "new_password": "paper boat on the water",
    "locale": next(iter(LANGUAGES)),
    "team": "sales_lead",
    "teams": ["sales_lead"],
    "key": "sales_lead",
    "name": "Ann Example",
    "names": ["approval_policy.dmn"],
    "code": "not_found",
    "message": "there is no order 0199c0de-0000-7000-8000-000000000001",
    "country": "DE",
    "need_type": "lighting",
    "secret": "placet_…",
    "phone": "+49 30 901820",
    "tax_number": "DE136695976",
    "street": "Long Street 1",
    "postcode": "10115",
    "city": "Berlin",
    "position": "Head of purchasing",
    "notes": "Pays within the week.",
    "note": "Second floor, please.",
    "title": "Chairs for the second floor",
    "description": "With armrests, in grey.",
    "unit": "pcs",
    "channel": "telephone",
    "customer_name": "Northwind Offices",
    "payment_days": 30,
    "quantity": "12",
    "tax_percent": "19",
    "discount_percent": "5",
    "reason": "Counted again.",
    "text": "They ask for delivery before May.",
    "variables": {"amount": "900"},
    "versions": {"approval_policy.dmn": 2},
}


def init(app: Flask) -> None:
    app.add_url_rule("/api/openapi.json", "openapi", _show)


def _show() -> Response:
    return current_app.response_class(dump_json(description()), mimetype="application/json")


def description() -> Json:
    """Return the description, made once for each application."""
    kept: dict[str, Any] = current_app.extensions
    if _KEPT not in kept:
        kept[_KEPT] = _made(deepcopy(api.spec.to_dict()))
    found: Json = kept[_KEPT]
    return found


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield method, path and operation of everything that can be asked."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield method, path, item[method]


def _made(document: Json) -> Json:
    document["info"]["description"] = (
        "Orders from the first need to the closed order. Amounts are decimal strings; moments carry a zone."
        " Lists answer `items` and `next`, the cursor of the next page. Errors are all in one envelope."
    )
    document["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    for method, path, operation in operations(document):
        operation["operationId"] = _name(method, path)
        operation["tags"] = [_tag(tag) for tag in operation["tags"]]
        if "412" in operation["responses"] and "{" in path:  # what names one thing has its version
            _add_if_match(operation)
    for tag in document["tags"]:
        tag["name"] = _tag(tag["name"])
    _translate_patterns(document)
    for media in _contents(document):
        media["example"] = example_of(media["schema"], document["components"]["schemas"])
    return document


def _name(method: str, path: str) -> str:
    """Return `post_orders_one_submit` for POST /api/v1/orders/{order_id}/submit."""
    parts = path.removeprefix("/api/v1/").replace(".", "/").split("/")
    return "_".join([method, *("one" if part.startswith("{") else part for part in parts)])


def _tag(name: str) -> str:
    return name.removeprefix("api_").replace("_", " ")


def _add_if_match(operation: Json) -> None:
    parameters = operation.setdefault("parameters", [])
    if not any(parameter.get("name") == "If-Match" for parameter in parameters):
        parameters.append(_IF_MATCH)


def _translate_patterns(part: Any) -> None:
    r"""Write Python's end of text, `\Z`, as other languages do."""
    if isinstance(part, dict):
        if isinstance(part.get("pattern"), str):
            part["pattern"] = re.sub(r"\\Z$", "$", part["pattern"])
        for inside in part.values():
            _translate_patterns(inside)
    elif isinstance(part, list):
        for inside in part:
            _translate_patterns(inside)


def _contents(document: Json) -> Iterator[Json]:
    for _, _, operation in operations(document):
        carriers = [operation.get("requestBody", {}), *operation["responses"].values()]
        for carrier in carriers:
            media = carrier.get("content", {}).get("application/json")
            if media:
                yield media


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    """Return a value that fits a schema: its own example where it has one."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas, name)
    if schema.get("examples") and name not in _BY_NAME:
        return schema["examples"][0]
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):  # this, or null
        return example_of(schema["anyOf"][0], schemas, name)
    types = schema.get("type", "object")
    kind = types[0] if isinstance(types, list) else types
    if isinstance(_BY_NAME.get(name), _PYTHON[kind]):
        return _BY_NAME[name]
    if kind == "object":
        inside = schema.get("properties", {})
        return {key: example_of(inside[key], schemas, key) for key in inside}
    if kind == "array":
        return [example_of(schema["items"], schemas)]
    return _plain(kind, schema)


def _plain(kind: str, schema: Mapping[str, Any]) -> Any:
    if kind == "string":
        return _BY_FORMAT.get(schema.get("format", ""), "text")
    return {"integer": schema.get("minimum", 3), "number": 1.5, "boolean": True}.get(kind)
