"""One training of the forecast: a method for each series, judged against the same weekday of last week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np

from app.insights import drift
from app.insights.learning.forecast.backtest import (
    NEWER,
    STEP,
    Backtest,
    backtest,
    best_method,
    coverage,
    interval,
)
from app.insights.learning.forecast.methods import BASELINE, HORIZON, METHODS, WEEK, continued, fit
from app.insights.learning.forecast.series import (
    LEAST_DAYS,
    LEAST_EVENTS,
    MOST_SERIES,
    Series,
    is_long_enough,
    series_of,
)
from app.insights.learning.keeping import pack, unpack
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError


@dataclass(frozen=True, slots=True)
class _Tried:
    """A series with its backtest and the method that was best before the held-back days."""

    series: Series
    found: Backtest
    method: str

    @property
    def kept(self) -> str:
        """The method to publish: the baseline where the chosen one does not beat it on the held-back days."""
        mine, base = (
            np.abs(self.found.errors(method, newer=True)).sum() for method in (self.method, BASELINE)
        )
        return self.method if mine < base else BASELINE


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (measure, type, day, count); raise TooLittleError where no series is long enough."""
    last = job.now.astimezone(UTC).date() - timedelta(days=1)
    all_series = series_of(rows, last)
    usable = [series for series in all_series if is_long_enough(series)][:MOST_SERIES]
    if not usable:
        longest = max((series.days for series in all_series), default=0)
        most = max((int(series.counts.sum()) for series in all_series), default=0)
        raise TooLittleError(
            "series_too_short", days=longest, least_days=LEAST_DAYS, events=most, least_events=LEAST_EVENTS
        )
    tried = []
    for at, series in enumerate(usable):
        job.progress(5 + 80 * at // len(usable), "learning")
        found = backtest(series.counts)
        tried.append(_Tried(series, found, best_method(found)))
    job.progress(90, "computing")
    return _learned(tried, job, last)


def _learned(tried: list[_Tried], job: Job, last: Any) -> Learned:
    # Judged as it was chosen; what is published falls back where it was refused, which only makes it better.
    chosen = {each.series.key: each.method for each in tried}
    kept = {each.series.key: each.kept for each in tried}
    used = dict(unpack(job.in_use.artefact)) if job.in_use else None
    plans = {"candidate": kept, "baseline": {}, **({"in_use": used} if used is not None else {})}
    start = datetime.combine(min(each.series.first for each in tried), time(), UTC)
    end = datetime.combine(last, time(), UTC)
    held_days = STEP * (NEWER - 1) + HORIZON
    reference = {each.series.label: _levels(each) for each in tried}
    return Learned(
        artefact=pack(kept),
        trusted=(),
        weights={"methods": kept, "series": _figures_by_series(tried)},
        features=tuple(kept),
        rows=int(sum(each.series.days for each in tried)),
        held_back=int(sum(each.found.held_back.size for each in tried)),
        since=start,
        until=end + timedelta(days=1),
        held_since=end - timedelta(days=held_days - 1),
        measured=Measured(
            candidate=_metrics(tried, chosen),
            baseline=_metrics(tried, plans["baseline"]),
            in_use=_metrics(tried, used) if used is not None else None,
        ),
        reference=reference,
        recent=_recent(tried, job.in_use.reference if job.in_use else {}),
        tables={name: list(_ahead(tried, plan)) for name, plan in plans.items()},
    )


def _metrics(tried: list[_Tried], plan: Mapping[str, str]) -> dict[str, float]:
    """Return the error as a share of what came, over all series, and the share inside the intervals."""
    error, came, inside, days = 0.0, 0.0, 0, 0
    for each in tried:
        method = _method(plan, each.series.key)
        error += float(np.abs(each.found.errors(method, newer=True)).sum())
        came += float(each.found.held_back.sum())
        within, of = coverage(each.found, method)
        inside, days = inside + within, days + of
    return {"error": error / max(came, 1.0), "coverage": inside / days}


def _method(plan: Mapping[str, str], key: str) -> str:
    method = plan.get(key, BASELINE)
    return method if method in METHODS else BASELINE


def _figures_by_series(tried: list[_Tried]) -> dict[str, dict[str, float]]:
    """Return, for the page: each series' errors by the candidate and by the baseline, and its coverage."""
    shown = {}
    for each in tried:
        came = max(float(each.found.held_back.sum()), 1.0)
        inside, days = coverage(each.found, each.method)
        shown[each.series.key] = {
            "error": float(np.abs(each.found.errors(each.method, newer=True)).sum()) / came,
            "baseline": float(np.abs(each.found.errors(BASELINE, newer=True)).sum()) / came,
            "coverage": inside / days,
        }
    return shown


def _ahead(tried: list[_Tried], plan: Mapping[str, str]) -> Iterator[Row]:
    """Yield (measure, type, day, expected, low, high, method) for the days to come, and for each 7 of them.

    A whole week's row has days = 7: its interval comes from the errors of whole weeks.
    """
    for each in tried:
        series, method = each.series, _method(plan, each.series.key)
        counts, found = series.counts, each.found
        expected = continued(method, fit(method, counts), counts)
        past = found.forecasts[method]
        errors = found.actual - past
        low, high = interval(errors, past, expected)
        first = series.first + timedelta(days=series.days)
        for day in range(HORIZON):
            at = first + timedelta(days=day)
            yield _row(series, at, 1, expected[day], low[day], high[day], method)
        for week in range(HORIZON // WEEK):
            part = slice(week * WEEK, (week + 1) * WEEK)
            total, sums = expected[part].sum(), errors[:, part].sum(axis=1)
            lower, upper = interval(sums, past[:, part].sum(axis=1), np.array([total]))
            yield _row(series, first + timedelta(days=week * WEEK), WEEK, total, lower[0], upper[0], method)


def _row(series: Series, at: Any, days: int, expected: float, low: float, high: float, method: str) -> Row:
    values = round(float(expected), 2), float(low), float(high)
    return (series.measure, series.name, at, days, *values, method)


def _levels(each: _Tried) -> Distribution:
    """Return how the daily counts before the held-back days are spread: by their fifths."""
    counts = each.series.counts[: -(STEP * (NEWER - 1) + HORIZON)]
    return drift.of_numbers(counts, drift.deciles(counts)[1::2])


def _recent(tried: list[_Tried], reference: Mapping[str, Distribution]) -> dict[str, Distribution]:
    held = STEP * (NEWER - 1) + HORIZON
    return {
        each.series.label: drift.of_numbers(each.series.counts[-held:], reference[each.series.label].edges)
        for each in tried
        if each.series.label in reference
    }
