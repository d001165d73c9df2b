"""Fields that mean the same in every room's API: money and its currency, texts, bytes, sentences."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import g

from app.currencies import currency_problem, exact, shortest
from app.entered import plain_text
from app.wording import translated, worded

MONEY_PATTERN = r"^-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})?$"


# The currency of what is being written: of the thing itself, else of what it is part of. What has none
# (a customer's credit limit) is in the organisation's, which a view puts into `g.currency`.
_CURRENCY: ContextVar[str | None] = ContextVar("currency", default=None)


@contextmanager
def amounts_of(thing: Any) -> Iterator[None]:
    """Write the amounts of a thing, and of what is inside it, in its currency."""
    currency = ma.utils.get_value(thing, "currency", None)
    token = _CURRENCY.set(currency) if isinstance(currency, str) else None
    try:
        yield
    finally:
        if token:
            _CURRENCY.reset(token)


class Money(ma.fields.Decimal):
    """A decimal as a string, never a float, with the decimals of its currency: "1310.00"."""

    def __init__(self, *, low: Decimal | None = None, high: Decimal | None = None, **kwargs: Any) -> None:
        metadata = {"pattern": MONEY_PATTERN, "examples": ["1310.00"], **kwargs.pop("metadata", {})}
        super().__init__(as_string=True, allow_nan=False, metadata=metadata, **kwargs)
        self._low, self._high = low, high

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        # The description writes defaults outside of any request, where `g` is false.
        return exact(Decimal(value), _CURRENCY.get() or (g.get("currency") if g else None))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or not re.fullmatch(MONEY_PATTERN, value):
            raise ma.ValidationError(worded("Not a number such as 1310.00."))
        number = Decimal(value)
        if self._low is not None and number < self._low:
            raise ma.ValidationError(worded("Less than {low}.", low=self._low))
        if self._high is not None and number > self._high:
            raise ma.ValidationError(worded("More than {high}.", high=self._high))
        return number


class Measure(Money):
    """A quantity or a percentage, as a decimal string without needless zeros: "12.5"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "metadata": {"examples": ["12.5"], **kwargs.get("metadata", {})}})

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else shortest(Decimal(value))


class Currency(ma.fields.String):
    """The three letters of money that is paid with today."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": "^[A-Z]{3}$", "examples": ["EUR"], **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code: str = super()._deserialize(value, attr, data, **kwargs)
        if problem := currency_problem(code):
            raise ma.ValidationError(problem)
        return code


class Base64(ma.fields.String):
    """Bytes, as base64."""

    LONGEST = 3_000_000

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"maxLength": self.LONGEST, **kwargs.pop("metadata", {})}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > self.LONGEST:
            raise ma.ValidationError(worded("Longer than maximum length {max}.", max=self.LONGEST))
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            raise ma.ValidationError(worded("is not base64")) from None


def encoding_of(_converter: Any, field: ma.fields.Field[Any], **_: Any) -> dict[str, str]:
    return {"contentEncoding": "base64"} if isinstance(field, Base64) else {}


class Text(ma.fields.String):
    """Trimmed text without control characters (line breaks allowed), with a length."""

    def __init__(self, *, longest: int = 190, shortest: int = 0, **kwargs: Any) -> None:
        validate = ma.validate.Length(min=shortest or None, max=longest)
        super().__init__(validate=validate, **kwargs)
        self._longest = longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if len(text.strip()) > self._longest:  # as it was sent: what is left of it may fit
            raise ma.ValidationError(worded("Longer than maximum length {max}.", max=self._longest))
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]", text):
            raise ma.ValidationError(worded("Contains control characters."))
        return plain_text(text).strip()


class Sentence(ma.fields.String):
    """A text of ours for people, in the language of the request."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else translated(value)
