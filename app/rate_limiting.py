"""How often one address may try: counted in the broker, in memory where the broker is away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from app.config import Settings

View = TypeVar("View", bound=Callable[..., Any])
REFUSALS = frozenset({401, 403, 422, 429})
_limiter = Limiter(key_func=get_remote_address, default_limits=[])


def limited(rate: str) -> Callable[[View], View]:
    """Guard a view by a rate such as "10 per minute" for each client address."""
    return cast("Callable[[View], View]", _limiter.limit(rate))


def limited_tries(rate: str) -> Callable[[View], View]:
    """Guard a view by how often it may refuse one client address: many people may share one."""
    return cast("Callable[[View], View]", _limiter.limit(rate, deduct_when=_is_refusal))


def _is_refusal(response: Response) -> bool:
    return response.status_code in REFUSALS


def init(app: Flask, settings: Settings) -> None:
    app.config.update(
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI=storage_url(settings.broker_url),
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_SWALLOW_ERRORS=True,
        RATELIMIT_HEADERS_ENABLED=False,
    )
    _limiter.init_app(app)


def storage_url(broker_url: str) -> str:
    """Return where to count for this broker: a Redis by its own URL, else this process's memory."""
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        number = parse_qs(parts.query).get("virtual_host", ["0"])[0]
        return f"redis+unix://{parts.path}?db={number}"
    return broker_url if parts.scheme in ("redis", "rediss") else "memory://"
