"""How long a page of the inbox takes with a thousand and with a hundred thousand items waiting."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Table, select

from app.customers.models import Customer
from app.database import Model, transaction
from app.moments import utc_now
from app.orders.models import Order
from app.processes.models import InboxEntry, Instance, WorkItem
from bench import business, results
from bench.business import Business
from bench.harness import Client, installation, web
from tasks.embedded.postgres import SUPERUSER

SIZES = {"1k": 1_000, "100k": 100_000}
WARM_UP = 10
PAGES = 60
PAGE = "/api/v1/inbox?limit=50"
# What differs from copy to copy; all else is the first row's. An item is due a minute after the one before.
_DIFFERENT: Mapping[type[Model], Mapping[str, str]] = {
    Order: {"id": "made.order_id", "number": "'B-' || made.number", "instance_id": "made.instance_id"},
    Instance: {
        "id": "made.instance_id",
        "subject_id": "made.order_id",
        "business_key": "'B-' || made.number",
    },
    WorkItem: {"id": "made.item_id", "instance_id": "made.instance_id", "due_at": "made.due_at"},
    InboxEntry: {"work_item_id": "made.item_id", "due_at": "made.due_at"},
}


def measure() -> dict[str, float]:
    with installation() as place:
        with business.application(place.settings):
            firms = {name: _firm(f"bench{name}") for name in SIZES}
        with psycopg.connect(place.postgres.conninfo(SUPERUSER, "placet"), autocommit=True) as connection:
            for name, count in SIZES.items():
                _multiply(connection, firms[name].org_id, count)
            connection.execute("vacuum analyze")
        with web(place, workers=1):
            clients = {name: Client(place.settings.port, firm.token) for name, firm in firms.items()}
            times = _pages(clients)
    medians = {name: median(each) for name, each in times.items()}
    return {
        "inbox.ms_1k": medians["1k"],
        "inbox.ms_100k": medians["100k"],
        "inbox.ratio": medians["100k"] / medians["1k"],
    }


def _firm(slug: str) -> Business:
    """Make a business with one order that waits for its approval."""
    firm = business.open_business(slug)
    business.start_instances(firm, 1)
    now = utc_now()
    with transaction(firm.org_id) as tx:
        instance = tx.session.scalars(select(Instance)).one()
        customer = Customer(org_id=firm.org_id, number="C-1", name="Customer", created_at=now)
        tx.session.add(customer)
        tx.flush()
        order = Order(
            org_id=firm.org_id,
            number="B-0",
            title=instance.title,
            customer_id=customer.id,
            instance_id=instance.id,
            requester_id=firm.person_id,
            currency="EUR",
            created_at=now,
        )
        tx.session.add(order)
        tx.flush()
        instance.subject_id = order.id
    return firm


def _multiply(connection: psycopg.Connection[tuple[object, ...]], org_id: UUID, count: int) -> None:
    """Copy the organisation's one order until so many wait, each with its instance, item and entry."""
    connection.execute(
        "create temporary table made as select number, uuidv7() as order_id, uuidv7() as instance_id,"
        " uuidv7() as item_id, now() + number * interval '1 minute' as due_at"
        " from generate_series(1, %s) as number",
        (count - 1,),
    )
    for model, different in _DIFFERENT.items():
        connection.execute(_copy(model.__table__, different), {"org_id": org_id})
    connection.execute("drop table made")


def _copy(table: object, different: Mapping[str, str]) -> sql.Composed:
    assert isinstance(table, Table)
    names = [column.name for column in table.columns]
    values = [sql.SQL(different.get(name, f'kept."{name}"')) for name in names]
    return sql.SQL(
        "insert into {table} ({names}) select {values} from made,"
        " (select * from {table} where org_id = %(org_id)s limit 1) as kept"
    ).format(
        table=sql.Identifier(table.name),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(values),
    )


def _pages(clients: Mapping[str, Client]) -> dict[str, list[float]]:
    """Ask in turn, so that what the machine does besides falls on both sizes alike; milliseconds."""
    times: dict[str, list[float]] = {name: [] for name in clients}
    for number in range(WARM_UP + PAGES):
        for name, client in clients.items():
            began = time.perf_counter()
            page = client.get(PAGE)
            elapsed = (time.perf_counter() - began) * 1000
            if len(page["items"]) != 50:
                raise RuntimeError(f"the page of {name} items has {len(page['items'])}")
            if number >= WARM_UP:
                times[name].append(elapsed)
    return times


if __name__ == "__main__":
    results.record(measure())
