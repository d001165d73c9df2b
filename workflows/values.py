"""Variables in a state: what JSON has as FEEL has it goes by the library alone, only the rest is tagged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from rules import feel

_TAG = b'"$feel"'
_OURS = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME


def written(values: Mapping[str, Any]) -> orjson.Fragment:
    """Return the JSON that `feel.to_typed_json` stands for."""
    tags = 0

    def tagged(value: Any) -> Any:
        nonlocal tags
        tags += 1
        if isinstance(value, feel.Range):
            raise TypeError  # several tags in one value
        return feel.to_typed_json(value)

    try:
        content = orjson.dumps(values, default=tagged, option=_OURS)
    except orjson.JSONEncodeError:
        tags = -1
    if tags < 0 or content.count(_TAG) != tags:
        # A range, a context that has an entry of the tag's name, or what cannot be kept at all.
        content = orjson.dumps(feel.to_typed_json(values))
    return orjson.Fragment(content)


def has_tags(state: bytes) -> bool:
    return _TAG in state


def read(values: Any, tagged: bool) -> dict[str, Any]:
    """Read back what `written` wrote; 0 stands for no variables."""
    if not values:
        return {}
    found: dict[str, Any] = feel.from_typed_json(values) if tagged else values
    return found
