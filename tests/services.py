"""Which real servers a test run may use: those that answer on their standard loopback ports, as shipped.

`python -m tests.services` prints a line `VARIABLE=URL` for each; what the environment names already stays.
"""

from __future__ import annotations

import os

from kombu.connection import Connection
from sqlalchemy import create_engine
from sqlalchemy.exc import SQLAlchemyError

from tests import brokers, databases

DATABASES = {
    databases.POSTGRES_SERVER: "postgresql+psycopg://postgres@127.0.0.1:5432/postgres?connect_timeout=2",
    databases.MARIADB_SERVER: "mysql+pymysql://root@127.0.0.1:3306/mysql?charset=utf8mb4&connect_timeout=2",
}
# The last of Redis' databases: tests empty the one that they use.
BROKERS = {
    brokers.SERVERS["redis-server"]: "redis://127.0.0.1:6379/15",
    brokers.SERVERS["rabbitmq-server"]: "amqp://guest:guest@127.0.0.1:5672//",
}


def answering() -> dict[str, str]:
    found = {name: url for name, url in DATABASES.items() if name in os.environ or _database_answers(url)}
    found |= {name: url for name, url in BROKERS.items() if name in os.environ or _broker_answers(url)}
    return {name: os.environ.get(name, url) for name, url in found.items()}


def _database_answers(url: str) -> bool:
    engine = create_engine(url)
    try:
        engine.connect().close()
    except SQLAlchemyError:
        return False
    return True


def _broker_answers(url: str) -> bool:
    with Connection(url, connect_timeout=2) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        except connection.connection_errors:
            return False
        except OSError:
            return False
    return True


if __name__ == "__main__":
    for name, url in answering().items():
        print(f"{name}={url}")
