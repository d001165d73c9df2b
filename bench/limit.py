"""The limit of this machine: a durable transaction of our shape in the bare driver.

It locks and reads one row of 10 kB, updates it, inserts 3 rows and commits.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.connection import Connection

import psycopg

from bench import results
from bench.harness import durable_postgres
from tasks.embedded.postgres import SUPERUSER

ROWS = 2000
STATE_BYTES = 5000  # as hexadecimal 10 kB, which does not compress
SECONDS = 6.0
_TABLES = """
drop table if exists limit_events, limit_instances;
create table limit_instances (id int primary key, version int not null, state text not null);
create table limit_events (
    id bigint generated always as identity primary key,
    instance_id int not null,
    kind text not null,
    data text not null
);
create index on limit_events (instance_id);
"""


def measure() -> dict[str, float]:
    with durable_postgres() as postgres:
        conninfo = postgres.conninfo(SUPERUSER)
        return {f"limit.per_s_{clients}": per_second(conninfo, clients) for clients in (1, 4)}


def per_second(conninfo: str, clients: int, seconds: float = SECONDS) -> float:
    """Return the rate of commits of so many clients, each in a process of its own."""
    _fill(conninfo)
    start_methods = multiprocessing.get_context("spawn")
    ends, workers = [], []
    for position in range(clients):
        ours, theirs = start_methods.Pipe()
        worker = start_methods.Process(target=_client, args=(conninfo, position, seconds, theirs))
        worker.start()
        ends.append(ours)
        workers.append(worker)
    for end in ends:
        end.recv()  # connected
    for end in ends:
        end.send("go")
    done = sum(end.recv() for end in ends)
    for worker in workers:
        worker.join()
    return float(done) / seconds


def _fill(conninfo: str) -> None:
    chance = random.Random(1)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_TABLES)
        with connection.cursor().copy("copy limit_instances (id, version, state) from stdin") as copy:
            for number in range(ROWS):
                copy.write_row((number, 0, chance.randbytes(STATE_BYTES).hex()))
        connection.execute("checkpoint")


def _client(conninfo: str, position: int, seconds: float, pipe: Connection) -> None:
    chance = random.Random(position)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for _ in range(10):
            _transact(connection, chance)
        pipe.send("connected")
        pipe.recv()
        done, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            _transact(connection, chance)
            done += 1
        pipe.send(done)


def _transact(connection: psycopg.Connection[tuple[object, ...]], chance: random.Random) -> None:
    number, state = chance.randrange(ROWS), chance.randbytes(STATE_BYTES).hex()
    with connection.transaction():
        connection.execute("select version, state from limit_instances where id = %s for update", (number,))
        connection.execute(
            "update limit_instances set version = version + 1, state = %s where id = %s", (state, number)
        )
        connection.cursor().executemany(
            "insert into limit_events (instance_id, kind, data) values (%s, %s, %s)",
            [(number, "completed", "d" * 200)] * 3,
        )


if __name__ == "__main__":
    results.record(measure())
