"""`placet run`: all processes of one machine, from an empty folder to an address and a sign-in."""

from __future__ import annotations

import os
import secrets
import socket
import sys

import orjson
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import Organisation
from app.config import Settings, load_settings
from app.database import across_organisations
from tasks import children
from tasks.checks import only_one, require_broker, require_port
from tasks.commands import migrate, seed
from tasks.embedded.valkey import ASIDES, LONGEST_SOCKET_PATH, Valkey
from tasks.probing import HttpProbe
from tasks.supervise import Service, Supervisor

STOP_ORDER = ("web", "events", "relay", "worker", "broker")


def run(settings: Settings) -> None:
    """Prepare what is missing, then supervise until told to stop."""
    with only_one(settings.var):
        require_port(settings.port, "PLACET_PORT")
        require_port(settings.events_port, "PLACET_EVENTS_PORT")
        broker = _broker(settings)
        migrate.run(settings)
        _seed_the_first_time(settings)
        services = [*broker, *_services(load_settings(os.environ))]
        names = {service.name for service in services}
        Supervisor(services, [name for name in STOP_ORDER if name in names], _say).run()
    _say("Placet has stopped")


def _seed_the_first_time(settings: Settings) -> None:
    with create_app(settings).app_context():
        with across_organisations() as tx:
            present = tx.session.scalar(select(func.count()).select_from(Organisation))
        if not present:
            _say("seeding a demo business")
            seed.run(settings)


def _broker(settings: Settings) -> list[Service]:
    """Return the embedded broker, unless the environment names one."""
    if os.environ.get("PLACET_BROKER_URL"):
        require_broker(settings.broker_url, "PLACET_BROKER_URL")
        return []
    folder = settings.var / "valkey"
    valkey = Valkey(folder)
    if len(os.fsencode(valkey.socket)) > LONGEST_SOCKET_PATH:
        valkey = Valkey(folder, children.free_port(), secrets.token_hex(16))
    os.environ["PLACET_BROKER_URL"] = valkey.url
    return [Service("broker", valkey.prepare(), is_ready=valkey.answers, unsaid=ASIDES)]


def _services(settings: Settings) -> list[Service]:
    return [
        Service(
            "web",
            _placet("serve"),
            is_ready=HttpProbe(settings.port, "/healthz"),
            when_ready=lambda: _welcome(settings),
        ),
        Service("events", _placet("events"), is_ready=lambda: _listens(settings.events_port)),
        Service("worker", _placet("worker")),
        Service("relay", _placet("relay")),
    ]


def _placet(command: str) -> list[str]:
    return [sys.executable, "-m", "tasks.cli", command]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _welcome(settings: Settings) -> None:
    _say(f"\nPlacet is at {settings.base_url}")
    file = settings.var / "demo.json"
    if file.exists():
        demo = orjson.loads(file.read_bytes())
        _say(f"Sign in to the demo business (all of it: {file}):")
        for person in demo["people"]:
            _say(f"  {person['email']:<20} {person['password']}   {person['name']} {person['does']}")
    _say("Ctrl-C stops everything.\n")


def _say(line: str) -> None:
    print(line, flush=True)
