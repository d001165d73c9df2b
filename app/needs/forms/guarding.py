"""Keeping programs out of a public form without asking a third party: a seal, a pause, a trap."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from app.columns import new_id
from app.config import settings
from app.errors import InvalidError
from app.moments import utc_now
from app.wording import worded

# Nobody reads and fills a form faster; nobody leaves it open longer.
SHORTEST_SECONDS, LONGEST_SECONDS = 3, 24 * 3600
TRAP = "website"


class _NobodysError(InvalidError):
    """No person sent this, or not now."""

    def __init__(self, why: str) -> None:
        super().__init__("nothing was sent", {"form": [why]})


def seal(org_id: UUID) -> str:
    """Return the sign of a page that is shown now: when, for which organisation, and which page it is."""
    return _serializer().dumps([org_id.hex, new_id().hex])


def opened(org_id: UUID, sealed: str, trap: str, now: Callable[[], float] | None = None) -> UUID:
    """Return which page this was; raise InvalidError for what no person would send."""
    if trap:
        raise _NobodysError(worded("leave the hidden field empty"))
    try:
        (org, page), made_at = _serializer().loads(sealed, max_age=LONGEST_SECONDS, return_timestamp=True)
    except SignatureExpired as error:
        raise _NobodysError(worded("was open for more than a day; send it again")) from error
    except (BadSignature, ValueError, TypeError) as error:
        raise _NobodysError(worded("is not one of ours; send it again")) from error
    if org != org_id.hex:
        raise _NobodysError(worded("is not one of ours; send it again"))
    if ((now or utc_now().timestamp)() - made_at.timestamp()) < SHORTEST_SECONDS:
        raise _NobodysError(worded("was sent faster than anybody writes; send it again"))
    return UUID(hex=page)


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="placet.need-form")
