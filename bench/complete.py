"""What one completed user task costs over HTTP, and how near that is to the bare durable commit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import mean

from bench import business, limit, processes, results
from bench.business import DECISION, STEPS, Business
from bench.counters import Counters
from bench.harness import Client, Installation, installation, web
from tasks.embedded.postgres import APP, SUPERUSER

WARM_UP = 40  # instances
MEASURED = 150
CLIENTS = 4


def measure() -> dict[str, float]:
    with installation() as place:
        with business.application(place.settings):
            firm = business.open_business("bench")
            figures = _start_costs(place, firm)
            alone = business.start_instances(firm, WARM_UP + MEASURED)
            together = business.start_instances(firm, WARM_UP + 4 * MEASURED)
        figures |= _one_client(place, firm, alone)
        conninfo = place.postgres.conninfo(SUPERUSER)
        before = limit.per_second(conninfo, CLIENTS, 4)
        rate = _four_clients(place, firm, together)
        at_limit = mean([before, limit.per_second(conninfo, CLIENTS, 4)])
        return {
            **figures,
            "complete.per_s_4": rate,
            "limit.per_s_1": limit.per_second(conninfo, 1, 4),
            "limit.per_s_4": at_limit,
            "complete.ratio_to_limit_4": rate / at_limit,
        }


def _start_costs(place: Installation, firm: Business) -> dict[str, float]:
    """Starting is no request of its own: it is measured inside this process."""
    business.start_instances(firm, WARM_UP)
    counters = Counters(place.postgres.conninfo(SUPERUSER, "placet"), APP)
    counters.begin()
    began = time.process_time()
    business.start_instances(firm, MEASURED)
    cpu_ms = (time.process_time() - began) * 1000
    counts = counters.end()
    counters.close()
    return {"start.cpu_ms": cpu_ms / MEASURED, "start.sql": counts.statements / MEASURED}


def _one_client(place: Installation, firm: Business, items: Sequence[str]) -> dict[str, float]:
    with web(place, workers=1) as server:
        complete_all(place, firm, items[:WARM_UP])
        counters = Counters(place.postgres.conninfo(SUPERUSER, "placet"), APP)
        database = place.postgres.process
        assert database
        counters.begin()
        cpu, database_cpu = processes.cpu_ms(server), processes.cpu_ms(database.pid)
        seconds = complete_all(place, firm, items[WARM_UP:])
        cpu, database_cpu = processes.cpu_ms(server) - cpu, processes.cpu_ms(database.pid) - database_cpu
        counts = counters.end()
        counters.close()
    completed = (len(items) - WARM_UP) * STEPS
    return {
        "complete.cpu_ms": cpu / completed,
        "complete.database_cpu_ms": database_cpu / completed,
        "complete.sql": counts.statements / completed,
        "complete.commits": counts.commits / completed,
        "complete.wal_bytes": counts.wal_bytes / completed,
        "complete.per_s_1": completed / seconds,
    }


def _four_clients(place: Installation, firm: Business, items: Sequence[str]) -> float:
    with web(place, workers=2):
        _share(place, firm, items[:WARM_UP])
        began = time.perf_counter()
        _share(place, firm, items[WARM_UP:])
        return (len(items) - WARM_UP) * STEPS / (time.perf_counter() - began)


def _share(place: Installation, firm: Business, items: Sequence[str]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        parts = [items[position::CLIENTS] for position in range(CLIENTS)]
        list(pool.map(lambda part: complete_all(place, firm, part), parts))


def complete_all(place: Installation, firm: Business, items: Sequence[str]) -> float:
    """Take each instance from its first work item to its end; return the seconds that took."""
    client = Client(place.settings.port, firm.token)
    began = time.perf_counter()
    for item in items:
        for _ in _to_the_end(client, item):
            pass
    seconds = time.perf_counter() - began
    client.close()
    return seconds


def _to_the_end(client: Client, item: str) -> Iterator[str]:
    following: str | None = item
    while following:
        yield following
        answer = client.post(f"/api/v1/inbox/{following}/complete", DECISION)
        following = answer["next"][0]["id"] if answer["next"] else None
    if not answer["instance"]["finished"]:
        raise RuntimeError(f"the instance of work item {item} did not end")


if __name__ == "__main__":
    results.record(measure())
