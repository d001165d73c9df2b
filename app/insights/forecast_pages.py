"""The forecast as a page: one series as a chart with its table, all of them by their next week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy import select

from app.accounts.door import current_actor
from app.database import Transaction, reading
from app.insights import drawing, forecast, said, training
from app.insights.models import Forecast, TrainedModel
from app.web import page, signed_in
from app.wording import Wording


@dataclass(frozen=True, slots=True)
class Shown:
    """What is forecast at present: by the version in use, or by the baseline where none is."""

    version: int | None
    weeks: Sequence[Forecast]
    days: Sequence[Forecast]
    missing: Sequence[Wording]


def present(tx: Transaction) -> Shown:
    """Return what is expected; where nothing is, why the last training left nothing."""
    used = tx.session.execute(
        select(TrainedModel.id, TrainedModel.version).where(TrainedModel.used_as == forecast.NAME)
    ).first()
    rows = forecast.list_forecasts(tx, used.id if used else None)
    runs = training.latest(tx, forecast.NAME, 1)
    return Shown(
        version=used.version if used else None,
        weeks=[row for row in rows if row.days == 7],
        days=[row for row in rows if row.days == 1],
        missing=said.reasons(runs[0].reasons) if runs and not rows else [],
    )


@signed_in()
def forecast_page() -> Response:
    """Show a series, the first unless another is asked for, and the next seven days of all."""
    with reading(current_actor().org_id) as tx:
        shown = present(tx)
    keys = list(dict.fromkeys((row.measure, row.need_type) for row in shown.weeks))
    wanted = (request.args.get("measure", ""), request.args.get("type", ""))
    chosen = wanted if wanted in keys else (keys[0] if keys else None)
    days = [row for row in shown.days if (row.measure, row.need_type) == chosen]
    chart = drawing.drawn(
        [[row.expected for row in days]], [row.low for row in days], [row.high for row in days]
    )
    first = shown.weeks[0].starts_on if shown.weeks else None
    return page(
        "insights/forecast.html",
        shown=shown,
        chosen=chosen,
        days=days,
        chart=chart,
        weeks=[row for row in shown.weeks if row.starts_on == first],
    )
