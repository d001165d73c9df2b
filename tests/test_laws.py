"""Laws of the house that no other tool checks."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
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
            name = file.relative_to(ROOT)
            # An environment that a benchmark made is none of ours.
            if not any(part.startswith(".") for part in name.parts):
                yield str(name), file.read_text("utf-8")


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
                " (id, slug, name, locale, currency, time_zone, settings, profiles_unasked, created_at)"
                " values (gen_random_uuid(), 'seen', 'Seen', 'en', 'EUR', 'UTC', '{}', true, now())"
            )
        )
    engine.dispose()
    app_engine = create_engine(database.url)

    with app_engine.connect() as connection:
        count = connection.execute(text("select count(*) from organisations")).scalar()
    app_engine.dispose()

    assert count == 0


def test_the_repository_names_no_machine_and_no_registry() -> None:
    pattern = re.compile(r'"resolved": "https?:|index-url|files\.pythonhosted|registry\.npmjs')
    named = [
        name
        for name in _committed()
        if Path(name).suffix in {".json", ".lock", ".toml", ".md", ".py", ".yml", ".txt", ""}
        and name != "tests/test_laws.py"
        and pattern.search((ROOT / name).read_text("utf-8", errors="ignore"))
    ]

    assert named == []


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile"])
def test_what_the_locks_name_is_installed_without_looking_for_more(file: str) -> None:
    """Pip 23.2 takes a newer release for a dependency with extras, and refuses it then: it has no hash."""
    lines = [line for line in (ROOT / file).read_text("utf-8").splitlines() if "--require-hashes" in line]

    assert lines
    assert [line for line in lines if "--no-deps" not in line] == []


def test_the_lock_leaves_out_nothing_that_its_packages_need() -> None:
    found = {canonicalize_name(each.name): each.version for each in distributions()}
    needed = [
        (each.name, needs)
        for each in distributions()
        if each.name != "placet"
        for needs in map(Requirement, each.requires or ())
        if not needs.marker or needs.marker.evaluate({"extra": ""})
    ]

    lacking = [
        f"{name} needs {needs}"
        for name, needs in needed
        if not needs.specifier.contains(found.get(canonicalize_name(needs.name), "0"), prereleases=True)
        or canonicalize_name(needs.name) not in found
    ]

    assert len(needed) > 100
    assert lacking == []


def _modules(*folders: str) -> Iterator[tuple[str, str, ast.Module]]:
    for name, source in _sources(*folders):
        yield name, source, ast.parse(source)


def test_every_module_says_why_it_exists() -> None:
    silent = [
        name
        for name, source, tree in _modules(*OURS, "bench", "tests", "tools")
        if source.strip() and not ast.get_docstring(tree)
    ]

    assert silent == []


# Modules that are one subject and cannot be read in two halves.
LONG = {"app/processes/projections.py": "all that one step writes, in the order in which it is written"}


def test_a_module_fits_in_one_reading() -> None:
    lengths = {name: source.count("\n") for name, source in _sources(*OURS, "tools")}

    assert {name for name, lines in lengths.items() if lines > 300} <= set(LONG)
    assert [name for name, lines in lengths.items() if lines > 400] == []


def test_an_error_says_a_sentence_that_can_be_translated() -> None:
    technical = ("AssertionError", "RuntimeError", "ValueError", "NotReadyError")
    mixed = [
        f"{name}:{call.lineno}"
        for name, _, tree in _modules("app")
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        if call.func.id.endswith("Error") and call.func.id not in technical
        for text in _texts_of(call)
        if isinstance(text, ast.JoinedStr)
    ]
    gathered = _lines_with(r"\bwrong\[.*= \[f[\"']", "app")

    assert mixed == []
    assert gathered == set()


def _texts_of(call: ast.Call) -> Iterator[ast.expr]:
    """Yield what an error is told in words: its arguments, and the values of its fields."""
    waiting: list[ast.expr] = list(call.args)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.List | ast.Tuple):
            waiting += node.elts
        elif isinstance(node, ast.Dict):
            waiting += node.values
        elif isinstance(node, ast.DictComp):
            waiting.append(node.value)
        elif isinstance(node, ast.ListComp):
            waiting.append(node.elt)


def test_nothing_is_skipped_but_aloud_for_lack_of_the_shared_material() -> None:
    skipping = _lines_with(r"pytest\.(skip|xfail)\(|mark\.(skip|skipif|xfail)\b|importorskip", "tests")

    assert {line.split(":")[0] for line in skipping} <= {
        "tests/conftest.py",
        "tests/conformance/shared.py",
        "tests/test_laws.py",
    }


def test_nothing_is_left_to_do_without_saying_where() -> None:
    left = _lines_with(r"#\s*(TODO|FIXME|XXX|HACK)\b", *OURS, "tests", "bench", "tools")

    assert left == set()


def test_every_exception_to_a_check_says_its_reason() -> None:
    bare = _lines_with(r"# type: ignore(\[[\w\-, ]+\])?\s*$|# noqa\s*$", *OURS)

    assert bare == set()


def test_no_file_names_a_place_on_one_machine() -> None:
    pattern = re.compile(r"(?<![\w.])/(home|root|work|Users|tmp)/\w")
    named = [
        name
        for name in _committed()
        if Path(name).suffix in {".py", ".md", ".toml", ".yml", ".sh", ".js", ".mjs", ".html", ""}
        and name not in {"tests/test_laws.py"}
        and pattern.search((ROOT / name).read_text("utf-8", errors="ignore"))
    ]

    assert named == []


def _committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_what_is_generated_is_not_committed() -> None:
    generated = [name for name in _committed() if name.endswith((".mo", ".pyc")) or "/static/dist/" in name]

    assert generated == []


def test_ci_runs_the_same_tests_as_everybody() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")

    assert script.rstrip().endswith("exec make test")
    assert "PLACET_REQUIRE_SHARED=1" in script
