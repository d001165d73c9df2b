"""What is looked at before anything starts, so that an operator reads one line and no traceback."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kombu.connection import Connection
from kombu.exceptions import OperationalError
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from app.database import engine_options
from app.errors import SettingError
from tasks.children import is_port_free
from tasks.errors import AlreadyRunningError, PortTakenError, UnreachableError


def require_port(port: int, variable: str) -> None:
    if not is_port_free(port):
        raise PortTakenError(port, variable)


def require_database(url: str, variable: str) -> None:
    """Raise where the database does not let us in; no message shows a password."""
    try:
        engine = create_engine(url, **engine_options(url))
    except (ArgumentError, NoSuchModuleError, ImportError):
        raise SettingError(variable, _scheme(url), "a URL such as postgresql://app:secret@host/db") from None
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise UnreachableError("database", str(make_url(url)), _first_line(error.orig)) from None
    finally:
        engine.dispose()


def require_broker(url: str, variable: str) -> None:
    """Raise where the broker does not answer; no message shows a password."""
    try:
        connection = Connection(url, connect_timeout=3)
        errors = (*connection.connection_errors, *connection.channel_errors, OperationalError, OSError)
    except (KeyError, ValueError, ImportError):
        raise SettingError(variable, _scheme(url), "a URL such as redis://:secret@host:6379/0") from None
    with connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
        except errors as error:
            raise UnreachableError("broker", connection.as_uri(), _first_line(error)) from None


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Hold the folder for this process; raise AlreadyRunningError where another holds it."""
    with (var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunningError(var) from None
        yield


def _first_line(error: BaseException | None) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _scheme(url: str) -> str:
    return f"{url.partition(':')[0]}:..."
