"""The risk of a booking: learned from what was known on a day, measured on what was booked from then on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.evaluation.files import Files
from app.insights.learning.evaluation.reporting import Comparison, Report, Say
from app.insights.learning.risk import bookings, leaks, training
from app.insights.learning.risk.binning import bins_of
from app.insights.learning.risk.calibration import chance_error, expected_error
from app.insights.learning.risk.cases import Cases
from app.insights.learning.risk.periods import periods_of, unseen_days
from app.wording import worded

# The latest share of the cases is what is measured on, where we split.
HELD_BACK = 0.25
# The same is asked at other days too, and of each hotel alone: one split may be luck.
OTHER_SHARES = (0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.2, 0.15, 0.1)
LEAST_FOR_OTHERS = 5_000
LEAST_TEST = 100


@dataclass(frozen=True, slots=True)
class Split:
    """What was known on a day, and what was booked from then on."""

    known: Cases
    until: np.datetime64 | None
    test: Cases


@dataclass(frozen=True, slots=True)
class _Measured:
    auc: float
    error: float
    chance: float  # the calibration error that a model which is right would have on so many
    hotels: str


def evaluate(files: Files, seed: int, say: Say) -> Report:
    """Measure on the latest bookings of a file, or on the test file that is given."""
    notes: list[str] = []
    others: list[tuple[str, Split]] = []
    if files.parts:
        known, test = (bookings.read(part) for part in files.parts)
        split = _given(known, test, notes)
    else:
        cases = bookings.read(files.needed())
        split = at_share(cases, HELD_BACK)
        if len(cases) >= LEAST_FOR_OTHERS:
            others = [("", at_share(cases, share)) for share in OTHER_SHARES] + _each_alone(cases)
    say(f"{len(split.known):,} bookings known before {_day(split.until)}, {len(split.test):,} to measure on")
    notes += _leaks(split)
    trained = training.train(split.known, split.until)
    notes.append(
        f"trained on {trained.cases:,} bookings; {trained.left_out:,} known before {_day(split.until)} left"
        " out, for of them hardly more than a cancellation could be known"
    )
    ours = _measure(training.probabilities(trained.table, split.test), split.test)
    say(f"AUC {ours.auc:.4f}, calibration error {ours.error:.4f}")
    plain = _measure(_plainly(split, seed), split.test)
    share = np.full(len(split.test), float(split.known.failed.mean()))
    notes.append(f"measured on {len(split.test):,} bookings made from {_day(split.until)} on; {ours.hotels}")
    notes.append(
        f"calibration error of a model that is right, by chance, on as many bookings: {ours.chance:.3f}"
    )
    notes += [_elsewhere(whose, other, say) for whose, other in others]
    rows = (
        Comparison("ranking (AUC)", ours.auc, plain.auc, "gradient boosting of the same columns"),
        Comparison("calibration error (10 bins, lower is better)", ours.error, plain.error, "the same"),
        Comparison(
            "calibration error (10 bins, lower is better)",
            ours.error,
            expected_error(split.test.failed.to_numpy(), share),
            "the share of cancellations so far",
        ),
    )
    return Report({"risk.auc": ours.auc, "risk.ece": ours.error}, rows, tuple(notes))


def at_share(cases: Cases, share: float) -> Split:
    """Split at the day from which this share of the cases was placed whose outcome is known either way."""
    whole = unseen_days(cases, periods_of(cases.known)) == 0
    placed = np.sort(cases.placed.to_numpy()[whole])
    if len(placed) * share < LEAST_TEST:
        needed = int(LEAST_TEST / share)
        raise TooLittleDataError(worded("bookings whose outcome is known either way"), len(placed), needed)
    until = placed[int(len(placed) * (1 - share))]
    placed_later = (cases.placed >= until).to_numpy()
    return Split(cases.where((cases.known < until).to_numpy()), until, cases.where(whole & placed_later))


def _each_alone(cases: Cases) -> list[tuple[str, Split]]:
    """Split the bookings of each hotel as if there were no other."""
    hotels = cases.facts["hotel"].to_numpy() if "hotel" in cases.facts else np.array([])
    parts = {str(name): cases.where(hotels == name) for name in np.unique(hotels)}
    return [
        (f"{name} alone, ", at_share(part, share))
        for name, part in parts.items()
        for share in (HELD_BACK, 0.4)
        if LEAST_FOR_OTHERS <= len(part) < len(cases)
    ]


def _given(known: Cases, test: Cases, notes: list[str]) -> Split:
    """Take both, less what was not known yet when the test began, and of the test what is bad news only."""
    until = test.placed.min().to_datetime64()
    written = periods_of(pd.concat([known.known, test.known]))
    whole = unseen_days(test, written) == 0
    if not whole.all():
        notes.append(
            f"{(~whole).sum():,} bookings of the test left out: only a cancellation of them could be known"
        )
    test = test.where(whole)
    if len(test) < LEAST_TEST:
        raise TooLittleDataError(worded("bookings whose outcome is known either way"), len(test), LEAST_TEST)
    earlier = (known.known < until).to_numpy()
    if earlier.mean() >= 0.5:
        if not earlier.all():
            notes.append(
                f"{(~earlier).sum():,} bookings of training left out: known only after the test begins"
            )
        return Split(known.where(earlier), until, test)
    notes.append("training and test overlap in time: both were taken as they are")
    return Split(known, None, test)


def _measure(probability: np.ndarray, test: Cases) -> _Measured:
    failed = test.failed.to_numpy()
    if not 0 < failed.sum() < len(failed):
        raise TooLittleDataError(worded("outcomes of either kind to measure on"), 1, 2)
    hotel = test.facts["hotel"].to_numpy() if "hotel" in test.facts else np.repeat("all", len(test))
    parts = [
        f"{name} {roc_auc_score(failed[mine], probability[mine]):.3f}"
        f" ({expected_error(failed[mine], probability[mine]):.3f})"
        for name in np.unique(hotel)
        if 0 < failed[mine := hotel == name].sum() < mine.sum()
    ]
    return _Measured(
        float(roc_auc_score(failed, probability)),
        expected_error(failed, probability),
        chance_error(probability),
        "AUC (calibration error) of " + ", ".join(parts),
    )


def _plainly(split: Split, seed: int) -> np.ndarray:
    """Do what anybody would: gradient boosting as it comes, on all that is known."""
    known, test = split.known, split.test
    bins = [bins_of(each, known.facts[each.name], 1) for each in known.usable]
    words = [each.column.kind == "category" for each in bins]
    tables = [
        np.column_stack(
            [
                each.lines_of(cases.facts[each.column.name]) if word else cases.facts[each.column.name]
                for each, word in zip(bins, words, strict=True)
            ]
        ).astype(float)
        for cases in (known, test)
    ]
    with threadpool_limits(1):
        model = HistGradientBoostingClassifier(categorical_features=words, random_state=seed)
        model.fit(tables[0], known.failed.to_numpy())
        return model.predict_proba(tables[1])[:, 1]


def _elsewhere(whose: str, split: Split, say: Say) -> str:
    trained = training.train(split.known, split.until)
    found = _measure(training.probabilities(trained.table, split.test), split.test)
    told = (
        f"{whose}split at {_day(split.until)} instead: AUC {found.auc:.3f},"
        f" calibration error {found.error:.3f} (by chance {found.chance:.3f})"
        f" on {len(split.test):,} bookings" + ("" if whose else f"; {found.hotels}")
    )
    say(told)
    return told


def _leaks(split: Split) -> list[str]:
    found = leaks.find(split.known)
    declared = [each.column for each in found if each.reason is leaks.Reason.DECLARED]
    tested = [
        f"{each.column} ({each.reason.replace('_', ' ')}{': ' + each.detail if each.detail else ''})"
        for each in found
        if each.reason is not leaks.Reason.DECLARED
    ]
    there = {each.name for each in split.known.columns}
    lacking = [each.name for each in bookings.COLUMNS if each.name not in there]
    return [
        *([f"these columns are not in the file: {', '.join(lacking)}"] if lacking else []),
        f"known only later, and so not given to a model: {', '.join(declared) or 'none'}",
        f"suspected by a test: {', '.join(tested) or 'none'}",
    ]


def _day(moment: np.datetime64 | None) -> str:
    return "the test" if moment is None else str(moment)[:10]
