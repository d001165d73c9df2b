"""Bringing a database to the present tables, and PostgreSQL to row-level security and narrow rights."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.engine import make_url

from app.config import Settings
from app.database import Model, Owned, engine_options, prepare_engine

# Tables in which signing in and the machines must see every organisation.
CROSSED = frozenset(
    {
        "people",
        "teams",
        "memberships",
        "web_sessions",
        "api_tokens",
        "service_calls",
        "training_runs",
        "timers",
        "start_timers",
        "subscriptions",
        "kept_messages",
        "need_imports",
        "pending_decisions",
        "instances",
        "changes",
        "audit_streams",
        "audit_entries",
        "audit_anchors",
        "audit_leaves",
    }
)
_TENANT = "(select nullif(nullif(current_setting('app.org', true), ''), '*')::uuid)"
_CROSSING = "(select current_setting('app.org', true)) = '*'"


def migrate(settings: Settings) -> None:
    """Apply all migrations as the owner; safe to call again, and by two at once."""
    engine = create_engine(settings.migration_url, **engine_options(settings.migration_url))
    prepare_engine(engine)
    try:
        with engine.begin() as connection:
            _one_at_a_time(connection)
            configuration = _configuration()
            configuration.attributes["connection"] = connection
            if connection.dialect.name == "postgresql" and not is_at_head(connection):
                _let_owner_see_rows(connection)
            command.upgrade(configuration, "head")
            if connection.dialect.name == "postgresql":
                secure_rows(connection, make_url(settings.database_url).username)
    finally:
        engine.dispose()


def is_at_head(connection: Connection) -> bool:
    """Say whether the database has the tables that this code needs; for the readiness check."""
    return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return configuration


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(7205759403)"))


def owned_tables() -> list[str]:
    """Return the names of all tables whose rows belong to an organisation."""
    return sorted(
        mapper.local_table.name  # type: ignore[attr-defined] # every mapped class here has a real table
        for mapper in Model.registry.mappers
        if issubclass(mapper.class_, Owned)
    )


def _let_owner_see_rows(connection: Connection) -> None:
    """Lift what hides rows from migrations, which change everybody's; `secure_rows` puts it back."""
    there = set(inspect(connection).get_table_names())
    for table in sorted(there & {*owned_tables(), "organisations"}):
        connection.execute(text(f'alter table "{table}" no force row level security'))


def secure_rows(connection: Connection, app_role: str | None) -> None:
    """Force row-level security on every owned table and grant the app's role what it needs, no more."""
    for table in owned_tables():
        connection.execute(text(f'alter table "{table}" enable row level security'))
        connection.execute(text(f'alter table "{table}" force row level security'))
        _policy(connection, table, "tenant", f"org_id = {_TENANT}")
        if table in CROSSED:
            _policy(connection, table, "crossing", _CROSSING)
    _policy_on_organisations(connection)
    if app_role:
        _grant(connection, app_role)


def _policy(connection: Connection, table: str, name: str, condition: str) -> None:
    connection.execute(text(f'drop policy if exists "{name}" on "{table}"'))
    connection.execute(text(f'create policy "{name}" on "{table}" using ({condition})'))


def _policy_on_organisations(connection: Connection) -> None:
    connection.execute(text("alter table organisations enable row level security"))
    connection.execute(text("alter table organisations force row level security"))
    _policy(connection, "organisations", "tenant", f"id = {_TENANT}")
    _policy(connection, "organisations", "crossing", _CROSSING)


def _grant(connection: Connection, role: str) -> None:
    owner = connection.execute(text("select current_user")).scalar()
    if owner == role:
        return
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    connection.execute(text(f"grant usage on schema public to {quoted}"))
    connection.execute(
        text(f"grant select, insert, update, delete on all tables in schema public to {quoted}")
    )
    connection.execute(text(f"grant usage on all sequences in schema public to {quoted}"))
