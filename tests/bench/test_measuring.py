"""The measuring itself: figures are kept, and what is counted is what happened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from SpiffWorkflow.util.task import TaskState

from bench import engine, limit, processes, results
from bench import rules as rules_bench
from bench.counters import Counters
from rules import dmn
from tasks.embedded import Postgres, open_folder
from tasks.embedded.postgres import APP, SUPERUSER


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    folder = open_folder("placet-counters-")
    server = Postgres(folder, {"shared-preload-libraries": "pg_stat_statements"})
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


def test_a_partial_run_keeps_the_figures_of_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    results.record({"inbox.ratio": 1.5, "complete.cpu_ms": 3.0}, file)

    results.record({"complete.cpu_ms": 2.5}, file)

    written = json.loads(file.read_text())
    assert written["figures"] == {"complete.cpu_ms": 2.5, "inbox.ratio": 1.5}
    assert set(written) == {"machine", "date", "figures"}


def test_the_machine_is_described_without_its_name() -> None:
    described = results.machine()

    assert f"{os.cpu_count()} x " in described
    assert os.uname().nodename not in described


def test_cpu_time_of_children_counts() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess, sys, time; subprocess.run([sys.executable, '-c', {burn!r}])",
        ]
    )

    spent = 0.0
    end = time.monotonic() + 20
    while parent.poll() is None and time.monotonic() < end:
        spent = max(spent, processes.cpu_ms(parent.pid))
        time.sleep(0.01)

    assert 200 <= spent <= 5000


def test_memory_is_that_of_the_process() -> None:
    assert 10 < processes.resident_mib(os.getpid()) < 4000


def test_statements_and_commits_are_counted_apart(postgres: Postgres) -> None:
    postgres.create_database("counted")
    counters = Counters(postgres.conninfo(SUPERUSER, "counted"), APP)

    counters.begin()
    with psycopg.connect(postgres.conninfo(APP, "counted")) as connection:
        for _ in range(3):
            connection.execute("select 1")
            connection.execute("select 2")
            connection.commit()
        connection.execute("select 3")
        connection.rollback()
    counts = counters.end()

    assert (counts.statements, counts.commits) == (7, 3)
    counters.close()


def test_the_log_grows_by_what_was_written(postgres: Postgres) -> None:
    postgres.create_database("logged")
    with psycopg.connect(postgres.conninfo(SUPERUSER, "logged"), autocommit=True) as connection:
        connection.execute("create table written (text text)")
        counters = Counters(postgres.conninfo(SUPERUSER, "logged"), APP)

        counters.begin()
        connection.execute("insert into written select repeat('x', 1000) from generate_series(1, 100)")
        counts = counters.end()

    assert 100_000 < counts.wal_bytes < 1_000_000
    counters.close()


def test_the_limit_is_a_rate_of_real_commits(postgres: Postgres) -> None:
    rate = limit.per_second(postgres.conninfo(SUPERUSER), clients=2, seconds=0.5)

    with psycopg.connect(postgres.conninfo(SUPERUSER)) as connection:
        row = connection.execute("select sum(version) from limit_instances").fetchone()
    assert row
    warmed_up = 2 * 10
    assert rate * 0.5 == row[0] - warmed_up


def test_the_table_that_is_timed_gives_the_answer_of_its_last_row() -> None:
    model = dmn.load(rules_bench.table(20))

    assert model.decide("level", {"amount": 15_500, "region": "US"}).value == "last"
    assert len(dmn.load(rules_bench.large_table(500)).tables[0].rules) == 500


@pytest.mark.parametrize(
    ("drawn", "rounds", "given", "opened"),
    [
        pytest.param(engine.approval_diagram, 0, {"rejected": False}, "manager", id="approved"),
        pytest.param(engine.approval_diagram, 0, {"rejected": True}, None, id="rejected"),
        pytest.param(engine.loop_diagram, 5, {"again": True}, "look", id="another round"),
        pytest.param(engine.loop_diagram, 5, {"again": False}, None, id="the last round"),
        pytest.param(engine.many_diagram, 2, {"verdict": 1}, None, id="one of several"),
    ],
)
def test_both_engines_do_the_same_in_what_is_timed(
    drawn: Callable[[], bytes], rounds: int, given: dict[str, object], opened: str | None
) -> None:
    pair = engine.Pair(drawn(), {**engine.ORDER, "people": ["a", "b", "c", "d"]}, rounds)

    ours, theirs = pair.ours(given), pair.serializer.deserialize_json(pair.theirs(given))

    waiting = [task.task_spec.bpmn_id for task in theirs.get_tasks(state=TaskState.READY, manual=True)]
    assert bool(ours.finished) == theirs.is_completed()
    assert [task.element for task in ours.opened] == ([opened] if opened else [])
    assert {name for _, name in ours.tokens} == {name.removesuffix(" [child]") for name in waiting}


def test_works_are_timed_in_turn_and_as_often_as_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "ROUND_SECONDS", 0)
    done: list[str] = []

    quick, slow = engine.medians(
        lambda: done.append("quick"), lambda: (done.append("slow"), sum(range(100_000)))
    )

    assert done == (["quick"] * 3 + ["slow"] * 3) * engine.ROUNDS
    assert 10 * quick < slow
