"""`placet seed`: a demo business in which a newcomer can take an order from a need to closed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

import rules
import workflows
from app import audit
from app.accounts import commands as accounts
from app.accounts.models import Organisation, Role
from app.catalogue.models import Product
from app.config import Settings
from app.customers.models import Customer
from app.database import across_organisations, transaction
from app.moments import utc_now
from app.needs.models import Need, NeedEvent
from app.numbering import NumberSeries
from app.processes import deployments
from app.wording import worded

SLUG = "demo"
PHONE, EMAIL, WEB, FAIR = worded("phone"), worded("email"), worded("web"), worded("fair")
NOTE = worded("The flows that Placet ships")
TEAMS = (
    ("sales", worded("Sales")),
    ("sales_lead", worded("Sales lead")),
    ("credit", worded("Credit control")),
    ("finance", worded("Finance")),
    ("director", worded("Directors")),
    ("management", worded("Management")),
    ("warehouse", worded("Warehouse")),
    ("operations", worded("Operations")),
)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody of the demo: what they do, in words for the newcomer."""

    name: str
    email: str
    does: str
    roles: tuple[Role, ...]
    teams: tuple[str, ...]


PEOPLE = (
    DemoPerson("Mia Sommer", "mia@demo.example", "enters needs and orders", (Role.SALES,), ("sales",)),
    DemoPerson(
        "Jon Reyes", "jon@demo.example", "leads sales and approves first", (Role.APPROVER,), ("sales_lead",)
    ),
    DemoPerson(
        "Chen Hao",
        "chen@demo.example",
        "watches credit and money",
        (Role.APPROVER, Role.AUDITOR),
        ("credit", "finance"),
    ),
    DemoPerson(
        "Ana Costa",
        "ana@demo.example",
        "decides what is large or late",
        (Role.APPROVER,),
        ("director", "management"),
    ),
    DemoPerson("Sam Okoro", "sam@demo.example", "packs orders", (Role.APPROVER,), ("warehouse",)),
    DemoPerson(
        "Olga Lind",
        "olga@demo.example",
        "keeps everything running and draws the flows",
        (Role.OPERATOR, Role.PROCESS_OWNER, Role.ADMINISTRATOR),
        ("operations",),
    ),
)

# sku, name, unit, price, cost, tax %, on hand (None: a service, not stocked)
PRODUCTS: tuple[tuple[str, str, str, str, str, str, str | None], ...] = (
    ("CHR-200", "Office chair, mesh back", "pcs", "262.00", "171.00", "19", "140"),
    ("DSK-160", "Standing desk, 160 cm", "pcs", "549.00", "362.00", "19", "60"),
    ("LMP-010", "Desk lamp, warm light", "pcs", "48.50", "22.00", "19", "400"),
    ("CAB-300", "Filing cabinet, three drawers", "pcs", "219.00", "150.00", "19", "35"),
    ("TBL-240", "Conference table, 240 cm", "pcs", "1480.00", "1010.00", "19", "6"),
    ("WBD-120", "Whiteboard, 120 x 90 cm", "pcs", "129.00", "64.00", "19", "80"),
    ("PNT-001", "Potted plant, tall", "pcs", "74.00", "31.00", "7", "55"),
    ("SRV-ASM", "Assembly on site", "h", "68.00", "41.00", "19", None),
)

# number, name, kind, e-mail, country, locale, risk, credit limit
CUSTOMERS = (
    ("C-1001", "Northwind Offices", "business", "orders@northwind.example", "DE", "en", "low", "50000"),
    ("C-1002", "Lisbon Cowork", "business", "ola@lisboncowork.example", "PT", "en", "medium", "15000"),
    ("C-1003", "青禾设计工作室", "business", "hi@qinghe.example", "CN", "zh_Hans_CN", "low", "20000"),
    ("C-1004", "Brightside School", "business", "office@brightside.example", "IE", "en", "low", "30000"),
    ("C-1005", "Corner Startup", "business", "founders@corner.example", "NL", "en", "high", "2000"),
)

# type, customer, text, channel, quantity, value
NEEDS = (
    ("office furniture", "C-1001", "Twelve chairs for the second floor before the move", PHONE, "12", "3144"),
    ("office furniture", "C-1002", "Desks for a new room, eight of them, adjustable", EMAIL, "8", "4392"),
    ("lighting", "C-1003", "二楼需要二十盏台灯", WEB, "20", "970"),
    ("meeting room", "C-1004", "A large table and a whiteboard for the staff room", WEB, "2", "1609"),
    ("office furniture", "C-1005", "Everything for five people, as cheap as can be", WEB, "5", "2600"),
    ("plants", "C-1002", "Green corner at the entrance", FAIR, "6", "444"),
)


