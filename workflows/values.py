"""Variables in a state: what JSON has as FEEL has it goes by the library alone, only the rest is tagged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from rules import feel

Out = Callable[[dict[str, Any]], Any]
"""What puts variables into the structure that is written."""
_TAG = b'"$feel"'
_OURS = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def dumps(make: Callable[[Out], Any]) -> bytes:
    """Return the JSON of what `make` makes, with all variables in it as `feel.to_typed_json` has them."""
    tags = 0

    def tagged(value: Any) -> Any:
        nonlocal tags
        tags += 1
        if isinstance(value, feel.Range):
            raise TypeError  # several tags in one value
        return feel.to_typed_json(value)

    try:
        content = orjson.dumps(make(_as_they_are), default=tagged, option=_OURS)
    except orjson.JSONEncodeError:
        tags = -1
    if tags < 0 or content.count(_TAG) != tags:
        # A range, a context that has an entry of the tag's name, what was tagged before, or cannot be kept.
        content = orjson.dumps(make(feel.to_typed_json))
    return content


def _as_they_are(values: dict[str, Any]) -> Any:
    return values


def has_tags(state: bytes) -> bool:
    return _TAG in state


def read(values: Any, tagged: bool) -> dict[str, Any]:
    """Read back what `dumps` wrote; 0 stands for no variables."""
    if not values:
        return {}
    found: dict[str, Any] = feel.from_typed_json(values) if tagged else values
    return found
