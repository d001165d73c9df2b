"""The heat map: processes with their open instances, and one diagram with how long its elements take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from app.accounts.door import current_actor
from app.database import reading
from app.entered import whole_number
from app.moments import utc_now
from app.operations import heat_queries
from app.operations.heat_queries import ElementRow
from app.operations.instances_words import lasting
from app.web import page, signed_in

blueprint = Blueprint("heat", __name__)
PERIODS = (7, 30, 90, 366)  # days
MEASURES = ("median", "p95", "completed", "open")
LEVELS = 4
_AROUND = frozenset({"subProcess", "transaction"})


@blueprint.get("/heat")
@signed_in()
def processes_page() -> Response:
    with reading(current_actor().org_id) as tx:
        rows = heat_queries.list_processes(tx)
    return page("operations/heat.html", rows=rows)


@blueprint.get("/heat/<string:name>")
@signed_in()
def heat_page(name: str) -> Response:
    """Show one diagram: coloured by one measure, with all of them in a table below."""
    version, days = whole_number(request.args.get("version")), whole_number(request.args.get("days"))
    days = days if days in PERIODS else PERIODS[2]
    measure = request.args.get("show", "")
    measure = measure if measure in MEASURES else MEASURES[0]
    since = utc_now().date() - timedelta(days=days - 1)
    with reading(current_actor().org_id) as tx:
        heat = heat_queries.get_heat(tx, name, version, since)
    return page(
        "operations/heat_map.html",
        heat=heat,
        periods=PERIODS,
        days=days,
        measures=MEASURES,
        measure=measure,
        levels=levels_of(heat.elements, measure),
        labels={row.element: _label(row, measure) for row in heat.elements if _value(row, measure)},
    )


def levels_of(rows: Sequence[ElementRow], measure: str) -> Mapping[str, int]:
    """Return 1 to 4 by element: its quarter among those that have this measure at all; the most is always 4.

    What is drawn around others has none: its colour would drown theirs.
    """
    values = {row.element: _value(row, measure) for row in rows if row.kind not in _AROUND}
    ranked = sorted({value for value in values.values() if value}, reverse=True)
    return {
        element: LEVELS - ranked.index(value) * LEVELS // len(ranked)
        for element, value in values.items()
        if value
    }


def _value(row: ElementRow, measure: str) -> float:
    return float(getattr(row, measure) or 0)


def _label(row: ElementRow, measure: str) -> str:
    value: Any = getattr(row, measure)
    return str(value) if measure in ("completed", "open") else lasting(value)
