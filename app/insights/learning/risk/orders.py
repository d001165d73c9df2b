"""One training of the risk of orders: learned from older ones, judged on the newest whose time has passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from app.insights import drift, scorecards
from app.insights.learning.keeping import pack
from app.insights.learning.risk import calibration, leaks, training
from app.insights.learning.risk.cases import Availability, Cases, Column
from app.insights.learning.risk.leaks import Reason
from app.insights.order_facts import FACTS, OUTCOMES
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError

FORMAT = 1
ANY = "any"
HELD_BACK: Final = 0.2
LEAST_HELD: Final = 15
# What is known of an order sooner than this share of them is mostly bad news (see `periods`).
RIPE: Final = 0.9
RANGES, LEAST_OF_A_RANGE = 8, 25
# Words of a reference that drift is looked for in.
MOST_WORDS: Final = 20
# A value that always came out alike may be chance or habit; these three are neither.
_KEPT_OUT: Final = (Reason.TELLS_ALL, Reason.LATER_DAYS, Reason.CORRECTED)


@dataclass(frozen=True, slots=True)
class _Orders:
    """Orders with what came of them, one after the other."""

    cases: Cases
    outcomes: Sequence[tuple[str, ...]]

    def where(self, keep: np.ndarray) -> _Orders:
        return _Orders(
            self.cases.where(keep), [each for each, kept in zip(self.outcomes, keep, strict=True) if kept]
        )

    def failed_by(self, name: str) -> np.ndarray:
        """Return where this came of an order, or anything that is not well."""
        return np.array([bool(each) if name == ANY else name in each for each in self.outcomes])


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (facts, submitted, ended, outcomes); raise TooLittleError saying what is missing."""
    older, held = _apart(list(rows), job)
    job.progress(10, "learning")
    found = leaks.find(replace(older.cases, columns=older.cases.usable))
    kept_out = {each.column for each in found if each.reason in _KEPT_OUT}
    facts = older.cases.facts
    columns = tuple(
        each
        for each in older.cases.usable
        if each.name not in kept_out and facts[each.name].nunique(dropna=False) > 1
    )
    whole = _learned(older, ANY, columns)
    job.progress(40, "learning")
    weights = {
        "format": FORMAT,
        "cases": len(older.cases),
        ANY: whole,
        "outcomes": {name: _outcome(older, held, name, columns) for name in OUTCOMES},
    }
    job.progress(85, "measuring")
    newest = held.cases.facts.to_dict("records")
    used = job.in_use.weights if job.in_use else None
    reference = {**_spread(facts, columns), "risk": _scores(older.cases, whole["card"])}
    return Learned(
        artefact=pack(weights),
        trusted=(),
        weights=weights,
        features=tuple(each.name for each in columns),
        rows=len(older.cases),
        held_back=len(newest),
        since=_moment(older.cases.placed.iloc[0]),
        until=_moment(older.cases.known.max()),
        held_since=_moment(held.cases.placed.iloc[0]),
        measured=Measured(
            candidate=_measured(whole["card"], newest, held),
            baseline=_figures(np.full(len(newest), whole["usual"]), held.failed_by(ANY)),
            in_use=_measured(used[ANY]["card"], newest, held) if used else None,
        ),
        reference=reference,
        recent=_recent(held.cases, job),
        notes=_notes(older.cases, found, kept_out),
    )


def _apart(rows: Sequence[Row], job: Job) -> tuple[_Orders, _Orders]:
    """Hold back the newest that could have ended either way by now; learn from what was known before them."""
    least = int(training.LEAST_CASES / (1 - HELD_BACK)) + LEAST_HELD
    if len(rows) < least:
        raise TooLittleError(have=len(rows), least=least)
    ripe = timedelta(days=float(np.quantile([(row[2] - row[1]) / timedelta(days=1) for row in rows], RIPE)))
    table = sorted((row for row in rows if row[1] + ripe <= job.now), key=lambda row: row[1])
    if len(table) < least:
        raise TooLittleError(have=len(table), least=least)
    held = table[-max(LEAST_HELD, int(len(table) * HELD_BACK)) :]
    first = held[0][1]
    older = [row for row in table if row[2] < first and row[1] + ripe <= first]
    if len(older) < training.LEAST_CASES:
        raise TooLittleError(have=len(older), least=training.LEAST_CASES)
    return _orders(older), _orders(held)


def _orders(rows: Sequence[Row]) -> _Orders:
    columns = tuple(
        Column(each.name, each.kind, Availability.LATER if each.later else Availability.AT_ONCE, each.trend)
        for each in FACTS
    )
    table = pd.DataFrame([row[0] for row in rows])
    facts = pd.DataFrame(
        {each.name: table[each.name].astype(float if each.kind == "number" else str) for each in columns}
    )
    placed, known = (pd.to_datetime(pd.Series([row[at] for row in rows]), utc=True) for at in (1, 2))
    placed, known = placed.dt.tz_localize(None), known.dt.tz_localize(None)
    outcomes = [tuple(row[3]) for row in rows]
    failed = pd.Series([bool(each) for each in outcomes])
    return _Orders(Cases(columns, facts, placed, known, known, failed), outcomes)


