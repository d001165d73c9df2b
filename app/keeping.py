"""Text that no database keeps is refused at the door, once for all rooms: NUL, and halves of characters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, request
from werkzeug.datastructures import ImmutableMultiDict

from app.entered import plain_text
from app.errors import InvalidError, NotFoundError

_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
# How JSON can write them; only then is the body read twice.
_SUSPICIOUS = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class PlainRequest(Request):
    """A form's texts come without what would turn the direction of the page around them."""

    @property
    def form(self) -> ImmutableMultiDict[str, str]:
        given: ImmutableMultiDict[str, str] = super().form
        return ImmutableMultiDict((name, plain_text(value)) for name, value in given.items(multi=True))


def init(app: Flask) -> None:
    app.request_class = PlainRequest
    app.before_request(_refuse)


def _refuse() -> None:
    if is_unkeepable(request.path):
        raise NotFoundError("page", "at this address")
    wrong = [name for name, value in request.args.items(multi=True) if is_unkeepable([name, value])]
    if request.is_json:
        wrong += _unkeepable_in(request.get_data(cache=True))
    elif request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        wrong += [name for name, value in request.form.items(multi=True) if is_unkeepable([name, value])]
    if wrong:
        raise InvalidError(
            "this text cannot be kept", {name: ["has characters that cannot be kept"] for name in wrong}
        )


def _unkeepable_in(body: bytes) -> list[str]:
    """Return the names of the fields; what is no JSON at all is told by the room that wants some."""
    if not _SUSPICIOUS.search(body):
        return []
    try:
        found = json.loads(body)  # orjson would refuse halves of characters without saying where
    except ValueError:
        return []
    if isinstance(found, dict):
        return [
            "body" if is_unkeepable(name) else name for name in found if is_unkeepable({name: found[name]})
        ]
    return ["body"] if is_unkeepable(found) else []


def is_unkeepable(value: Any) -> bool:
    """Say whether a value, or anything inside it, holds a text that no database keeps."""
    if isinstance(value, str):
        return _UNKEEPABLE.search(value) is not None
    if isinstance(value, Mapping):
        return any(is_unkeepable(key) or is_unkeepable(inside) for key, inside in value.items())
    if isinstance(value, list | tuple):
        return any(is_unkeepable(inside) for inside in value)
    return False
