"""Whether this process lives, and whether the installation can serve: for supervisors and balancers."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app
from sqlalchemy import text

from app import migrating
from app.config import settings
from app.database import across_organisations
from app.moments import utc_now
from app.outbox.queries import lag

CHECK_SECONDS = 1.0
LONGEST_LAG = timedelta(seconds=60)
_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "pyamqp": 5672}
# A database that hangs must not use up the threads that answer requests.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="ready")


class NotReadyError(Exception):
    """What keeps the installation from serving."""


def init(app: Flask) -> None:
    app.add_url_rule("/healthz", "healthz", _show_health)
    app.add_url_rule("/readyz", "readyz", _show_readiness)


def _show_health() -> tuple[str, int, dict[str, str]]:
    return "ok\n", 200, {"Content-Type": "text/plain"}


def _show_readiness() -> tuple[dict[str, Any], int]:
    found = readiness()
    ready = all(said == "ok" for said in found.values())
    return {"ready": ready, "checks": found}, 200 if ready else 503


def readiness() -> Mapping[str, str]:
    """Return for each check "ok" or what is wrong; all within a second."""
    broker_url = settings().broker_url
    checks: dict[str, Callable[[], None]] = {
        "database": _inside_application(_check_database),
        "migrations": _inside_application(_check_migrations),
        "outbox": _inside_application(_check_outbox),
        "broker": lambda: check_broker(broker_url),
    }
    end = time.monotonic() + CHECK_SECONDS
    begun = {name: _threads.submit(check) for name, check in checks.items()}
    return {name: _answer(future, end) for name, future in begun.items()}


def _inside_application(check: Callable[[], None]) -> Callable[[], None]:
    app = current_app._get_current_object()  # type: ignore[attr-defined] # Flask's way into a thread

    def checked() -> None:
        with app.app_context():
            check()

    return checked


def _answer(future: Future[None], end: float) -> str:
    try:
        error = future.exception(max(end - time.monotonic(), 0))
    except TimeoutError:
        future.cancel()
        return f"no answer within {CHECK_SECONDS:g} s"
    if error is None:
        return "ok"
    return str(error) if isinstance(error, NotReadyError) else type(error).__name__


def _check_database() -> None:
    with across_organisations() as tx:
        tx.execute(text("select 1"))


def _check_migrations() -> None:
    with across_organisations() as tx:
        if not migrating.is_at_head(tx.connection):
            raise NotReadyError("the database needs migrating: placet migrate")


def _check_outbox() -> None:
    with across_organisations() as tx:
        found = lag(tx, utc_now())
    if found.age > LONGEST_LAG:
        raise NotReadyError(f"{found.calls} calls wait, the oldest for {found.age.total_seconds():.0f} s")


def check_broker(url: str) -> None:
    """Say hello to the broker over a plain connection; raise where it does not answer."""
    with _connect(url) as connection:
        connection.settimeout(CHECK_SECONDS)
        connection.sendall(_hello(url))
        answer = connection.recv(64)
    # A Redis that wants a password greets with -NOAUTH; RabbitMQ with a method frame, or its own header.
    if not answer.startswith((b"+PONG", b"-NOAUTH", b"\x01", b"AMQP")):
        raise NotReadyError("the broker answers something else")


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "redis+socket":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CHECK_SECONDS)
        connection.connect(unquote(parts.path))
        return connection
    address = (parts.hostname or "127.0.0.1", parts.port or _PORTS.get(parts.scheme, 6379))
    connection = socket.create_connection(address, CHECK_SECONDS)
    if parts.scheme in ("rediss", "amqps"):
        connection = _tls().wrap_socket(connection, server_hostname=parts.hostname)
    return connection


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _hello(url: str) -> bytes:
    if urlsplit(url).scheme in ("amqp", "amqps", "pyamqp"):
        return b"AMQP\x00\x00\x09\x01"
    return b"PING\r\n"
