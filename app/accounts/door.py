"""From a request to an Actor: the bearer token or the session cookie, and the forged-request check."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from flask import Response, request
from sqlalchemy.exc import DBAPIError

from app.accounts import queries, secrets
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.config import settings
from app.errors import PlacetError, RefusedError, UnauthenticatedError
from app.moments import utc_now

_ACTOR = "placet.actor"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
View = TypeVar("View", bound=Callable[..., Any])


def current_actor() -> Actor:
    """Return who makes this request; raise UnauthenticatedError where nobody proved it."""
    actor = find_actor()
    if actor is None:
        raise UnauthenticatedError("sign in, or send a token: Authorization: Bearer …")
    return actor


def find_actor() -> Actor | None:
    """Return who makes this request, or None; asks the database once a request."""
    # Kept with the request and not in `g`, which a command line's context would carry from one to the next.
    if _ACTOR not in request.environ:
        request.environ[_ACTOR] = _by_token() if "Authorization" in request.headers else _by_cookie()
    return cast("Actor | None", request.environ[_ACTOR])


def find_actor_quietly() -> Actor | None:
    """Return who is asking; None for a visitor, for a wrong token, and while nobody can be asked."""
    try:
        return find_actor()
    except (PlacetError, DBAPIError):
        return None


def _by_token() -> Actor | None:
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise UnauthenticatedError("the Authorization header is not: Bearer <token>")
    actor = queries.actor_by_token(secrets.digest_of(secret.strip()), utc_now())
    if actor is None:
        raise UnauthenticatedError("the token is unknown, revoked or expired")
    return actor


def _by_cookie() -> Actor | None:
    secret = request.cookies.get(cookie_name())
    if not secret:
        return None
    actor = queries.actor_by_session(secrets.digest_of(secret), utc_now())
    if actor is not None and request.method not in SAFE_METHODS:
        _refuse_forged(actor)
    return actor


def _refuse_forged(actor: Actor) -> None:
    """A change that comes with a cookie must come from our own pages (OWASP CSRF: origin and token)."""
    refuse_other_origins()
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token")
    if actor.session_id is None or not secrets.csrf_matches(settings().secret_key, actor.session_id, given):
        raise RefusedError("the page is too old or not ours; reload it and try again", csrf=True)


def refuse_other_origins() -> None:
    """Raise RefusedError where the browser says that another site sent this request."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise RefusedError("this request came from another site")
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc not in (request.host, urlsplit(settings().base_url).netloc):
        raise RefusedError("this request came from another site")


def csrf_token() -> str:
    """Return the token for the page's forms; empty for a visitor."""
    actor = find_actor()
    if actor is None or actor.session_id is None:
        return ""
    return secrets.csrf_token(settings().secret_key, actor.session_id)


def allowed(scope: str, *roles: Role) -> Callable[[View], View]:
    """Guard a view: the token must carry `scope`, the person hold one of `roles` (none: any person)."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor = current_actor()
            actor.require_scope(scope)
            if roles:
                actor.require(*roles)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return guard


def cookie_name() -> str:
    return "__Host-placet" if settings().secure else "placet"


def set_cookie(response: Response, secret: str, max_age_seconds: int) -> None:
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=max_age_seconds,
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
        path="/",
    )


def clear_cookie(response: Response) -> None:
    response.delete_cookie(cookie_name(), path="/", secure=settings().secure, httponly=True, samesite="Lax")
