"""Values that a program gives an instance, as the engine's language has them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.errors import InvalidError
from rules import feel


def values_of(field: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return JSON as the engine takes it: a number with a fraction is the decimal that was written.

    Raises InvalidError for what has no exact value, and for what is too large or too deep.
    """
    try:
        return dict(feel.to_feel(_exact(given)))
    except feel.FeelError as error:
        raise InvalidError("the values cannot be used", {field: [str(error)]}) from error


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: _exact(part) for name, part in value.items()}
    return [_exact(part) for part in value] if isinstance(value, list) else value
