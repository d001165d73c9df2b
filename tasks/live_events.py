"""`placet events`: the process that tells open pages what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import uvicorn
from flask import Flask
from starlette.applications import Starlette
from starlette.requests import Request

from app import create_app
from app.accounts import queries, secrets
from app.accounts.door import cookie_name
from app.config import Settings
from app.events import tickets
from app.events.following import Follower
from app.events.listening import Listener
from app.events.streaming import Hub, make_events
from app.moments import utc_now
from app.observing import configure_logging

T = TypeVar("T")


def run(settings: Settings, host: str, port: int) -> None:
    """Serve until told to stop; open pages come back by themselves."""
    configure_logging()
    uvicorn.run(
        make_application(create_app(settings), settings),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
    )


def make_application(app: Flask, settings: Settings) -> Starlette:
    """Return the events application on the database of this Flask application."""

    async def in_thread(ask: Callable[..., T], *about: Any) -> T:
        return await asyncio.to_thread(_inside, app, ask, *about)

    async def identify(request: Request) -> Listener | None:
        ticket = request.query_params.get("ticket")
        if ticket:
            return tickets.read(settings.secret_key, ticket)
        secret = request.cookies.get(cookie)
        return await in_thread(_listener_of, secret) if secret else None

    with app.app_context():
        hub = Hub(Follower())
        cookie = cookie_name()
    base = urlsplit(settings.base_url)
    return make_events(hub, identify, in_thread, f"{base.scheme}://{base.netloc}")


def _inside(app: Flask, ask: Callable[..., T], *about: Any) -> T:
    with app.app_context():
        return ask(*about)


def _listener_of(secret: str) -> Listener | None:
    actor = queries.actor_by_session(secrets.digest_of(secret), utc_now())
    if actor is None:
        return None
    return Listener(actor.org_id, actor.person_id, frozenset(actor.principals), actor.roles)
