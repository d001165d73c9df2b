"""Short-lived proofs of who listens: a page gets one from the web and shows it to the events process."""

from __future__ import annotations

from uuid import UUID

from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.events.listening import Listener

LASTS_SECONDS = 60
_SALT = "placet.events"


def mint(secret_key: str, listener: Listener) -> str:
    """Return a ticket that opens the stream of this listener for a minute."""
    content = {
        "org": str(listener.org_id),
        "person": str(listener.person_id),
        "principals": sorted(listener.principals),
        "roles": sorted(listener.roles),
    }
    return str(_serializer(secret_key).dumps(content))


def read(secret_key: str, ticket: str) -> Listener | None:
    """Return whose ticket this is; None where it is not ours, or too old."""
    try:
        content = _serializer(secret_key).loads(ticket, max_age=LASTS_SECONDS)
    except BadSignature:
        return None
    return Listener(
        org_id=UUID(content["org"]),
        person_id=UUID(content["person"]),
        principals=frozenset(content["principals"]),
        roles=frozenset(content["roles"]),
    )


def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=_SALT)