def _moment(at: pd.Timestamp) -> datetime:
    return at.to_pydatetime().replace(tzinfo=UTC)


def _learned(orders: _Orders, name: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Learn one card; raise TooLittleError where one of the two outcomes hardly happened."""
    failed = orders.failed_by(name)
    rarer = int(min(failed.sum(), (~failed).sum()))
    if rarer < training.LEAST_OF_EACH:
        raise TooLittleError("too_few_of_each", have=rarer, least=training.LEAST_OF_EACH)
    cases = replace(orders.cases, columns=tuple(columns), failed=pd.Series(failed))
    age = (cases.known.max() - cases.placed).dt.days.to_numpy()
    table, said = training.fit_calibrated(cases, 0.5 ** (age / training.HALF_LIFE_DAYS))
    return {"card": dict(table.card()), "usual": float(failed.mean()), "ranges": _ranges(said, failed)}


def _outcome(older: _Orders, held: _Orders, name: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Return one outcome's card where it beats the share so far on what was held back, else that share."""
    usual, happened = float(older.failed_by(name).mean()), held.failed_by(name)
    try:
        card = _learned(older, name, columns)["card"]
    except TooLittleError:
        return {"card": None, "usual": usual}
    mine = _figures(_said(card, held.cases.facts.to_dict("records")), happened)["brier"]
    base = _figures(np.full(len(happened), usual), happened)["brier"]
    return {"card": card if mine < base else None, "usual": usual}


def _ranges(said: np.ndarray, failed: np.ndarray) -> list[list[float]]:
    """Return [up to, cases, failed] of parts of like size, by what was said of cases that were not seen."""
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, int(np.clip(len(said) // LEAST_OF_A_RANGE, 1, RANGES)))
    found = [[round(float(said[part].max()), 5), len(part), int(failed[part].sum())] for part in parts]
    return [*found[:-1], [1.0, *found[-1][1:]]]


def _said(card: Mapping[str, Any], facts: Sequence[Mapping[Any, Any]]) -> np.ndarray:
    """Return what the web will say."""
    return np.array([scorecards.assess(card, each).probability for each in facts])


def _measured(card: Mapping[str, Any], facts: Sequence[Mapping[Any, Any]], held: _Orders) -> dict[str, float]:
    return _figures(_said(card, facts), held.failed_by(ANY))


def _figures(said: np.ndarray, failed: np.ndarray) -> dict[str, float]:
    both = 0 < failed.sum() < len(failed)
    return {
        "brier": float(((said - failed) ** 2).mean()),
        "calibration": calibration.expected_error(failed, said),
        "auc": float(roc_auc_score(failed, said)) if both else 0.5,
    }


def _spread(facts: pd.DataFrame, columns: Sequence[Column]) -> dict[str, Distribution]:
    found = {}
    for each in columns:
        values = facts[each.name]
        if each.kind == "category":
            words = list(values.value_counts().index[:MOST_WORDS])
            found[each.name] = drift.of_words(values, words)
        else:
            there = values.dropna()
            found[each.name] = drift.of_numbers(there, drift.deciles(there))
    return found


def _scores(cases: Cases, card: Mapping[str, Any]) -> Distribution:
    said = _said(card, cases.facts.to_dict("records"))
    return drift.of_numbers(said, drift.deciles(said))


def _recent(cases: Cases, job: Job) -> dict[str, Distribution]:
    if job.in_use is None:
        return {}
    found = {}
    for name, known in job.in_use.reference.items():
        if name == "risk":
            said = _said(job.in_use.weights[ANY]["card"], cases.facts.to_dict("records"))
            found[name] = drift.of_numbers(said, known.edges)
        elif name in cases.facts:
            values = cases.facts[name]
            is_words = bool(known.words)
            found[name] = (
                drift.of_words(values, known.words)
                if is_words
                else drift.of_numbers(values.dropna(), known.edges)
            )
    return found


def _notes(cases: Cases, found: Sequence[leaks.Leak], kept_out: set[str]) -> list[tuple[str, dict[str, Any]]]:
    """Say which columns are known only later, and which of the others a test suspects."""
    declared = [each.name for each in cases.columns if each.available is Availability.LATER]
    doubted = dict.fromkeys(each.column for each in found if each.column not in kept_out)
    notes: list[tuple[str, dict[str, Any]]] = [("known_later", {"columns": declared})]
    if kept_out:
        notes.append(("suspected_and_kept_out", {"columns": sorted(kept_out)}))
    if doubted:
        notes.append(("suspected_only", {"columns": list(doubted)}))
    return notes
