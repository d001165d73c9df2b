"""The forecast: better than last week or refused; its intervals hold; its weeks are compared later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import select

from app import moments
from app.columns import new_id
from app.database import reading, transaction
from app.insights import forecast, predictions
from app.insights.gate import judge
from app.insights.learning.forecast import methods, training
from app.insights.learning.forecast.backtest import OLDER, backtest, interval, origins
from app.insights.models import Forecast
from app.insights.trained import InUse, Job, Learned, Row, TooLittleError
from app.needs.models import Need
from tasks import training as performing
from tests.builders import Firm, a_firm

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
YESTERDAY = date(2026, 11, 25)


def noisy(level: float, days: int = 182, seed: int = 7) -> list[Row]:
    """Needs of one type with a quiet weekend: a level that noise makes last week a poor guide to."""
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for back in range(days):
        day = YESTERDAY - timedelta(days=back)
        rows.append(
            ("needs", "lighting", day, int(random.poisson(level if day.weekday() < 5 else level / 5)))
        )
    return rows


def steady(days: int = 182) -> list[Row]:
    """Every week exactly like the last: nothing can beat last week."""
    days_back = (YESTERDAY - timedelta(days=back) for back in range(days))
    return [("needs", "lighting", day, 3 + day.weekday()) for day in days_back]


def learn(rows: list[Row], in_use: InUse | None = None) -> Learned:
    return training.learn(iter(rows), Job(NOW, 1, in_use, lambda percent, doing: None))


@pytest.fixture(scope="module")
def busy() -> Learned:
    return learn(noisy(20))


def test_a_forecast_that_beats_last_week_passes_the_gate(busy: Learned) -> None:
    verdict = judge(forecast.KIND.metric, busy.measured)

    assert verdict.passed
    assert busy.measured.candidate["error"] < 0.9 * busy.measured.baseline["error"]
    assert busy.weights["methods"]["needs/"] != methods.BASELINE


def test_it_is_refused_where_nothing_beats_last_week() -> None:
    found = learn(steady())

    assert not judge(forecast.KIND.metric, found.measured).passed
    assert set(found.weights["methods"].values()) == {methods.BASELINE}


def test_what_was_promised_to_lie_in_the_interval_does(busy: Learned) -> None:
    assert busy.measured.candidate["coverage"] >= 0.7


def test_intervals_hold_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    inside = []
    for _ in range(400):
        past, came = random.poisson(30, (6, 14)), random.poisson(30, 14)
        ahead = np.full(14, 30.0)
        low, high = interval(past - 30.0, np.full((6, 14), 30.0), ahead)
        inside.append(((came >= low) & (came <= high)).mean())

    assert 0.78 <= np.mean(inside) <= 0.88


def test_no_forecast_sees_what_came_after_its_origin() -> None:
    counts = np.arange(200, dtype=float)
    known = list(origins(200))
    found = backtest(counts)

    assert known[-1] + methods.HORIZON == 200
    assert (found.actual[:, 0] == known).all()
    assert (found.forecasts["seasonal_naive"][:, 0] == np.array(known) - 7).all()
    assert len(known) == 2 * OLDER


def test_a_fortnight_and_two_weeks_are_computed_for_each_series(busy: Learned) -> None:
    rows = [row for row in busy.tables["candidate"] if row[:2] == ("needs", "lighting")]

    days, weeks = [row for row in rows if row[3] == 1], [row for row in rows if row[3] == 7]
    assert [row[2] for row in days] == [YESTERDAY + timedelta(days=ahead) for ahead in range(1, 15)]
    assert [row[2] for row in weeks] == [YESTERDAY + timedelta(days=1), YESTERDAY + timedelta(days=8)]
    assert all(0 <= row[5] <= row[4] + 1 <= row[6] + 2 for row in rows)
    assert weeks[0][4] == pytest.approx(sum(row[4] for row in days[:7]), abs=0.1)


def test_the_model_in_use_is_measured_on_the_same_days(busy: Learned) -> None:
    used = InUse(1, busy.artefact, (), busy.weights, busy.reference, busy.until)

    again = learn(noisy(20), used)

    assert again.measured.in_use is not None
    assert again.measured.in_use["error"] == pytest.approx(again.measured.candidate["error"], rel=0.2)
    assert set(again.tables) == {"candidate", "baseline", "in_use"}
    assert set(again.recent) == set(used.reference)


def test_too_short_a_series_says_what_is_missing() -> None:
    with pytest.raises(TooLittleError) as caught:
        learn(noisy(20, days=30))

    assert caught.value.code == "series_too_short"
    assert caught.value.values["days"] == 30
    with pytest.raises(TooLittleError):
        learn([])


def fill(firm: Firm, rows: list[Row]) -> None:
    needs = [
        {
            "id": new_id(),
            "org_id": firm.org_id,
            "number": f"{day}-{at}",
            "need_type": need_type,
            "text": "x",
            "currency": "EUR",
            "created_at": datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            "updated_at": NOW,
        }
        for _, need_type, day, count in rows
        for at in range(count)
    ]
    with transaction(firm.org_id) as tx:
        tx.session.bulk_insert_mappings(Need.__mapper__, needs)


def test_a_training_leaves_forecasts_and_compares_them_with_what_came(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = a_firm()
    monkeypatch.setattr(moments, "clock", lambda: NOW)
    fill(firm, noisy(4, days=120))
    run_id = performing.training.ask(firm["owner"], "forecast")

    assert performing.execute(firm.org_id, run_id) in ("published", "refused")

    with reading(firm.org_id) as tx:
        baseline = forecast.list_forecasts(tx, None)
        said = tx.session.scalars(select(Forecast.starts_on).where(Forecast.days == 7).distinct()).all()
    assert {(row.measure, row.need_type) for row in baseline} == {("needs", ""), ("needs", "lighting")}
    assert len(baseline) == 2 * 16
    assert sorted(said) == [date(2026, 11, 26), date(2026, 12, 3)]

    fill(firm, [("needs", "lighting", date(2026, 11, 27), 30)])
    with transaction(firm.org_id) as tx:
        forecast.reckon(tx, NOW + timedelta(days=8))

    with reading(firm.org_id) as tx:
        settled = predictions.latest(tx, "forecast")
    assert {row.subject for row in settled} == {"needs||2026-11-26", "needs|lighting|2026-11-26"}
    assert {row.happened["count"] for row in settled if row.happened} == {30}
