"""Laws of the house that no other tool checks."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Delete, Insert, Select, Update, create_engine, text

from app import models as models
from app.database import Model, Owned
from app.migrating import owned_tables
from app.processes import statements
from tests.databases import Database

ROOT = Path(__file__).resolve().parent.parent
OURS = ("app", "workflows", "rules", "tasks")


def _sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), file.read_text("utf-8")


def _lines_with(pattern: str, *folders: str) -> set[str]:
    found = set()
    for name, source in _sources(*folders):
        for number, line in enumerate(source.splitlines(), 1):
            if re.search(pattern, line):
                found.add(f"{name}:{number}: {line.strip()}")
    return found


def test_only_the_database_module_commits() -> None:
    commits = _lines_with(r"\.commit\(\)", *OURS)

    assert {line.split(":")[0] for line in commits} == {"app/database.py"}


def test_no_effect_happens_in_the_layers_that_must_have_none() -> None:
    effects = _lines_with(
        r"\.delay\(|apply_async|requests\.(get|post)|httpx\.|smtplib", "app", "workflows", "rules"
    )

    assert effects == set()


def test_a_broad_except_stands_only_at_the_edges() -> None:
    broad = _lines_with(r"except (Exception|BaseException)\b|except:", "app", "workflows", "rules")

    assert broad == set()


def test_every_table_but_organisations_says_whose_a_row_is() -> None:
    without = {
        mapper.local_table.name  # type: ignore[attr-defined] # every mapped class here has a real table
        for mapper in Model.registry.mappers
        if not issubclass(mapper.class_, Owned)
    }

    assert without == {"organisations"}


@pytest.mark.parametrize(
    "name", [name for name in dir(statements) if name.isupper() and not name.startswith("_")]
)
def test_every_statement_of_the_hot_path_binds_the_organisation(name: str) -> None:
    statement = getattr(statements, name)
    if isinstance(statement, Insert) or not isinstance(statement, Select | Update | Delete):
        return

    assert "b_org_id" in statement.compile().params, name


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_row_level_security_is_forced_on_every_owned_table(database: Database) -> None:
    engine = create_engine(database.url)

    with engine.connect() as connection:
        forced = connection.execute(
            text("select relname from pg_class where relrowsecurity and relforcerowsecurity")
        )
        names = {row.relname for row in forced}
    engine.dispose()

    assert set(owned_tables()) | {"organisations"} == names


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_without_an_organisation_no_row_is_seen(database: Database) -> None:
    engine = create_engine(database.migration_url)
    with engine.begin() as connection:
        connection.execute(text("select set_config('app.org', '*', true)"))
        connection.execute(
            text(
                "insert into organisations"
                " (id, slug, name, locale, currency, time_zone, settings, created_at)"
                " values (gen_random_uuid(), 'seen', 'Seen', 'en', 'EUR', 'UTC', '{}', now())"
            )
        )
    engine.dispose()
    app_engine = create_engine(database.url)

    with app_engine.connect() as connection:
        count = connection.execute(text("select count(*) from organisations")).scalar()
    app_engine.dispose()

    assert count == 0


def test_the_repository_names_no_machine_and_no_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    files = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    pattern = re.compile(r'"resolved": "https?:|index-url|files\.pythonhosted|registry\.npmjs')
    named = [
        name
        for name in files
        if Path(name).suffix in {".json", ".lock", ".toml", ".md", ".py", ".yml", ".txt", ""}
        and name != "tests/test_laws.py"
        and pattern.search((ROOT / name).read_text("utf-8", errors="ignore"))
    ]

    assert named == []
