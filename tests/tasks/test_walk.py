"""The whole walk on every database and broker that we say we run on, each with the real commands."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import brokers, databases
from tests.databases import Database, Maker
from tests.tasks.running import Running, running_placet

# SQLite and Valkey together are `placet run` itself, in test_run.py.
PAIRS: Sequence[tuple[str, str]] = brokers.pairs(os.environ)[1:]


@pytest.fixture(params=PAIRS, ids="-".join)
def running(
    request: pytest.FixtureRequest,
    database_makers: dict[str, Maker],
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
) -> Iterator[Running]:
    database_kind, broker_kind = request.param
    with ExitStack() as stack:
        environ = {}
        if database_kind != "sqlite":
            if database_kind not in database_makers:
                folder = tmp_path_factory.mktemp(database_kind)
                database_makers[database_kind] = databases.maker(database_kind, folder)
            maker = database_makers[database_kind]
            made: Database = maker.make()
            stack.callback(maker.drop, made)
            environ |= {"PLACET_DATABASE_URL": made.url, "PLACET_MIGRATION_URL": made.migration_url}
        if broker_kind != "valkey":
            environ["PLACET_BROKER_URL"] = stack.enter_context(brokers.empty_broker(broker_kind, 0))
        yield stack.enter_context(running_placet(tmp_path / "var", **environ))


@pytest.mark.untraced
def test_an_order_goes_from_need_to_closed_and_the_record_verifies(running: Running) -> None:
    walked = running.placet("walk")
    verified = running.placet("audit", "verify")

    assert re.fullmatch(r"order O-\d+ closed", walked.stdout.splitlines()[-1]), walked.stderr + running.said()
    assert re.fullmatch(r"audit ok: \d+ streams, \d+ entries", verified.stdout.splitlines()[-1])
    assert (walked.returncode, verified.returncode) == (0, 0)
    assert list((running.var / "audit").glob("*.json"))
    assert "witness" not in verified.stdout  # it was asked, and knows all
