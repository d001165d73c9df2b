"""The installation that is killed: two of everything but the broker, on PostgreSQL, under our supervisor."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from uuid import UUID

from app import create_app
from app.config import Settings, load_settings
from app.database import db
from app.migrating import migrate
from tasks import children
from tasks.embedded import Postgres, Valkey
from tasks.embedded.valkey import ASIDES
from tasks.probing import HttpProbe
from tasks.supervise import Service, Supervisor
from tests.builders import Firm, a_firm
from tests.chaos.party import Parties, open_parties
from tests.selling import a_customer, a_product, publish_shipped
from tests.servers import ROOT

STOP_ORDER = ("web-1", "web-2", "relay-1", "relay-2", "worker-1", "worker-2", "broker")
ON_HAND = {"common": 1_000_000, "scarce": 100}


@dataclass(frozen=True, slots=True)
class Stage:
    """`conninfo` is the superuser's, from whom nothing is hidden; `headers` prove a person by their name."""

    settings: Settings
    environ: dict[str, str]
    conninfo: str
    headers: dict[str, dict[str, str]]
    products: dict[str, UUID]
    customers: tuple[UUID, ...]
    parties: Parties
    web_ports: tuple[int, int]
    supervisor: Supervisor
    ready: Event


@contextmanager
def open_stage(folder: Path, write: Callable[[str], None]) -> Iterator[Stage]:
    """Prepare servers and a business; the caller runs the supervisor, in the main thread."""
    postgres = Postgres(folder / "postgres")
    postgres.start()
    valkey = Valkey(folder / "valkey", children.free_port(), secrets.token_hex(8))
    try:
        with open_parties() as parties:
            urls = postgres.create_database("placet")
            environ = _environ(folder, urls.url, urls.migration_url, valkey.url, parties.url)
            settings = load_settings(environ)
            migrate(settings)
            ports = (children.free_port(), children.free_port())
            ready = Event()
            supervisor = Supervisor(_services(valkey, environ, ports, ready), STOP_ORDER, write)
            made = create_app(settings)
            with made.app_context():
                firm, products, customers = _business(parties.url)
                yield Stage(
                    settings=settings,
                    environ=environ,
                    conninfo=postgres.conninfo("postgres", "placet"),
                    headers={name: firm.headers(name) for name in firm.actors},
                    products=products,
                    customers=customers,
                    parties=parties,
                    web_ports=ports,
                    supervisor=supervisor,
                    ready=ready,
                )
                db.engine.dispose()
    finally:
        postgres.stop()


def _environ(folder: Path, url: str, migration_url: str, broker_url: str, party_url: str) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PLACET_")},
        "PYTHONPATH": str(ROOT),
        "PLACET_VAR": str(folder / "var"),
        "PLACET_DATABASE_URL": url,
        "PLACET_MIGRATION_URL": migration_url,
        "PLACET_BROKER_URL": broker_url,
        "PLACET_SECRET_KEY": secrets.token_hex(16),
        "PLACET_AUDIT_KEY": secrets.token_hex(16),
        "PLACET_RATE_LIMITS": "off",
        "PLACET_UNDO_SECONDS": "1",
        "PLACET_HTTP_ALLOWED_PRIVATE": party_url.removeprefix("http://"),
    }


def _services(valkey: Valkey, environ: dict[str, str], ports: tuple[int, int], ready: Event) -> list[Service]:
    """Return them in the order of their start; when the last of them serves, `ready` is set."""

    def placet(name: str, *words: str, port: int = 0) -> Service:
        command = [sys.executable, "-m", "tasks.cli", *words]
        service = Service(name, command, environ, stop_seconds=20)
        return replace(service, is_ready=HttpProbe(port, "/healthz")) if port else service

    serve = ("serve", "--workers", "1", "--port")
    return [
        Service("broker", valkey.prepare(), is_ready=valkey.answers, unsaid=ASIDES),
        placet("worker-1", "worker"),
        placet("worker-2", "worker"),
        placet("relay-1", "relay"),
        placet("relay-2", "relay"),
        placet("web-1", *serve, str(ports[0]), port=ports[0]),
        replace(placet("web-2", *serve, str(ports[1]), port=ports[1]), when_ready=ready.set),
    ]


def _business(party_url: str) -> tuple[Firm, dict[str, UUID], tuple[UUID, ...]]:
    there = {"kind": "http", "url": party_url}
    firm = a_firm(
        {
            "carrier": {**there, "name": "Carrier"},
            "payments": {**there, "name": "Bank"},
            "supplier": {"kind": "simulator", "seconds": 1, "refused_percent": 0},
            "customer": {"kind": "simulator", "seconds": 1},
        }
    )
    publish_shipped(firm)
    products = {name: a_product(firm, on_hand=on_hand, name=name) for name, on_hand in ON_HAND.items()}
    customers = tuple(
        a_customer(firm, f"Customer {place}", credit_limit=90_000_000, is_known=False) for place in range(5)
    )
    return firm, products, customers
