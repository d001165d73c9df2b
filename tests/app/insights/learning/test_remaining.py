"""How long it still takes is learned from what has ended, and never worse than the medians by step."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from app.insights.learning.errors import MisshapenFileError, TooLittleDataError
from app.insights.learning.evaluation import Files
from app.insights.learning.evaluation import remaining as evaluation
from app.insights.learning.remaining import prefixes, training, xes
from app.insights.learning.remaining.xes import Event, Trace

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)


def _traces(count: int, *, seed: int = 1, told: bool = True) -> list[Trace]:
    """Return cases of three steps; what is asked for tells how long the last takes, where it is told."""
    dice = np.random.default_rng(seed)
    traces = []
    for number in range(count):
        at, kind = BEGIN + timedelta(days=number), str(dice.choice(["quick", "slow"]))
        more = {"kind": kind if told else "some"}
        days = (2.0 if kind == "quick" else 20.0) + float(dice.random())
        moments = [at, at + timedelta(days=1), at + timedelta(days=1 + days)]
        steps = ["asked", "made", "closed"]
        traces.append(
            Trace(str(number), tuple(Event(*each, more) for each in zip(steps, moments, strict=True)))
        )
    return traces


def _write(file: Path, traces: list[Trace]) -> Path:
    parts = ['<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/"><!-- a log -->']
    for trace in traces:
        parts.append(f'<trace><string key="concept:name" value="{trace.name}"/>')
        for event in trace.events:
            parts.append(
                f'<event><string key="concept:name" value="{event.step}"/>'
                f'<date key="time:timestamp" value="{event.at.isoformat()}"/>'
                f'<string key="kind" value="{event.more["kind"]}"/></event>'
            )
        parts.append("</trace>")
    text = "".join([*parts, "</log>"]).encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz"])
def test_a_log_is_read_plain_or_packed(tmp_path: Path, name: str) -> None:
    traces = _traces(5)

    assert list(xes.read(_write(tmp_path / name, traces))) == traces


HEAD = '<log><trace><event><string key="concept:name" value="a"/>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("<log><trace>", "is no XES file", id="cut off"),
        pytest.param("<log/>", "log.xes: trace: holds no trace", id="empty"),
        pytest.param("<logs><trace/></logs>", "begins with logs, not with log", id="something else"),
        pytest.param("<log><trace><event/></trace></log>", "concept:name: an event of trace 1", id="no step"),
        pytest.param(
            f"{HEAD}</event></trace></log>", "time:timestamp: is no moment in trace 1", id="no moment"
        ),
        pytest.param(
            '<!DOCTYPE log [<!ENTITY a SYSTEM "file:///etc/passwd">]><log>&a;</log>',
            "declares a document type",
            id="entities",
        ),
        pytest.param("\x1f\x8bnot gzip", "cannot be read", id="not packed"),
    ],
)
def test_a_log_that_cannot_be_used_says_why(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "log.xes"
    file.write_bytes(content.encode("latin-1"))

    with pytest.raises(MisshapenFileError, match=message):
        list(xes.read(file))


def test_a_trace_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xes, "MOST_EVENTS", 2)

    with pytest.raises(MisshapenFileError, match="more than 2 events"):
        list(xes.read(_write(tmp_path / "log.xes", _traces(1))))


def test_what_had_ended_by_then_says_how_long_it_takes_now() -> None:
    rows = prefixes.table(_traces(60))

    for _, row in rows[rows["step"] == "made"].iloc[30:33].iterrows():
        ended = rows[(rows["step"] == "made") & (rows["ended"] <= row["at"])]
        last = ended.sort_values("ended", kind="stable")["left"].tail(prefixes.RECENT)
        assert row["recent"] == pytest.approx(last.median())
    assert rows["recent"].iloc[:3].isna().all()


def test_what_a_case_asks_for_makes_its_time_and_its_range() -> None:
    known, later = prefixes.table(_traces(200)), prefixes.table(_traces(60, seed=2))
    model = training.train(known, 1)

    made = later[later["step"] == "made"]
    low, middle, high = model.predict(made).T

    assert model.learned
    assert np.abs(middle - made["left"]).mean() < 2
    assert np.abs(model.medians.predict(made)[:, 1] - made["left"]).mean() > 5
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert set(model.next_steps(made)) == {"closed"}


def test_where_nothing_tells_the_time_the_medians_are_the_model() -> None:
    # Beyond the medians there is nothing to learn when every case takes the same.
    steps = ("asked", "closed")
    same = [
        Trace(
            str(number),
            tuple(Event(step, BEGIN + timedelta(days=number + 3 * at), {}) for at, step in enumerate(steps)),
        )
        for number in range(60)
    ]

    model = training.train(prefixes.table(same), 1)

    assert model.learned == ()
    assert model.predict(prefixes.table(same))[0].tolist() == [3.0, 3.0, 3.0]


def test_a_step_that_nobody_saw_takes_what_any_step_takes() -> None:
    model = training.train(prefixes.table(_traces(60)), 1)
    strange = prefixes.table([Trace("x", (Event("new", BEGIN, {}), Event("made", BEGIN, {})))])

    assert np.isfinite(model.predict(strange)).all()
    assert model.next_steps(strange)[0] == ""


def test_too_few_cases_are_not_learned_from() -> None:
    with pytest.raises(TooLittleDataError, match="too few ended cases: 10"):
        training.train(prefixes.table(_traces(10)), 1)
    with pytest.raises(TooLittleDataError, match="too few events"):
        prefixes.table([Trace("empty", ())])


def test_a_log_is_measured_on_its_latest_cases(tmp_path: Path) -> None:
    report = evaluation.evaluate(Files(whole=_write(tmp_path / "log.xes", _traces(240))), 1, str)

    assert report.figures["remaining.mae_days"] < report.comparisons[0].baseline
    assert 0 < report.figures["remaining.page_mae_days"] < 1.2 * report.comparisons[0].baseline
    assert report.figures["remaining.next_step"] == 1.0
    assert any("the learned model is used" in note for note in report.notes)


def test_training_and_test_logs_may_be_given_apart(tmp_path: Path) -> None:
    train, test = _traces(150), _traces(200)[150:]
    files = Files(train=_write(tmp_path / "a.xes", train), test=_write(tmp_path / "b.xes", test))

    report = evaluation.evaluate(files, 1, str)

    assert report.figures["remaining.mae_days"] < 3


def test_logs_that_overlap_in_time_are_measured_as_they_are(tmp_path: Path) -> None:
    traces = _traces(200)
    files = Files(
        train=_write(tmp_path / "odd.xes", traces[1::2]), test=_write(tmp_path / "even.xes", traces[::2])
    )

    report = evaluation.evaluate(files, 1, str)

    assert report.figures["remaining.mae_days"] < 3
    assert report.figures["remaining.page_mae_days"] > 0
    assert any("overlap in time" in note for note in report.notes)


def test_a_log_whose_cases_are_one_event_long_says_what_is_missing(tmp_path: Path) -> None:
    traces = [Trace(each.name, each.events[:1]) for each in _traces(200)]

    with pytest.raises(TooLittleDataError, match="too few cases to measure on: 0"):
        evaluation.evaluate(Files(whole=_write(tmp_path / "log.xes", traces)), 1, str)
    with pytest.raises(TooLittleDataError, match="too few events: 0"):
        training.train(prefixes.table(traces), 1)


def test_the_range_holds_as_much_of_what_comes_as_it_says() -> None:
    # Nothing tells how long it takes, so that ranges that are learned are those of the cases learned from.
    dice = np.random.default_rng(5)
    traces = []
    for number in range(900):
        begun, kind = BEGIN + timedelta(days=number / 4), str(dice.integers(0, 9))
        ended = begun + timedelta(days=float(dice.exponential(1 + int(kind))))
        traces.append(Trace(str(number), (Event("asked", begun, {"kind": kind}), Event("closed", ended, {}))))
    rows = prefixes.table(traces)
    known, later = rows[rows["case"] < 500], training.open_events(rows[rows["case"] >= 500])

    model = training.train(known, 1)

    low, _, high = model.predict(later).T
    bare_low, _, bare_high = replace(model, wider=0.0).predict(later).T
    held = ((later["left"] >= low) & (later["left"] <= high)).mean()
    bare = ((later["left"] >= bare_low) & (later["left"] <= bare_high)).mean()
    assert model.learned
    assert bare < 0.74
    assert 0.76 < held < 0.88


def test_too_short_a_log_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(TooLittleDataError, match="too few cases: 30, and 100 are needed"):
        evaluation.evaluate(Files(whole=_write(tmp_path / "log.xes", _traces(30))), 1, str)
