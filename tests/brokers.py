"""The brokers that worker tests run against, each empty when a test gets it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

from kombu.connection import Connection

from tests import databases
from tests.servers import embedded_servers

SERVERS = {"redis-server": "PLACET_TEST_REDIS_URL", "rabbitmq-server": "PLACET_TEST_RABBITMQ_URL"}
# RabbitMQ cannot be emptied as a whole: the queues that we, and the tests of the fixtures, declare.
QUEUES = ("celery", "fixture")


def kinds(environ: Mapping[str, str]) -> list[str]:
    return ["valkey", *(kind for kind, variable in SERVERS.items() if environ.get(variable))]


def pairs(environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return databases with brokers, for what needs both: each of either once, not each with each.

    What we say to a database does not depend on the broker, so their product would prove nothing more.
    """
    own = [("sqlite", "valkey"), ("postgres", "valkey")]
    stores = [kind for kind in databases.kinds(environ) if kind.endswith("-server")]
    carriers = [kind for kind in kinds(environ) if kind.endswith("-server")]
    return own + [
        (store or "postgres", carrier or "valkey") for store, carrier in zip_longest(stores, carriers[::-1])
    ]


@contextmanager
def empty_broker(kind: str, worker: int) -> Iterator[str]:
    """Give one test a broker of its own: a database of Valkey, or a server while nobody else has it."""
    if kind == "valkey":
        url = embedded_servers().valkey.replace("virtual_host=0", f"virtual_host={worker}")
        _clear(url)
        yield url
        return
    url = os.environ[SERVERS[kind]]
    with (Path(tempfile.gettempdir()) / f"placet-{kind}-{os.geteuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _clear(url)
        yield url
        _clear(url)


def _clear(url: str) -> None:
    """Forget all messages: the test URL names a database, or a host, that is for tests only."""
    with Connection(url) as connection:
        if "redis" in connection.transport_cls:
            connection.default_channel.client.flushdb()
            return
        with connection.channel() as channel:
            for queue in QUEUES:
                channel.queue_delete(queue)
