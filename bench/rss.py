"""How much memory a web worker holds after it has served for a while."""

from __future__ import annotations

from bench import business, complete, processes, results
from bench.harness import Client, installation, web

INSTANCES = 60


def measure() -> dict[str, float]:
    with installation() as place:
        with business.application(place.settings):
            firm = business.open_business("bench")
            items = business.start_instances(firm, INSTANCES)
        with web(place, workers=1) as server:
            complete.complete_all(place, firm, items)
            client = Client(place.settings.port, firm.token)
            for path in ("/api/v1/inbox", "/api/v1/inbox/counts", "/api/openapi.json"):
                client.get(path)
            client.close()
            (worker,) = (process for process in processes.tree(server) if process != server)
            return {"web.rss_mib": processes.resident_mib(worker)}


if __name__ == "__main__":
    results.record(measure())
