"""How long it takes from the last approval to its first handler: over outbox, relay, broker and worker."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from statistics import quantiles

import orjson
import psycopg

from bench import business, results
from bench.business import DECISION
from bench.harness import Client, installation, running, web
from tasks import children
from tasks.embedded import Valkey
from tasks.embedded.postgres import SUPERUSER

WARM_UP, MEASURED = 10, 60
PAUSE_SECONDS = 0.05
READY_SECONDS = 60.0


def measure() -> dict[str, float]:
    with installation() as found:
        valkey = Valkey(found.postgres.folder / "valkey", children.free_port(), secrets.token_hex(8))
        valkey.start()
        place = replace(found, environ={**found.environ, "PLACET_BROKER_URL": valkey.url})
        with business.application(place.settings):
            firm = business.open_business("bench", "handover")
            items = business.start_instances(firm, WARM_UP + MEASURED, "handover")
        log = place.postgres.folder / "worker.log"
        with web(place, 1), running(place, "worker"), running(place, "relay"):
            first = Client(place.settings.port, firm.token)
            first.post(f"/api/v1/inbox/{items[0]}/complete", DECISION)
            first.close()
            _wait_for(log, 1)  # until worker and relay have started
            client = Client(place.settings.port, firm.token)
            for item in items[1:]:
                client.post(f"/api/v1/inbox/{item}/complete", DECISION)
                time.sleep(PAUSE_SECONDS)
            _wait_for(log, len(items))
            client.close()
        with psycopg.connect(place.postgres.conninfo(SUPERUSER, "placet")) as connection:
            asked = dict(connection.execute("select id::text, created_at from service_calls").fetchall())
        valkey.stop()
        waits = sorted(_waits(log, asked))
    return {"handler.wait_ms_p95": quantiles(waits[-MEASURED:], n=20)[-1]}


def _wait_for(log: Path, count: int) -> None:
    end = time.monotonic() + READY_SECONDS
    while len(_lines(log)) < count:
        if time.monotonic() > end:
            raise RuntimeError(f"{count} calls were not performed within {READY_SECONDS:.0f} s")
        time.sleep(0.02)


def _lines(log: Path) -> list[bytes]:
    return [line for line in log.read_bytes().splitlines() if b'"event": "call"' in line]


def _waits(log: Path, asked: dict[str, datetime]) -> Iterable[float]:
    """Milliseconds from the decision's moment to the handler's start, of all but the first calls."""
    for line in _lines(log)[WARM_UP:]:
        said = orjson.loads(line)
        started_at = datetime.fromisoformat(said["timestamp"]) - timedelta(milliseconds=said["ms"])
        yield (started_at - asked[said["call"]]).total_seconds() * 1000


if __name__ == "__main__":
    results.record(measure())
