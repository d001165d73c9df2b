"""What Prometheus may know: counters of all processes of this machine, and what the database says now.

The counters lie in files under `var/metrics`, one for each process; the web's `/metrics` adds them up.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy import func, select

from app.config import Settings
from app.database import across_organisations
from app.moments import utc_now
from app.outbox.queries import lag
from app.processes.models import Incident, Timer

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram
    from prometheus_client.metrics_core import Metric

_making = Lock()
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
FORGOTTEN_AFTER_SECONDS = 86_400
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class _Meters:
    requests: Histogram
    calls: Histogram
    published: Counter
    fired: Counter
    anchors: Counter


def prepare(settings: Settings) -> None:
    """Say where this process keeps its counters; before any of them is used."""
    folder = Path(os.environ.setdefault(_FOLDER, str(settings.var / "metrics")))
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _forget_old(folder)


def _forget_old(folder: Path) -> None:
    """Remove the files of processes that have been gone for a day, so that they do not pile up."""
    oldest = time.time() - FORGOTTEN_AFTER_SECONDS
    for file in folder.glob("*.db"):
        try:
            if file.stat().st_mtime < oldest:
                file.unlink()
        except FileNotFoundError:
            continue  # another process was faster


def _meters() -> _Meters:
    # The library refuses to make a meter twice, and threads may come at once: relay and clock do.
    with _making:
        return _made_meters()


@cache
def _made_meters() -> _Meters:
    """Make the meters at their first use: the library reads its folder when it is imported."""
    from prometheus_client import Counter, Histogram  # see above

    return _Meters(
        requests=Histogram(
            "placet_request_seconds", "Answering a request", ("method", "route", "status"), buckets=_SECONDS
        ),
        calls=Histogram(
            "placet_call_seconds", "Performing a service call", ("handler", "outcome"), buckets=_SECONDS
        ),
        published=Counter("placet_published", "Messages that the relay gave to the broker"),
        fired=Counter("placet_fired", "Timers and held decisions that came due", ("kind", "outcome")),
        anchors=Counter("placet_anchors", "Anchors that the sealer wrote"),
    )


def call_performed(handler: str, outcome: str, seconds: float) -> None:
    _meters().calls.labels(handler, outcome).observe(seconds)


def published(count: int) -> None:
    _meters().published.inc(count)


def fired(kind: str, outcome: str) -> None:
    _meters().fired.labels(kind, outcome).inc()


def sealed(count: int) -> None:
    _meters().anchors.inc(count)


def init(app: Flask, settings: Settings) -> None:
    prepare(settings)
    app.before_request(_begin)
    app.after_request(_end)
    app.add_url_rule("/metrics", "metrics", _show)


def _begin() -> None:
    g.metered_from = time.perf_counter()


def _end(response: Response) -> Response:
    began_at = g.get("metered_from")
    if began_at is not None:
        route = request.url_rule.rule if request.url_rule else "none"
        meter = _meters().requests.labels(request.method, route, str(response.status_code))
        meter.observe(time.perf_counter() - began_at)
    return response


def _show() -> Response:
    """Show what every process counted, and what the database says at this moment."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=os.environ[_FOLDER])  # type: ignore[no-untyped-call] # it has no types
    registry.register(_Standing())
    return current_app.response_class(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Standing:
    """The numbers that are the installation's and no process's own."""

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily  # see _meters

        for name, (text, value) in standing().items():
            yield GaugeMetricFamily(name, text, value=value)


def standing() -> dict[str, tuple[str, float]]:
    """Return what an operator watches: how far machines lag, and what waits for a person."""
    now = utc_now()
    with across_organisations() as tx:
        outbox = lag(tx, now)
        incidents: Any = select(func.count()).where(Incident.resolved_at.is_(None))
        late: Any = select(func.count()).where(Timer.due_at <= now)
        return {
            "placet_outbox_calls": ("Due service calls that nobody has begun", outbox.calls),
            "placet_outbox_lag_seconds": ("How long the oldest has waited", outbox.age.total_seconds()),
            "placet_incidents_open": ("Incidents that wait for an operator", tx.session.scalar(incidents)),
            "placet_timers_late": ("Timers that are due and have not fired", tx.session.scalar(late)),
        }
