"""Throw-away databases of every kind that we support, each made from a template that was migrated once."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Engine, create_engine, inspect, make_url, table, text

from app.config import Settings, load_settings
from app.migrating import migrate
from tests.servers import embedded_servers

POSTGRES_SERVER = "PLACET_TEST_POSTGRES_URL"
MARIADB_SERVER = "PLACET_TEST_MARIADB_URL"


@dataclass(frozen=True, slots=True)
class Database:
    """`kind` is sqlite, postgres, postgres-server or mariadb-server."""

    kind: str
    url: str
    migration_url: str

    def settings(self, var: Path, **environ: str) -> Settings:
        """Return the settings of an installation on this database."""
        return load_settings(
            {
                "PLACET_VAR": str(var),
                "PLACET_DATABASE_URL": self.url,
                "PLACET_MIGRATION_URL": self.migration_url,
                "PLACET_SECRET_KEY": "a secret of the tests",
                "PLACET_AUDIT_KEY": "a key of the tests",
                "PLACET_RATE_LIMITS": "off",
                **environ,
            }
        )


class Maker(Protocol):
    """Makes migrated databases of one kind, and leaves nothing behind."""

    def make(self) -> Database: ...

    def drop(self, database: Database) -> None: ...

    def close(self) -> None: ...


def kinds(environ: Mapping[str, str]) -> list[str]:
    """Return the kinds that can be had: two always, and those whose server the environment names."""
    found = ["sqlite", "postgres"]
    found += ["postgres-server"] if environ.get(POSTGRES_SERVER) else []
    found += ["mariadb-server"] if environ.get(MARIADB_SERVER) else []
    return found


def maker(kind: str, folder: Path) -> Maker:
    if kind == "sqlite":
        return SqliteMaker(folder)
    if kind == "postgres":
        return PostgresMaker(kind, embedded_servers().postgres["postgres"])
    if kind == "postgres-server":
        return PostgresMaker(kind, os.environ[POSTGRES_SERVER])
    return MariadbMaker(os.environ[MARIADB_SERVER])


class SqliteMaker:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        migrate(self._database(self._template).settings(folder))

    def make(self) -> Database:
        file = self._folder / f"{secrets.token_hex(6)}.db"
        shutil.copyfile(self._template, file)
        return self._database(file)

    def drop(self, database: Database) -> None:
        file = make_url(database.url).database or ""
        for each in (file, f"{file}-wal", f"{file}-shm"):
            Path(each).unlink(missing_ok=True)

    def close(self) -> None:
        self._template.unlink()

    def _database(self, file: Path) -> Database:
        return Database("sqlite", f"sqlite:///{file}", f"sqlite:///{file}")


class PostgresMaker:
    """Has its own roles, so that two runs on one server do not meet."""

    def __init__(self, kind: str, superuser_url: str) -> None:
        self._kind = kind
        self._server = make_url(superuser_url)
        self._admin = _autocommit(self._server)
        self._name = f"placet_test_{secrets.token_hex(4)}"
        self._password = secrets.token_urlsafe(16)
        for role in ("owner", "app"):
            self._run(
                f"create role {self._name}_{role} login nosuperuser nobypassrls password '{self._password}'"
            )
        self._template = self._create("template0")
        migrate(self._template.settings(Path("var")))

    def make(self) -> Database:
        return self._create(str(make_url(self._template.url).database))

    def drop(self, database: Database) -> None:
        self._run(f"drop database {make_url(database.url).database} with (force)")

    def close(self) -> None:
        self.drop(self._template)
        for role in ("owner", "app"):
            self._run(f"drop role {self._name}_{role}")
        self._admin.dispose()

    def _create(self, template: str) -> Database:
        name = f"{self._name}_{secrets.token_hex(4)}"
        self._run(f"create database {name} template {template} owner {self._name}_owner")
        return Database(self._kind, self._url("app", name), self._url("owner", name))

    def _url(self, role: str, database: str) -> str:
        url = self._server.set(username=f"{self._name}_{role}", password=self._password, database=database)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        _run(self._admin, statement)


class MariadbMaker:
    """MariaDB has no templates and takes a second to migrate: a used database is emptied and used again."""

    def __init__(self, admin_url: str) -> None:
        self._server = make_url(admin_url)
        self._admin = _autocommit(self._server.set(database=None))
        self._spare: list[Database] = []

    def make(self) -> Database:
        if self._spare:
            return self._spare.pop()
        name = f"placet_test_{secrets.token_hex(6)}"
        _run(self._admin, f"create database {name} character set utf8mb4")
        url = self._server.set(database=name).render_as_string(hide_password=False)
        database = Database("mariadb-server", url, url)
        migrate(database.settings(Path("var")))
        return database

    def drop(self, database: Database) -> None:
        """Empty the database; no migration writes rows, which would be lost."""
        engine = create_engine(database.migration_url)
        with engine.begin() as connection:
            connection.execute(text("set foreign_key_checks = 0"))
            for name in inspect(connection).get_table_names():
                if name != "alembic_version":
                    connection.execute(table(name).delete())
        engine.dispose()
        self._spare.append(database)

    def close(self) -> None:
        for database in self._spare:
            _run(self._admin, f"drop database {make_url(database.url).database}")
        self._admin.dispose()


def _autocommit(url: URL) -> Engine:
    return create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1)


def _run(engine: Engine, statement: str) -> None:
    """Names and passwords in the statement are ours: letters, digits, dash and underscore."""
    with engine.connect() as connection:
        connection.execute(text(statement))
