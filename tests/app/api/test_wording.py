"""Refusals of the libraries under the API speak the caller's language, as our own do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import refresh
from marshmallow import class_registry

from app.api_wording import told
from tests.builders import Firm

CHINESE = {"Accept-Language": "zh-CN"}
# Said of what is written, not of what is read; or put together of the parts below.
NEVER_SAID = {"format", "message_gte", "message_gt", "message_lte", "message_lt"}
COMPARED = {
    "{min_op} {{min}}": ("greater than or equal to 1",),
    "{max_op} {{max}}": ("less than or equal to 9",),
}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _as_each_request_asks(app: Flask) -> None:
    """Forget the language of the request before: these share the application's context."""
    refresh()


@pytest.fixture
def in_chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers=CHINESE):
        yield


def _fields() -> Iterator[ma.fields.Field[Any]]:
    """Every field of every schema that the application has, and those inside them."""
    kinds = [kind for kinds in class_registry._registry.values() for kind in kinds]
    waiting = [field for kind in kinds if isinstance(kind, type) for field in kind._declared_fields.values()]
    while waiting:
        field = waiting.pop()
        yield field
        waiting += [inner] if isinstance(inner := getattr(field, "inner", None), ma.fields.Field) else []


def _templates() -> set[str]:
    found = set(ma.Schema._default_error_messages.values())
    for field in _fields():
        found |= {text for key, text in field.error_messages.items() if key not in NEVER_SAID}
        for validator in field.validators:
            for name in dir(validator):
                text = getattr(validator, name)
                is_text = name.startswith("message_") or name == "default_message"
                if is_text and name not in NEVER_SAID and isinstance(text, str):
                    found.add(text)
    return found


def _sample(template: str) -> str:
    for part, (said,) in COMPARED.items():
        template = template.replace(part, said)
    kinds = {"{obj_type}": "datetime", "{awareness}": "aware"}
    for part, said in kinds.items():
        template = template.replace(part, said)
    return re.sub(r"\{\w+\}", "3", template)


def test_whatever_a_schema_of_ours_can_refuse_is_told_in_chinese(in_chinese: None) -> None:
    templates = _templates()

    english = {text: told(text) for text in map(_sample, templates) if re.search(r"[a-z]{5}", told(text))}

    assert english == {}
    assert len(templates) > 20


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        pytest.param(
            "/needs",
            {"need_type": "", "text": 4, "quantity": "x", "colour": "red"},
            {
                "need_type": ["长度须在 1 到 80 之间。"],
                "text": ["不是有效的文本。"],
                "quantity": ["不是数字，例如 1310.00。"],
                "colour": ["未知字段。"],
            },
            id="one of each",
        ),
        pytest.param("/needs", {"need_type": "x"}, {"text": ["此字段必填。"]}, id="nothing at all"),
        pytest.param(
            "/orders",
            {"lines": [{"product_id": "x", "quantity": "1"}]},
            {"lines": {"0": {"product_id": ["不是有效的 UUID。"]}}},
            id="inside a list",
        ),
        pytest.param("/needs", [], {"_schema": ["输入类型无效。"]}, id="no object"),
    ],
)
def test_a_wrong_body_is_told_in_the_callers_language(
    client: FlaskClient, firm: Firm, path: str, body: Any, fields: dict[str, Any]
) -> None:
    headers = {**CHINESE, **firm.headers("sales")}

    refused = client.post(f"/api/v1{path}", json=body, headers=headers).get_json()["error"]

    assert (refused["code"], refused["message"]) == ("invalid", "请求无效")
    assert {name: refused["fields"].get(name) for name in fields} == fields


def test_in_english_a_wrong_body_is_told_as_ever(client: FlaskClient, firm: Firm) -> None:
    refused = client.post("/api/v1/needs", json={}, headers=firm.headers("sales")).get_json()["error"]

    assert refused["message"] == "the request is not valid"
    assert refused["fields"]["text"] == ["Missing data for required field."]


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "message"),
    [
        pytest.param("GET", "/nowhere", "", 404, "此地址没有内容。", id="no such address"),
        pytest.param("PUT", "/needs", "{}", 405, "此处不支持该操作。", id="no such method"),
        pytest.param("POST", "/needs", "{", 400, "请求无效", id="no JSON"),
        pytest.param("GET", "/needs?limit=900", "", 422, "请求无效", id="a wrong query"),
    ],
)
def test_what_the_web_server_refuses_is_told_too(
    client: FlaskClient, firm: Firm, method: str, path: str, sent: str, status: int, message: str
) -> None:
    headers = {**CHINESE, **firm.headers("sales"), "Content-Type": "application/json"}

    answer = client.open(f"/api/v1{path}", method=method, data=sent, headers=headers)

    assert answer.status_code == status
    assert answer.get_json()["error"]["message"] == message
    assert not re.search(r"[A-Za-z]{6}", json.dumps(answer.get_json()["error"].get("fields", {})))
