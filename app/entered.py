"""What people type into forms and addresses, read strictly: what is not meant is said, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.errors import InvalidError
from app.wording import worded

_WHOLE = re.compile(r"[0-9]{1,9}")
# They turn or hide what stands around them: "invoice\u202egpj.exe" reads as "invoiceexe.jpg". Marks that a
# language needs within a word (joiners, left-to-right and right-to-left marks) stay.
_DECEIVING = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")


def whole_number(text: str | None) -> int | None:
    """Return a number of at most nine plain digits; None for anything else."""
    text = (text or "").strip()
    return int(text) if _WHOLE.fullmatch(text) else None


def plain_text(text: str) -> str:
    """Return a text without control characters and without what turns the direction of its surroundings."""
    return _DECEIVING.sub("", text)


def amount(text: str | None) -> Decimal | None:
    """Return a decimal with at most four places; None for anything else, such as "NaN" or "1e9"."""
    text = (text or "").strip()
    return Decimal(text) if _AMOUNT.fullmatch(text) else None


def identity(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def moment_and_id(parts: list[Any]) -> tuple[datetime, UUID]:
    """Read the two parts of a list's cursor; raise InvalidError where they are not ours."""
    try:
        at = datetime.fromisoformat(parts[0])
        if at.tzinfo is None:
            raise ValueError(parts[0])
        return at, UUID(parts[1])
    except ValueError:
        raise unknown_page() from None


def text_and_id(parts: list[Any]) -> tuple[str, UUID]:
    """As `moment_and_id`, for lists in the order of a name."""
    try:
        return str(parts[0]), UUID(parts[1])
    except ValueError:
        raise unknown_page() from None


def unknown_page() -> InvalidError:
    return InvalidError("the page could not be found", {"cursor": ["is not one of ours"]})


def check_lengths(values: Mapping[str, Any], longest: Mapping[str, int]) -> dict[str, list[str]]:
    """Return for each text that is longer than its column what is wrong with it."""
    return {
        name: [worded("has more than {longest} characters", longest=most)]
        for name, most in longest.items()
        if isinstance(values.get(name), str) and len(values[name]) > most
    }
