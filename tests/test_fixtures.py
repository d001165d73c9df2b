"""What the fixtures promise to all other tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu.connection import Connection
from playwright.sync_api import Page
from sqlalchemy import create_engine, inspect, text

from tests import brokers
from tests.conftest import find_shared
from tests.databases import Database


def test_a_database_comes_with_all_tables(database: Database) -> None:
    engine = create_engine(database.url)

    tables = inspect(engine).get_table_names()

    assert {"organisations", "orders", "audit_entries"} <= set(tables)
    engine.dispose()


def test_the_application_is_neither_owner_nor_superuser(database: Database) -> None:
    if not database.kind.startswith("postgres"):
        return
    engine = create_engine(database.url)

    with engine.connect() as connection:
        strong = connection.execute(
            text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        ).scalar()
        owned = connection.execute(text("select count(*) from pg_tables where tableowner = current_user"))

    assert not strong
    assert owned.scalar() == 0
    engine.dispose()


def test_a_broker_carries_a_message(broker_url: str) -> None:
    with Connection(broker_url) as connection:
        queue = connection.SimpleQueue("fixture")

        queue.put({"text": "hello"})

        assert queue.get(timeout=5).payload == {"text": "hello"}
        queue.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("servers", "more"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["POSTGRES"], [("postgres-server", "valkey")], id="a database"),
        pytest.param(["REDIS"], [("postgres", "redis-server")], id="a broker"),
        pytest.param(
            ["POSTGRES", "MARIADB", "REDIS", "RABBITMQ"],
            [("postgres-server", "rabbitmq-server"), ("mariadb-server", "redis-server")],
            id="all",
        ),
    ],
)
def test_every_database_and_every_broker_is_in_a_pair(
    servers: list[str], more: list[tuple[str, str]]
) -> None:
    environ = {f"PLACET_TEST_{each}_URL": "a url" for each in servers}

    assert brokers.pairs(environ) == [("sqlite", "valkey"), ("postgres", "valkey"), *more]


def test_a_browser_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Placet</h1>")

    assert page.get_by_role("heading").inner_text() == "Placet"


def test_the_shared_material_is_a_folder(shared_dir: Path) -> None:
    assert shared_dir.is_dir()


@pytest.mark.parametrize(
    ("required", "outcome"),
    [
        pytest.param("1", pytest.fail.Exception, id="fails where it must be there"),
        pytest.param("", pytest.skip.Exception, id="is skipped aloud elsewhere"),
    ],
)
def test_absent_shared_material(
    required: str, outcome: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACET_SHARED", str(tmp_path / "absent"))
    monkeypatch.setenv("PLACET_REQUIRE_SHARED", required)

    with pytest.raises(outcome, match="set PLACET_SHARED"):
        find_shared()
