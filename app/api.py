"""What every room's API shares: the blueprint, the error envelope, fields for money and moments, paging."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import marshmallow as ma
import orjson
from flask import Flask, Request, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api, Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from app.api_fields import Money, amounts_of, encoding_of
from app.api_wording import answer_of, told
from app.errors import InvalidError, PlacetError, StaleError
from app.wording import in_readers_language, translated, worded

View = TypeVar("View", bound=Callable[..., Any])


class Schema(ma.Schema):
    """Refuses what it does not know, so that a misspelt field is an error and not a silence."""

    class Meta:
        unknown = ma.RAISE
        ordered = True

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        with amounts_of(obj):
            return super().dump(obj, many=many)


# Built from a dict: an attribute named "fields" would hide Schema's own.
ErrorBody = ma.Schema.from_dict(
    {
        "code": ma.fields.String(required=True),
        "message": ma.fields.String(required=True),
        "fields": ma.fields.Dict(keys=ma.fields.String()),
        "request_id": ma.fields.String(),
    },
    name="ErrorBody",
)


class ErrorEnvelope(ma.Schema):
    error = ma.fields.Nested(ErrorBody, required=True)


class _Api(Api):  # type: ignore[misc] # flask-smorest has no types
    """Describes refusals that nobody foresaw (400, 405, 413) in the same envelope as all others."""

    ERROR_SCHEMA = ErrorEnvelope


api = _Api()


class PageQuery(Schema):
    """`cursor` is the `next` of the page before."""

    limit = ma.fields.Integer(load_default=50, strict=False, validate=ma.validate.Range(1, 200))
    cursor = ma.fields.String(load_default=None, validate=ma.validate.Length(max=400))


def page_of(item: type[ma.Schema]) -> type[ma.Schema]:
    """Return the schema of a page of these: items, and the cursor of the next page or null."""
    return ma.Schema.from_dict(
        {
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "next": ma.fields.String(required=True, allow_none=True),
        },
        name=f"{item.__name__}Page",
    )


def encode_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(parts, default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, count: int) -> list[Any]:
    """Return the parts of a cursor; raise InvalidError for one that we did not make."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        parts = None
    if not isinstance(parts, list) or len(parts) != count or not all(isinstance(p, str) for p in parts):
        raise InvalidError("the page could not be found", {"cursor": ["is not one of ours"]})
    return parts


class _Parser(FlaskParser):
    """Refuses a query's unknown names as a body's: a misspelt filter must not show everything."""

    def __init__(self) -> None:
        super().__init__()
        # None: the schema decides.
        self.DEFAULT_UNKNOWN_BY_LOCATION = {**self.DEFAULT_UNKNOWN_BY_LOCATION, "query": None}

    def _raw_load_json(self, req: Request) -> Any:
        """Read the body; one that is nested too deeply to be read is as unreadable as any other."""
        try:
            return super()._raw_load_json(req)
        except RecursionError:
            raise json.JSONDecodeError("nested too deeply", "[", 0) from None


class _JSONProvider(DefaultJSONProvider):
    """Reads what pages post, with the same answer to a body that is nested too deeply."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


class _Blueprint(Blueprint):  # type: ignore[misc] # flask-smorest has no types
    ARGUMENTS_PARSER = _Parser()


def blueprint(name: str, import_name: str, description: str) -> Blueprint:
    """Return a room's part of the API under /api/v1."""
    return _Blueprint(f"api_{name}", import_name, url_prefix="/api/v1", description=description)


_REFUSALS = {
    401: "Nobody proved who they are.",
    403: "This person, or this token, may not do this.",
    404: "It does not exist here.",
    409: "Somebody else was faster, or it is not in a state for this.",
    412: "The caller edited an older version.",
    422: "The input is wrong; `fields` says where.",
    429: "Too many tries.",
    503: "It stopped midway; the message says what is done.",
}


def refusals(blueprint: Blueprint, *statuses: int) -> Callable[[View], View]:
    """Document the refusals that an operation can answer with, all in the one envelope."""

    def document(view: View) -> View:
        for status in statuses:
            described = blueprint.alt_response(status, schema=ErrorEnvelope, description=_REFUSALS[status])
            view = described(view)
        return view

    return document


def if_match() -> int | None:
    """Return the version in If-Match; None without one; raise StaleError for one that is not ours."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})"\s*', header)
    if not found:
        raise StaleError("the If-Match header is not one of our ETags")
    return int(found[1])


def with_etag(response: Response, version: int) -> Response:
    response.headers["ETag"] = f'"{version}"'
    return response


def body_digest() -> str:
    """Return the SHA-256 of the request's operation and body, by which a repeated request is known."""
    parts = f"{request.method} {request.path}\n".encode() + request.get_data()
    return hashlib.sha256(parts).hexdigest()


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def init(app: Flask) -> None:
    """Wire the API's description and the one shape of its errors into the application."""
    app.config.update(
        API_TITLE="Placet",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
    )
    app.json = _JSONProvider(app)
    api.init_app(app)
    api.register_field(Money, "string", None)
    api.ma_plugin.converter.add_attribute_function(encoding_of)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"token": []}]
    app.register_error_handler(PlacetError, answer_error)
    app.register_error_handler(HTTPException, answer_http)


def answer_error(error: PlacetError) -> tuple[dict[str, Any], int]:
    body = {"code": error.code, "message": translated(error.message), "request_id": g.get("request_id", "")}
    if isinstance(error, InvalidError) and error.fields:
        body["fields"] = in_readers_language(error.fields)
    return {"error": body}, error.status


def answer_http(error: HTTPException) -> Any:
    """Give Flask's and webargs' own refusals (404, 405, 422 …) the same envelope."""
    messages = getattr(error, "data", {}).get("messages")
    code = (error.name or "error").lower().replace(" ", "_")
    body: dict[str, Any] = {
        "code": "invalid" if messages else code,
        "message": translated(worded("the request is not valid")) if messages else answer_of(error),
        "request_id": g.get("request_id", ""),
    }
    if messages:
        found = messages.get("json") or messages.get("query") or messages
        body["fields"] = told(found if isinstance(found, dict) else {"body": found})
    answer = {"error": body}, error.code or 500
    allow = error.get_response().headers.get("Allow") if error.code == 405 else None
    return (*answer, {"Allow": allow}) if allow else answer
