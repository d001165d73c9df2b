"""The one place where transactions begin and end, and where a row's organisation is enforced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

import orjson
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    CursorResult,
    Date,
    Engine,
    Executable,
    MetaData,
    Row,
    String,
    Uuid,
    event,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)

from app.columns import Amount, Blob, Json, Moment, dump_json
from app.errors import BusyError, ConflictError

EVERYONE = "*"
LOCK_SECONDS = 10
_LOST = ("database is locked", "Deadlock found", "Lock wait timeout exceeded")


class Model(DeclarativeBase):
    """Base of all tables; plain annotations map to the columns that mean the same everywhere."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Uuid(),
        str: String(255),
        datetime: Moment(),
        date: Date(),
        Decimal: Amount(),
        bytes: Blob,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class Owned:
    """A row that belongs to an organisation: the session filters by it, PostgreSQL enforces it."""

    org_id: Mapped[UUID] = mapped_column(index=False)


# Flask-SQLAlchemy opens and keeps the engines; models and sessions are ours (docs/adr/0002).
db = SQLAlchemy()


class Transaction:
    """One open connection; Core statements and the ORM session inside it share it."""

    def __init__(self, connection: Connection, org_id: UUID | None) -> None:
        self.connection = connection
        self.org_id = org_id

    @property
    def organisation(self) -> UUID:
        """The organisation of this transaction; a machine that serves all of them has none."""
        if self.org_id is None:
            raise AssertionError("this transaction belongs to no organisation")
        return self.org_id

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    @cached_property
    def session(self) -> Session:
        """The ORM on this very connection; every query in it is filtered by the organisation."""
        return Session(
            bind=self.connection, expire_on_commit=False, autoflush=True, info={"org_id": self.org_id}
        )

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Run a Core statement (which binds `org_id` itself)."""
        return self.connection.execute(statement, parameters)

    def first(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        return self.execute(statement, parameters).first()

    def plan_anew(self) -> None:
        """Let PostgreSQL plan this transaction's statements for the tables as they are now.

        What it has prepared while a table was empty reads all of it, a million rows later too.
        """
        if self.dialect == "postgresql":
            self.connection.exec_driver_sql("set local plan_cache_mode = force_custom_plan")

    def flush(self) -> None:
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        if "session" in self.__dict__:
            self.session.close()


@contextmanager
def transaction(org_id: UUID | None) -> Iterator[Transaction]:
    """Open a command's one transaction for this organisation; the only place that commits.

    Raises BusyError where the database gave the rows to somebody else (deadlock, locked too long), and
    ConflictError where somebody wrote the same key. Whatever it raises, nothing was changed.
    """
    with _connection(org_id, "BEGIN IMMEDIATE") as opened:
        try:
            yield opened
            opened.flush()
            opened.connection.commit()
        except OperationalError as error:
            if lost_race(error):
                raise BusyError("somebody changed this at the same moment; try again") from error
            raise
        except IntegrityError as error:
            if _is_double(error):
                raise ConflictError("somebody made the same at the same moment; try again") from error
            raise


@contextmanager
def reading(org_id: UUID) -> Iterator[Transaction]:
    """Open a read for this organisation; nothing is kept of what happens inside."""
    with _connection(org_id, "BEGIN") as opened:
        yield opened


@contextmanager
def snapshot(org_id: UUID) -> Iterator[Transaction]:
    """Open a read that sees one moment, however long it takes: for proving the record."""
    with _connection(org_id, "BEGIN", isolation="REPEATABLE READ") as opened:
        yield opened


@contextmanager
def across_organisations() -> Iterator[Transaction]:
    """Open a read over all organisations: for signing in and for finding due work only."""
    with _connection(None, "BEGIN") as opened:
        _set_organisation(opened.connection, EVERYONE)
        yield opened


@contextmanager
def transaction_across_organisations() -> Iterator[Transaction]:
    """As `transaction`, for the relay, the timers and the sealer, which serve every organisation."""
    with _connection(None, "BEGIN IMMEDIATE") as opened:
        _set_organisation(opened.connection, EVERYONE)
        yield opened
        opened.flush()
        opened.connection.commit()


@contextmanager
def _connection(
    org_id: UUID | None, sqlite_begin: str, isolation: str | None = None
) -> Iterator[Transaction]:
    with db.engine.connect() as connection:
        connection.execution_options(sqlite_begin=sqlite_begin)
        # SQLite reads one moment anyway.
        if isolation and connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level=isolation)
        opened = Transaction(connection, org_id)
        try:
            if org_id is not None:
                _set_organisation(connection, str(org_id))
            yield opened
        finally:
            opened.close()
            connection.rollback()


def _set_organisation(connection: Connection, org: str) -> None:
    """Say whose rows are seen, and how long a lock is waited for: no thread of the web sleeps for ever."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(
            "select set_config('app.org', %s, true), set_config('lock_timeout', %s, true)",
            (org, f"{LOCK_SECONDS}s"),
        )


def lost_race(error: DBAPIError) -> bool:
    """Whether the database gave the rows to somebody else: a deadlock, or a lock that was held too long."""
    state = getattr(error.orig, "sqlstate", None)
    text = str(error.orig)
    return state in ("40001", "40P01", "55P03") or any(said in text for said in _LOST)


def is_away(error: DBAPIError) -> bool:
    """Whether the database could not be reached (there was no statement yet), or was lost midway."""
    return error.connection_invalidated or error.statement is None


def _is_double(error: IntegrityError) -> bool:
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    return state == "23505" or "UNIQUE constraint failed" in text or "Duplicate entry" in text


def engine_options(url: str) -> dict[str, Any]:
    """Return how an engine for this URL is opened: pool, JSON codec and timeouts."""
    options: dict[str, Any] = {"json_serializer": dump_json, "json_deserializer": orjson.loads}
    if url.startswith("sqlite"):
        options["connect_args"] = {
            "timeout": LOCK_SECONDS,
            "isolation_level": None,
            "check_same_thread": False,
        }
    elif url.startswith("postgresql"):
        options["connect_args"] = {"connect_timeout": 5}
        options |= {"pool_size": 8, "max_overflow": 8}
    else:
        waiting = f"set session innodb_lock_wait_timeout = {LOCK_SECONDS}"
        options["connect_args"] = {"connect_timeout": 5, "init_command": waiting}
        options |= {"pool_size": 8, "max_overflow": 8, "isolation_level": "READ COMMITTED"}
    return options


def prepare_engine(engine: Engine) -> None:
    """Teach an SQLite engine durability, foreign keys and honest transactions; others need nothing."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: Any) -> None:
        busy = f"busy_timeout={1000 * LOCK_SECONDS}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", busy, "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN IMMEDIATE"))


@event.listens_for(Session, "do_orm_execute")
def _filter_by_organisation(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    org_id = state.session.info.get("org_id")
    if org_id is None:
        return
    state.statement = state.statement.options(
        with_loader_criteria(
            Owned, lambda cls: cls.org_id == org_id, include_aliases=True, track_closure_variables=True
        )
    )


@event.listens_for(Session, "before_flush")
def _refuse_foreign_rows(session: Session, *_: Any) -> None:
    org_id = session.info.get("org_id")
    if org_id is None:
        return
    for row in [*session.new, *session.dirty, *session.deleted]:
        if isinstance(row, Owned) and row.org_id != org_id:
            raise AssertionError(f"{row!r} belongs to another organisation")
