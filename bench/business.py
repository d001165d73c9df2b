"""The business that is measured: one person who may decide everything, and instances that wait for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from app import create_app
from app.accounts import commands as accounts
from app.accounts.models import Role
from app.config import Settings
from app.database import db, transaction
from app.moments import utc_now
from app.processes import advance, deployments

FOLDER = Path(__file__).resolve().parent
STEPS = 3  # user tasks of one instance
DECISION = {"result": {"decision": "approved", "comment": ""}, "hold": False}


@dataclass(frozen=True, slots=True)
class Business:
    org_id: UUID
    person_id: UUID
    token: str


@contextmanager
def application(settings: Settings) -> Iterator[None]:
    """Work on the installation from inside this process, for what is prepared and not measured."""
    app = create_app(settings)
    with app.app_context():
        yield
        db.engine.dispose()


def open_business(slug: str, process: str = "approval") -> Business:
    """Make an organisation with one person in the team `sales`, and publish the diagram."""
    org_id = accounts.create_organisation(slug, slug.title())
    accounts.add_team(org_id, None, "sales", "Sales")
    person_id = accounts.add_person(
        org_id,
        None,
        email=f"{slug}@bench.example",
        name="Bench",
        password="correct horse battery",
        roles=(Role.APPROVER,),
        teams=("sales",),
    )
    token = accounts.add_token(org_id, person_id, None, "bench", ("*",), None)
    with transaction(org_id) as tx:
        diagram = FOLDER / f"{process}.bpmn"
        deployments.publish(tx, {diagram.name: diagram.read_bytes()}, "bench", person_id, utc_now())
    return Business(org_id, person_id, token.secret)


def start_instances(business: Business, count: int, process: str = "approval") -> list[str]:
    """Start instances, each in a transaction of its own; return the ids of their first work items."""
    return [str(_start(business, process, number)) for number in range(count)]


def _start(business: Business, process: str, number: int) -> UUID:
    with transaction(business.org_id) as tx:
        loaded = advance.begin(
            tx,
            process=process,
            variables={"amount": 1000 + number},
            business_key=f"B-{number}",
            title=f"Order {number}",
            subject_id=None,
            requester_id=None,
            by=business.person_id,
            now=utc_now(),
        )
    (opened,) = loaded.opened
    return opened.id
