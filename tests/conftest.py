"""What every test may ask for: databases, brokers, a browser, the shared material."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from tests import brokers, chromium, databases
from tests.databases import Database, Maker

pytest_plugins = ("tests.whole_coverage", "tests.tracing")
ROOT = Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the databases with brokers that prove nothing more than the pairs of `brokers.pairs` do.

    And servers where a module says that it stores nothing in a way of its own.
    """
    wanted = brokers.pairs(os.environ)
    superfluous = {item for item in items if _pair(item) not in (None, *wanted) or _is_at_home(item)}
    if superfluous:
        config.hook.pytest_deselected(items=list(superfluous))
        items[:] = [item for item in items if item not in superfluous]


def _is_at_home(item: pytest.Item) -> bool:
    """Whether the item would run on a named database although its module is content with our own."""
    call = getattr(item, "callspec", None)
    on_server = call is not None and str(call.params.get("database", "")).endswith("-server")
    return on_server and item.get_closest_marker("own_databases") is not None


def _pair(item: pytest.Item) -> tuple[str, str] | None:
    """The kinds of database and broker that a test is given by their fixtures, where it has both."""
    call = getattr(item, "callspec", None)  # only parametrized functions have one
    chosen = {mark.args[0] for mark in item.iter_markers("parametrize")}
    if call is None or not {"database", "broker_url"} <= call.params.keys() - chosen:
        return None
    return call.params["database"], call.params["broker_url"]


@pytest.fixture(scope="session")
def database_makers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Maker]]:
    """Holds a maker of each kind from its first use on."""
    makers: dict[str, Maker] = {}
    yield makers
    for each in makers.values():
        each.close()


@pytest.fixture(scope="module", params=databases.kinds(os.environ))
def database(
    request: pytest.FixtureRequest,
    database_makers: dict[str, Maker],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Database]:
    """A migrated database for this module, of each kind in turn.

    For one kind only: `pytest.mark.parametrize("database", ["postgres"], indirect=True)`.
    """
    kind: str = request.param
    if kind not in database_makers:
        database_makers[kind] = databases.maker(kind, tmp_path_factory.mktemp(kind))
    made = database_makers[kind].make()
    yield made
    database_makers[kind].drop(made)


@pytest.fixture(scope="module")
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture(scope="module")
def settings(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """An installation on the module's database, with a `var` of its own."""
    return database.settings(tmp_path_factory.mktemp("var"))


@pytest.fixture(params=brokers.kinds(os.environ))
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty broker, of each kind in turn; parametrize it indirectly for one kind only."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with brokers.empty_broker(request.param, int(worker)) as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """The browser's program; `make test` has seen to it that there is one."""
    found = chromium.find()
    if found is None:
        pytest.fail("there is no Chromium: `make browser` fetches one")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium_path: Path) -> dict[str, object]:
    """How pytest-playwright starts the browser."""
    return {
        "executable_path": str(chromium_path),
        "args": list(chromium.FLAGS),
        "env": chromium.environment(chromium_path),
    }


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The shared material; without it the test is skipped aloud, or fails where it must be there."""
    return find_shared()


def find_shared() -> Path:
    folder = Path(os.environ.get("PLACET_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        reason = f"the shared material is not at {folder}: set PLACET_SHARED"
        if os.environ.get("PLACET_REQUIRE_SHARED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder
