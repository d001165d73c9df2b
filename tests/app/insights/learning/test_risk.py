"""A risk is learned from what was known at the time, means what it says, and gives its reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.insights import scorecards
from app.insights.learning.errors import MisshapenFileError, TooLittleDataError
from app.insights.learning.evaluation import Files
from app.insights.learning.evaluation import risk as evaluation
from app.insights.learning.risk import bookings, calibration, leaks, training
from app.insights.learning.risk.cases import Cases
from app.insights.learning.risk.periods import periods_of, share_to_come, unseen_days
from tests.app.insights.learning.booking_files import write_bookings


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bookings(tmp_path_factory.mktemp("bookings") / "hotel_bookings.csv", 1500)


@pytest.fixture(scope="module")
def cases(file: Path) -> Cases:
    return bookings.read(file)


@pytest.fixture(scope="module")
def trained(cases: Cases) -> training.Trained:
    return training.train(cases)


def test_bookings_come_in_the_order_in_which_they_were_made(cases: Cases) -> None:
    assert cases.placed.is_monotonic_increasing
    assert set(cases.facts["agent"]) == {"1", "2", "3", "4", "5"}
    assert "country" not in {each.name for each in cases.usable}


def test_without_a_booking_date_the_lead_time_tells_it(file: Path, cases: Cases, tmp_path: Path) -> None:
    other = tmp_path / "without.csv"
    pd.read_csv(file, dtype=str).drop(columns="booking_date").to_csv(other, index=False)

    assert bookings.read(other).placed.equals(cases.placed)


@pytest.mark.parametrize("clock", [" 00:00:00", "T10:05", "T10:05:00.000Z"])
def test_a_time_beside_a_day_makes_no_difference(file: Path, tmp_path: Path, clock: str) -> None:
    table, other = pd.read_csv(file, dtype=str), tmp_path / "clock.csv"
    table.assign(booking_date=table["booking_date"] + clock).to_csv(other, index=False)

    plain, found = bookings.read(file), bookings.read(other)

    assert (plain.placed == found.placed).all()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        pytest.param("lead_time", None, "bad.csv: lead_time: the column is not there", id="no such column"),
        pytest.param("is_canceled", "yes", r"is neither 0 nor 1 in line 4 \(yes\)", id="an outcome"),
        pytest.param("lead_time", "soon", r"lead_time: is no number in line 4 \(soon\)", id="a number"),
        pytest.param("lead_time", "", "lead_time: is no number in line 4", id="a number that is missing"),
        pytest.param("reservation_status_date", "then", "reservation_status_date: is no date", id="a day"),
        pytest.param("arrival_date_month", "Juno", "makes no date of arrival", id="a month"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_column_and_line(
    file: Path, tmp_path: Path, column: str, value: str | None, message: str
) -> None:
    table, bad = pd.read_csv(file, dtype=str), tmp_path / "bad.csv"
    if value is None:
        table = table.drop(columns=column)
    else:
        table.loc[2, column] = value
    table.to_csv(bad, index=False)

    with pytest.raises(MisshapenFileError, match=message):
        bookings.read(bad)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"agent\n"], ids=["empty", "binary", "no rows"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)

    with pytest.raises(MisshapenFileError, match=r"bad\.csv: (is no CSV file|has no rows)"):
        bookings.read(bad)


def test_open_cases_and_gaps_are_not_taken_for_failures(cases: Cases) -> None:
    cut = np.datetime64("2016-07-01")
    known = cases.where((cases.known < cut).to_numpy())

    unseen = unseen_days(known, periods_of(known.known))

    early = known.where(~np.isnan(unseen))
    truth = cases.where((cases.due < cut).to_numpy())
    assert known.failed.mean() > truth.failed.mean() + 0.03
    assert abs(early.failed.mean() - truth.failed.mean()) < 0.02


def test_a_case_older_than_the_period_counts_the_days_in_which_it_was_not_seen(cases: Cases) -> None:
    autumn = cases.where((cases.known >= np.datetime64("2016-09-01")).to_numpy())

    unseen = unseen_days(autumn, periods_of(autumn.known))

    assert np.nanmax(unseen) > 30
    assert (unseen[(autumn.placed >= autumn.known.min()).to_numpy()] == 0).mean() > 0.9


def test_those_that_failed_late_stand_for_those_that_failed_before_anybody_looked(tmp_path: Path) -> None:
    # Whoever cancels does so on any day between placing and arrival, all alike.
    cases = bookings.read(write_bookings(tmp_path / "many.csv", 6000))
    autumn = cases.where((cases.known >= np.datetime64("2016-09-01")).to_numpy())
    unseen = unseen_days(autumn, periods_of(autumn.known))

    to_come = share_to_come(autumn, unseen)

    late = (unseen > 5) & (to_come >= 0.2)
    whole = (autumn.due - autumn.placed).dt.days.to_numpy()
    assert np.abs(to_come[late] - (1 - unseen[late] / whole[late])).mean() < 0.1
    seen, begun = autumn.where(late), autumn.known.min()
    before = (begun - cases.placed).dt.days
    share = 1 - before / np.maximum((cases.due - cases.placed).dt.days, 1)
    truth = cases.where((before > 5) & (share >= 0.2) & (cases.due <= autumn.known.max()))
    told = (seen.failed / to_come[late]).sum() / (~seen.failed).sum()
    assert told == pytest.approx(truth.failed.sum() / (~truth.failed).sum(), rel=0.15)
    assert seen.failed.sum() / (~seen.failed).sum() < 0.8 * told


def test_what_is_learned_after_a_gap_means_what_it_says(tmp_path: Path) -> None:
    cases = bookings.read(write_bookings(tmp_path / "many.csv", 6000))
    short = cases.where(
        (
            (cases.known >= np.datetime64("2016-09-01")) & (cases.known < np.datetime64("2016-10-10"))
        ).to_numpy()
    )
    later = cases.where((cases.placed >= np.datetime64("2016-10-10")).to_numpy())

    said = training.probabilities(training.train(short, np.datetime64("2016-10-10")).table, later)

    assert said.mean() == pytest.approx(later.failed.mean(), abs=0.05)
    assert calibration.expected_error(later.failed.to_numpy(), said) < 0.09


def test_the_card_says_in_plain_python_what_the_table_says(trained: training.Trained, cases: Cases) -> None:
    card = json.loads(json.dumps(trained.table.card()))
    some = cases.where(np.arange(len(cases)) < 50)
    strange = {**some.facts.iloc[0].to_dict(), "agent": "none of them", "lead_time": None}

    said = training.probabilities(trained.table, some)

    one_by_one = [scorecards.assess(card, row).probability for row in some.facts.to_dict("records")]
    assert np.allclose(said, one_by_one, atol=1e-4)
    assert 0 < scorecards.assess(card, strange).probability < 1


def test_the_reasons_are_what_makes_the_risk(trained: training.Trained) -> None:
    facts = {"agent": "3", "lead_time": 85.0, "hotel": "City", "adults": 2.0}

    assessment = scorecards.assess(trained.table.card(), facts)

    first, second = assessment.reasons()[:2]
    assert {first.feature, second.feature} == {"agent", "lead_time"}
    assert min(first.effect, second.effect) > 0.5
    assert assessment.probability > 0.6


def test_more_lead_time_never_lowers_the_risk(trained: training.Trained) -> None:
    card = trained.table.card()

    risks = [
        scorecards.assess(card, {"agent": "1", "lead_time": float(days)}).probability for days in range(90)
    ]

    assert risks == sorted(risks)


def test_a_probability_means_what_it_says() -> None:
    dice = np.random.default_rng(3)
    said = dice.random(20_000)
    happened = dice.random(20_000) < said

    assert calibration.expected_error(happened, said) < 0.02
    assert calibration.expected_error(happened, said**2) > 0.1
    slope, shift = calibration.stretch(2 * np.log(said / (1 - said)) + 1, happened, np.ones(20_000))
    assert (slope, shift) == (pytest.approx(0.5, abs=0.1), pytest.approx(-0.5, abs=0.1))


def test_too_few_cases_are_not_learned_from(cases: Cases) -> None:
    with pytest.raises(TooLittleDataError, match="60 are needed"):
        training.train(cases.where(np.arange(len(cases)) < 20))
    with pytest.raises(TooLittleDataError, match="rarer outcome"):
        training.train(replace(cases, failed=cases.failed & False))


def test_columns_that_are_known_only_later_are_found(cases: Cases) -> None:
    found = {(leak.column, leak.reason) for leak in leaks.find(cases)}

    assert ("country", leaks.Reason.DECLARED) in found
    assert ("reservation_status", leaks.Reason.TELLS_ALL) in found
    assert ("reservation_status_date", leaks.Reason.LATER_DAYS) in found
    assert ("required_car_parking_spaces", leaks.Reason.ONE_OUTCOME) in found
    assert leaks.suspected(cases) == []


def test_a_copy_that_was_corrected_later_is_found(cases: Cases) -> None:
    reserved = cases.facts["reserved_room_type"].where(cases.facts["adults"] < 3, "B")
    assigned = reserved.where(cases.failed | (cases.facts["adults"] > 1), "B")
    facts = cases.facts.assign(assigned_room_type=assigned, reserved_room_type=reserved)

    found = leaks.find(replace(cases, facts=facts))

    assert leaks.Leak("assigned_room_type", leaks.Reason.CORRECTED, "reserved_room_type") in found


def test_a_file_is_measured_on_its_latest_bookings(file: Path) -> None:
    said: list[str] = []

    report = evaluation.evaluate(Files(whole=file), 1, said.append)

    assert report.figures["risk.auc"] > 0.7
    assert report.figures["risk.ece"] < 0.15
    assert report.comparisons[0].what == "ranking (AUC)"
    assert any("country" in note for note in report.notes)
    assert said


def test_training_and_test_given_apart_leave_out_what_was_not_known_yet(file: Path, tmp_path: Path) -> None:
    later = write_bookings(tmp_path / "later.csv", 400, seed=2, first=date(2016, 12, 1))
    parallel = write_bookings(tmp_path / "parallel.csv", 400, seed=2)

    apart = evaluation.evaluate(Files(train=file, test=later), 1, str)
    overlapping = evaluation.evaluate(Files(train=file, test=parallel), 1, str)

    assert any("left out: known only after the test begins" in note for note in apart.notes)
    assert any("overlap in time" in note for note in overlapping.notes)
    assert min(apart.figures["risk.auc"], overlapping.figures["risk.auc"]) > 0.7


def test_of_a_test_that_ends_what_was_known_of_bookings_ahead_is_left_out(file: Path, tmp_path: Path) -> None:
    later = write_bookings(tmp_path / "later.csv", 3000, seed=2, first=date(2017, 1, 1))
    table, ended = pd.read_csv(later, dtype=str), tmp_path / "ended.csv"
    table[table["reservation_status_date"] < "2017-06-01"].to_csv(ended, index=False)

    report = evaluation.evaluate(Files(train=file, test=ended), 1, str)

    assert any("of the test left out" in note for note in report.notes)
    assert report.figures["risk.ece"] < 0.08

    table.head(50).to_csv(ended, index=False)
    with pytest.raises(TooLittleDataError, match=r"known either way: \d+, and 100 are needed"):
        evaluation.evaluate(Files(train=file, test=ended), 1, str)


def test_a_file_with_fewer_columns_in_another_order_is_measured_too(file: Path, tmp_path: Path) -> None:
    table, other = pd.read_csv(file, dtype=str), tmp_path / "other.csv.gz"
    lacking = ["country", "agent", "hotel", "stays_in_weekend_nights", "booking_date"]
    numbers = pd.to_datetime(table["arrival_date_month"], format="%B").dt.month.astype(str)
    fewer = table.assign(arrival_date_month=numbers).drop(columns=lacking)
    fewer[fewer.columns[::-1]].iloc[::-1].to_csv(other, index=False)

    whole, report = (evaluation.evaluate(Files(whole=each), 1, str) for each in (file, other))

    assert 0.6 < report.figures["risk.auc"] < whole.figures["risk.auc"]
    assert any(
        "these columns are not in the file: hotel, stays_in_weekend_nights, agent" in x for x in report.notes
    )


def test_too_short_a_file_says_what_is_missing(tmp_path: Path) -> None:
    short = write_bookings(tmp_path / "short.csv", 60)

    with pytest.raises(TooLittleDataError, match="bookings whose outcome is known either way"):
        evaluation.evaluate(Files(whole=short), 1, str)
