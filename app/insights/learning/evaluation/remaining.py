"""Remaining time: learned from cases that had ended on a day, measured on those that began from then on."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pandas as pd

from app.insights import passing
from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.evaluation.files import Files
from app.insights.learning.evaluation.reporting import Comparison, Report, Say
from app.insights.learning.remaining import orders, prefixes, training, xes
from app.insights.passing import Path
from app.wording import worded

# The latest share of the cases is what is measured on, where we split.
HELD_BACK = 0.2
OTHER_SHARES = (0.5, 0.3, 0.1)
LEAST_FOR_OTHERS = 1_000
LEAST_TEST = 20
NOBODY = UUID(int=0)


def evaluate(files: Files, seed: int, say: Say) -> Report:
    """Measure after each event but a case's last one, on the latest cases or on the log that is given."""
    rows, given = _rows(files)
    notes: list[str] = []
    known, test, first = _given(rows, given, notes) if given is not None else _at_share(rows, HELD_BACK)
    learned, asked = known["case"].nunique(), test["case"].nunique()
    say(f"{learned:,} cases ended before {first:%Y-%m-%d}, {asked:,} began then")
    model = training.train(known, seed)
    some = training.open_events(test)
    left, said = some["left"].to_numpy(), model.predict(some)
    ours, plain = _mean(said[:, 1], left), _mean(model.medians.predict(some)[:, 1], left)
    recent = some["recent"].fillna(pd.Series(model.medians.predict(some)[:, 1], some.index)).to_numpy()
    inside = float(((left >= said[:, 0]) & (left <= said[:, 2])).mean())
    right = float((np.array(model.next_steps(test)) == test["next"].to_numpy()).mean())
    commonest = float((test["next"] == known["next"].mode()[0]).mean())
    say(f"mean error {ours:.2f} days")
    report: tuple[Comparison, ...] = (
        Comparison("mean error in days (lower is better)", ours, plain, "medians by step"),
        Comparison("mean error in days (lower is better)", ours, _mean(recent, left), "medians of late"),
        Comparison(
            "share that ends within the range", inside, training.HIGH - training.LOW, "what it should be"
        ),
        Comparison("next step right", right, commonest, "the most usual step"),
    )
    figures = {"remaining.mae_days": ours, "remaining.within_range": inside, "remaining.next_step": right}
    added = _added_up(rows, set(known["case"]), set(test["case"]))
    if added is None:
        notes.append("too few events for the tables of an order's page: they are not measured")
    else:
        report += _of_the_page(added)
        figures |= {"remaining.page_mae_days": added["error"], "remaining.page_within_range": added["within"]}
    wide = float((said[:, 2] - said[:, 0]).mean())
    notes += [
        f"learned from {learned:,} cases, measured after {len(some):,} events of {asked:,} cases that began"
        f" from {first:%Y-%m-%d} on; the range is {wide:.1f} days wide on average",
        _used(model),
    ]
    if given is None and rows["case"].nunique() >= LEAST_FOR_OTHERS:
        notes += [_elsewhere(rows, share, seed, say) for share in OTHER_SHARES]
    return Report(figures, report, tuple(notes))


def _of_the_page(added: dict[str, float]) -> tuple[Comparison, ...]:
    what = "the same, as an order's page adds it up"
    should = training.HIGH - training.LOW
    return (
        Comparison(what, added["error"], added["of_late"], "medians of late"),
        Comparison("share within the range of the page", added["within"], should, "what it should be"),
    )


def _added_up(rows: pd.DataFrame, known: set[int], asked: set[int]) -> dict[str, float] | None:
    """Measure the tables that orders are told by: what such a log has no column for, they are not given."""
    none = {"digits": "", "lines": 1.0, "channel": ""}
    paths = [
        Path(
            str(case),
            NOBODY,
            tuple(zip(each["step"], each["at"], strict=True)),
            each["ended"].iloc[0],
            {**none, "case": case},
        )
        for case, each in rows.groupby("case")
    ]
    events = list(passing.rows_of(paths))
    learned = sorted((row for row in events if row[0]["case"] in known), key=lambda row: row[3])
    measured = [row for row in events if row[0]["case"] in asked]
    if len(learned) < orders.LEAST_ORDERS or not measured:
        return None
    of_late = float(np.mean([abs(row[1] - row[2]) for row in measured]))
    return {**orders.figures_of(orders.tables_of(learned), measured), "of_late": of_late}


def _rows(files: Files) -> tuple[pd.DataFrame, int | None]:
    """Return all events, and how many cases of them are training where both logs are given."""
    if not files.parts:
        return prefixes.table(xes.read(files.needed())), None
    train, test = (list(xes.read(part)) for part in files.parts)
    # One table: what had ended by an event's moment is known then, whichever log it stands in.
    return prefixes.table([*train, *test]), len(train)


def _given(
    rows: pd.DataFrame, train: int, notes: list[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    known, test = rows[rows["case"] < train], rows[rows["case"] >= train]
    if training.open_events(test).empty:
        raise TooLittleDataError(worded("cases to measure on"), 0, 1)
    first = test["begun"].min()
    if (known["ended"] >= first).any():
        notes.append("training and test overlap in time: both were taken as they are")
    return known, test, first


def _at_share(rows: pd.DataFrame, share: float) -> tuple[pd.DataFrame, pd.DataFrame, pd.Timestamp]:
    begun = rows.groupby("case")["begun"].first().sort_values()
    if len(begun) * share < LEAST_TEST:
        raise TooLittleDataError(worded("cases"), len(begun), int(LEAST_TEST / share))
    first = begun.iloc[int(len(begun) * (1 - share))]
    test = rows[rows["begun"] >= first]
    if training.open_events(test).empty:
        raise TooLittleDataError(worded("cases to measure on"), 0, 1)
    return rows[rows["ended"] < first], test, first


def _mean(said: np.ndarray, left: np.ndarray) -> float:
    return float(np.abs(said - left).mean())


def _used(model: training.Model) -> str:
    medians, learned = model.kept_back
    if np.isnan(medians):
        return "no case had ended before the latest of training began: the medians are used"
    what = "the learned model is used" if model.learned else "the medians are used"
    return f"on cases kept back of training: medians {medians:.2f} days, learned {learned:.2f}; {what}"


def _elsewhere(rows: pd.DataFrame, share: float, seed: int, say: Say) -> str:
    known, test, first = _at_share(rows, share)
    some = training.open_events(test)
    low, likely, high = training.train(known, seed).predict(some).T
    left = some["left"].to_numpy()
    inside, wide = float(((left >= low) & (left <= high)).mean()), float((high - low).mean())
    told = (
        f"split at {first:%Y-%m-%d} instead: mean error {_mean(likely, left):.2f} days after"
        f" {len(some):,} events, {inside:.3f} within the range, which is {wide:.1f} days wide"
    )
    say(told)
    return told