def run(settings: Settings) -> Path:
    """Make the demo business once; return the file that says who can sign in.

    Called again, nothing is made and the file stays as it is.
    """
    file = settings.var / "demo.json"
    with across_organisations() as tx:
        present = tx.session.scalar(select(Organisation.id).where(Organisation.slug == SLUG))
    if present is not None:
        return file
    password = "-".join(secrets.choice(_WORDS) for _ in range(3)) + f"-{secrets.randbelow(90) + 10}"
    org_id = accounts.create_organisation(
        SLUG, "Sommer & Partner Office Supply", currency="EUR", settings={"parties": PARTIES}
    )
    people = _add_people(org_id, password)
    publish_shipped(org_id, people["olga@demo.example"])
    _fill(org_id, people)
    _write_sign_ins(file, settings, password)
    return file


# Nobody is really there in a demo: the customers, too, answer by themselves.
PARTIES = {role: {"kind": "simulator"} for role in ("carrier", "supplier", "payments", "customer")}

_WORDS = [
    "amber",
    "birch",
    "cedar",
    "clover",
    "copper",
    "coral",
    "dune",
    "ember",
    "fern",
    "harbor",
    "hazel",
    "indigo",
    "ivory",
    "jade",
    "juniper",
    "lagoon",
    "lemon",
    "linen",
    "maple",
    "meadow",
    "mint",
    "olive",
    "orchid",
    "pearl",
    "pine",
    "quartz",
    "river",
    "saffron",
    "sage",
    "slate",
    "willow",
]


def _add_people(org_id: UUID, password: str) -> dict[str, UUID]:
    for key, name in TEAMS:
        accounts.add_team(org_id, None, key, str(name))
    return {
        person.email: accounts.add_person(
            org_id,
            None,
            email=person.email,
            name=person.name,
            password=password,
            roles=person.roles,
            teams=person.teams,
        )
        for person in PEOPLE
    }


def shipped_files() -> dict[str, bytes]:
    """Return the shared diagrams and tables that the packages bring."""
    folders = (
        Path(workflows.__file__).parent / "bpmn" / "shared",
        Path(rules.__file__).parent / "tables" / "shared",
    )
    return {
        file.name: file.read_bytes()
        for folder in folders
        for file in sorted(folder.iterdir())
        if file.name.endswith((".bpmn", ".dmn", ".tests.csv"))
    }


def publish_shipped(org_id: UUID, owner: UUID | None) -> None:
    with transaction(org_id) as tx:
        deployments.publish(tx, shipped_files(), str(NOTE), owner, utc_now())


def _fill(org_id: UUID, people: dict[str, UUID]) -> None:
    now, seller = utc_now(), people["mia@demo.example"]
    with transaction(org_id) as tx:
        tx.session.add_all(_product(org_id, row) for row in PRODUCTS)
        customers = {row[0]: _customer(org_id, row) for row in CUSTOMERS}
        tx.session.add_all(customers.values())
        tx.flush()
        for position, row in enumerate(NEEDS):
            need = _need(org_id, 1001 + position, row, customers[row[1]], seller)
            tx.session.add(need)
            tx.flush()
            event = NeedEvent(
                org_id=org_id, need_id=need.id, at=now, person_id=seller, kind="created", to_status="new"
            )
            tx.session.add(event)
        for series, count in (("customers", len(CUSTOMERS)), ("needs", len(NEEDS))):
            tx.session.add(NumberSeries(org_id=org_id, name=series, last=1000 + count))
        told = {"products": len(PRODUCTS), "customers": len(CUSTOMERS), "needs": len(NEEDS)}
        audit.write(tx, "accounts", None, "organisation.seeded", told, now)


def _product(org_id: UUID, row: Sequence[str | None]) -> Product:
    sku, name, unit, price, cost, tax, on_hand = row
    return Product(
        org_id=org_id,
        sku=sku,
        name=name,
        unit=unit,
        currency="EUR",
        price=Decimal(price or 0),
        cost=Decimal(cost or 0),
        tax_percent=Decimal(tax or 0),
        is_stocked=on_hand is not None,
        on_hand=Decimal(on_hand or 0),
        created_at=utc_now(),
    )


def _customer(org_id: UUID, row: Sequence[str]) -> Customer:
    number, name, kind, email, country, locale, risk, limit = row
    return Customer(
        org_id=org_id,
        number=number,
        name=name,
        kind=kind,
        email=email,
        country=country,
        locale=locale,
        risk=risk,
        credit_limit=Decimal(limit),
        created_at=utc_now(),
    )


def _need(org_id: UUID, number: int, row: Sequence[str], customer: Customer, owner: UUID) -> Need:
    need_type, _, text, channel, quantity, value = row
    now = utc_now()
    return Need(
        org_id=org_id,
        number=f"N-{number}",
        need_type=need_type,
        customer_id=customer.id,
        customer_name=customer.name,
        text=text,
        channel=str(channel),
        quantity=Decimal(quantity),
        value=Decimal(value),
        currency="EUR",
        owner_id=owner,
        created_at=now,
        updated_at=now,
    )


def _write_sign_ins(file: Path, settings: Settings, password: str) -> None:
    people: list[dict[str, Any]] = [{**asdict(person), "password": password} for person in PEOPLE]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(
        json.dumps({"url": settings.base_url, "organisation": SLUG, "people": people}, indent=2), "utf-8"
    )
