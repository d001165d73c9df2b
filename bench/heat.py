"""How long the heat map and the list take with 20,000 instances running, and how fast steps are counted."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import pairwise
from statistics import median
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Table, select

from app.database import Model, transaction
from app.moments import utc_now
from app.operations import heat_counting
from app.processes import advance, deployments
from app.processes.models import ElementMark, HistoryStep, Instance
from bench import business, results
from bench.business import Business
from bench.harness import Client, installation, web
from tasks.embedded.postgres import SUPERUSER

INSTANCES = 20_000
TASKS = 12
DAYS = 90
WARM_UP = 3
PAGES = 20
PAGES_OF = {
    "heat.ms_20k": "/api/v1/heat/long.bpmn",
    "heat.processes_ms_20k": "/api/v1/heat",
    "heat.list_ms_20k": "/api/v1/instances?limit=50",
    "heat.at_element_ms_20k": f"/api/v1/instances?limit=50&process=long&element=t{TASKS}",
}
_AT = f"kept.\"at\" - (made.number %% {DAYS}) * interval '1 day'"
_DIFFERENT: Mapping[type[Model], Mapping[str, str]] = {
    Instance: {"id": "made.instance_id", "business_key": "'B-' || made.number"},
    HistoryStep: {"instance_id": "made.instance_id", "at": _AT},
}


def measure() -> dict[str, float]:
    with installation() as place, business.application(place.settings):
        firm = business.open_business("benchheat")
        _run_one(firm)
        with psycopg.connect(place.postgres.conninfo(SUPERUSER, "placet"), autocommit=True) as connection:
            _multiply(connection, firm.org_id)
            connection.execute("vacuum analyze")
        seconds = _count(firm)
        with web(place, workers=1):
            client = Client(place.settings.port, firm.token)
            times = {name: _median_ms(client, path) for name, path in PAGES_OF.items()}
        return {**times, "heat.steps_counted_per_s": INSTANCES * TASKS / seconds}


def _diagram() -> bytes:
    """A process of so many user tasks in a row."""
    names = ["begin", *(f"t{number}" for number in range(1, TASKS + 1)), "done"]
    tasks = "".join(f'<userTask id="{name}" name="{name}"/>' for name in names[1:-1])
    flows = "".join(
        f'<sequenceFlow id="{one}_{other}" sourceRef="{one}" targetRef="{other}"/>'
        for one, other in pairwise(names)
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench">'
        f'<process id="long" isExecutable="true"><startEvent id="begin"/>{tasks}<endEvent id="done"/>{flows}'
        "</process></definitions>"
    ).encode()


def _run_one(firm: Business) -> None:
    """Let one instance come to its last task."""
    with transaction(firm.org_id) as tx:
        deployments.publish(tx, {"long.bpmn": _diagram()}, "bench", firm.person_id, utc_now())
    business.start_instances(firm, 1, "long")
    for _ in range(TASKS - 1):
        with transaction(firm.org_id) as tx:
            loaded = advance.load(tx, tx.session.scalars(select(Instance.id)).one())
            (item,) = advance.open_items(tx, loaded)
            advance.complete_item(tx, loaded, item, {}, firm.person_id, utc_now())


def _multiply(connection: psycopg.Connection[tuple[object, ...]], org_id: UUID) -> None:
    """Copy the one instance with its history, spread over some months."""
    connection.execute(
        "create temporary table made as select number, uuidv7() as instance_id"
        " from generate_series(1, %s) as number",
        (INSTANCES - 1,),
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
        " (select * from {table} where org_id = %(org_id)s) as kept"
    ).format(
        table=sql.Identifier(table.name),
        names=sql.SQL(", ").join(map(sql.Identifier, names)),
        values=sql.SQL(", ").join(values),
    )


def _count(firm: Business) -> float:
    """Count all that happened, as the relay does; return the seconds that took."""
    began = time.perf_counter()
    while heat_counting.count_some(firm.org_id) == heat_counting.AT_ONCE:
        pass
    seconds = time.perf_counter() - began
    with transaction(firm.org_id) as tx:
        marks = tx.session.scalars(select(ElementMark.instance_id)).all()
    if len(marks) != INSTANCES:
        raise RuntimeError(f"{len(marks)} instances were counted")
    return seconds


def _median_ms(client: Client, path: str) -> float:
    times = []
    for number in range(WARM_UP + PAGES):
        began = time.perf_counter()
        client.get(path)
        if number >= WARM_UP:
            times.append((time.perf_counter() - began) * 1000)
    return median(times)


if __name__ == "__main__":
    results.record(measure())
