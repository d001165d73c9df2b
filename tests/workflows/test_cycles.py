"""Cycles and zones: which moments a cycle names, also where the clocks of its zone change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import workflows
from tests.workflows.building import NOW, Run, boundary, diagram, element, timer, user
from workflows import clock, cycles, durations, state

_BODY = element("startEvent", "s") + user("a")


def _moments(text: str, now: str, count: int = 4) -> list[str]:
    """Return when the next rounds are, each asked for at the moment of the one before."""
    began = moment = durations.moment(now)
    cycle = cycles.read(text, began)
    found: list[str] = []
    number = cycle.next(began)
    while number is not None and len(found) < count:
        moment = cycle.at(number)
        found.append(moment.strftime("%m-%d %H:%M"))
        number = cycle.next(moment, number + 1)
    return found


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        pytest.param("R/PT6H", ["03-02 15:00", "03-02 21:00", "03-03 03:00"], id="for ever, from now"),
        pytest.param("R2/PT6H", ["03-02 15:00", "03-02 21:00"], id="twice, from now"),
        pytest.param("R1/P1D", ["03-03 09:00"], id="once"),
        pytest.param("R2/2026-03-05T08:00Z/P1D", ["03-05 08:00", "03-06 08:00"], id="twice from a start"),
        pytest.param(
            "R/2026-03-05T08:00Z/P1D", ["03-05 08:00", "03-06 08:00", "03-07 08:00"], id="from a start"
        ),
        pytest.param("R5/2026-03-01T08:00Z/P1D", ["03-03 08:00", "03-04 08:00", "03-05 08:00"], id="begun"),
        pytest.param(
            "R/2020-01-01T08:00Z/P7D", ["03-04 08:00", "03-11 08:00", "03-18 08:00"], id="begun long ago"
        ),
        pytest.param("R/P1D/2026-03-04T08:00Z", ["03-03 08:00", "03-04 08:00"], id="up to an end"),
        pytest.param("R2/P1D/2026-03-09T08:00Z", ["03-08 08:00", "03-09 08:00"], id="the last two to an end"),
        pytest.param("R9/P1D/2026-03-04T08:00Z", ["03-03 08:00", "03-04 08:00"], id="the last nine, begun"),
        pytest.param("R/P1D/2026-03-02T08:00Z", [], id="its end is past"),
        pytest.param(
            "R2/2026-03-05T08:00Z/2026-03-05T20:00Z",
            ["03-05 08:00", "03-05 20:00"],
            id="a start and its next",
        ),
        pytest.param(
            "R/2026-03-02T08:00Z/2026-03-02T11:00Z",
            ["03-02 11:00", "03-02 14:00", "03-02 17:00"],
            id="for ever",
        ),
        pytest.param("R3/2026-01-01T08:00Z/P1D", [], id="all its moments are past"),
        pytest.param(
            "R/2026-01-31T08:00Z/P1M", ["03-31 08:00", "04-30 08:00", "05-31 08:00"], id="ends of months"
        ),
    ],
)
def test_a_cycle_names_its_moments(text: str, moments: list[str]) -> None:
    assert _moments(text, "2026-03-02T09:00Z", 3) == moments


# Berlin: 2026-03-29 02:00 becomes 03:00 (UTC+1 to +2), 2026-10-25 03:00 becomes 02:00 (+2 to +1).
@pytest.mark.parametrize(
    ("text", "now", "moments"),
    [
        pytest.param(
            "R/2026-03-28T09:00@Europe/Berlin/P1D",
            "2026-03-28T07:00Z",
            ["03-28 08:00", "03-29 07:00", "03-30 07:00"],
            id="nine in the morning stays nine in spring",
        ),
        pytest.param(
            "R/2026-10-24T09:00@Europe/Berlin/P1D",
            "2026-10-24T06:00Z",
            ["10-24 07:00", "10-25 08:00", "10-26 08:00"],
            id="and in autumn",
        ),
        pytest.param(
            "R3/2026-03-28T09:00+01:00[Europe/Berlin]/P1D",
            "2026-03-28T07:00Z",
            ["03-28 08:00", "03-29 07:00", "03-30 07:00"],
            id="in brackets",
        ),
        pytest.param(
            "R/2026-03-28T09:00+01:00/P1D",
            "2026-03-28T07:00Z",
            ["03-28 08:00", "03-29 08:00", "03-30 08:00"],
            id="an offset alone is no zone",
        ),
        pytest.param(
            "R/2026-03-28T21:00@Europe/Berlin/PT12H",
            "2026-03-28T19:00Z",
            ["03-28 20:00", "03-29 08:00", "03-29 20:00"],
            id="hours pass as they pass",
        ),
        pytest.param(
            "R/2026-03-27T02:30@Europe/Berlin/P1D",
            "2026-03-27T23:00Z",
            ["03-28 01:30", "03-29 01:30", "03-30 00:30"],
            id="a time left out is an hour later that day only",
        ),
        pytest.param(
            "R/2026-10-24T02:30@Europe/Berlin/P1D",
            "2026-10-24T00:00Z",
            ["10-24 00:30", "10-25 00:30", "10-26 01:30"],
            id="of a time that comes twice the first",
        ),
        pytest.param(
            "R/2026-03-22T09:00@Europe/Berlin/P1W",
            "2026-03-22T07:00Z",
            ["03-22 08:00", "03-29 07:00", "04-05 07:00"],
            id="weeks",
        ),
        pytest.param(
            "R/2026-02-28T09:00@Europe/Berlin/P1M",
            "2026-02-28T07:00Z",
            ["02-28 08:00", "03-28 08:00", "04-28 07:00"],
            id="months",
        ),
        pytest.param(
            "R/2025-03-29T09:00@Europe/Berlin/P1Y",
            "2025-03-29T07:00Z",
            ["03-29 08:00", "03-29 07:00", "03-29 07:00"],
            id="years",
        ),
        pytest.param(
            "R/P1D@Europe/Berlin",
            "2026-03-28T08:00Z",
            ["03-29 07:00", "03-30 07:00", "03-31 07:00"],
            id="from now, in a zone",
        ),
        pytest.param(
            "R2/P1D/2026-03-29T09:00@Europe/Berlin",
            "2026-03-28T07:00Z",
            ["03-28 08:00", "03-29 07:00"],
            id="up to an end in a zone",
        ),
        pytest.param(
            "R/2026-03-28T09:00@Europe/Berlin/2026-03-29T09:00@Europe/Berlin",
            "2026-03-28T07:00Z",
            ["03-28 08:00", "03-29 07:00", "03-30 07:00"],
            id="a start and its next day, of 23 hours",
        ),
        pytest.param(
            "R/2026-03-28T02:30@Europe/Berlin/2026-03-29T02:30@America/Argentina/Buenos_Aires",
            "2026-03-28T00:00Z",
            ["03-28 01:30", "03-29 05:30", "03-30 08:30"],
            id="another zone's end is a moment",
        ),
        pytest.param(
            "R/2026-03-07T09:00@America/New_York/P1D",
            "2026-03-07T13:00Z",
            ["03-07 14:00", "03-08 13:00", "03-09 13:00"],
            id="another zone has other days",
        ),
    ],
)
def test_a_zones_calendar_is_kept_where_its_clocks_change(text: str, now: str, moments: list[str]) -> None:
    assert _moments(text, now, len(moments)) == moments


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("P1D@Europe/Berlin", "2026-03-29T07:00:00+00:00", id="a day of 23 hours"),
        pytest.param("P1D[Europe/Berlin]", "2026-03-29T07:00:00+00:00", id="in brackets"),
        pytest.param("PT24H@Europe/Berlin", "2026-03-29T08:00:00+00:00", id="hours are hours"),
        pytest.param("P1DT1H@Europe/Berlin", "2026-03-29T08:00:00+00:00", id="the day, then the hour"),
        pytest.param("P1D", "2026-03-29T08:00:00+00:00", id="no zone named"),
    ],
)
def test_a_duration_may_name_the_zone_whose_days_it_counts(text: str, moment: str) -> None:
    assert clock.after(text, datetime(2026, 3, 28, 8, tzinfo=UTC)).isoformat() == moment


def test_a_day_across_a_longer_one_is_not_counted_as_two() -> None:
    start, end = durations.moment("2026-10-25T02:30+02:00"), durations.moment("2026-10-25T02:45+01:00")
    zone = durations.zoned("@Europe/Berlin").tzinfo

    assert durations.between(start, end, zone).rest == timedelta(hours=1, minutes=15)
    before = durations.moment("2026-03-28T02:45+01:00")
    later = durations.moment("2026-03-29T03:30+02:00")
    assert durations.between(before, later, zone) == durations.Duration(0, 0, timedelta(hours=23, minutes=45))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("R/P1D/P1D/P1D", "ISO 8601 cycle", id="three parts"),
        pytest.param("R/", "ISO 8601 cycle", id="no part"),
        pytest.param("R-1/P1D", "ISO 8601 cycle", id="less than none"),
        pytest.param("R0/P1D", "never happens", id="no times"),
        pytest.param("R/PT0S", "period", id="no period"),
        pytest.param("R/2026-03-02T09:00Z/2026-03-02T09:00Z", "period", id="it ends where it begins"),
        pytest.param("R/2026-03-02T09:00/P1D", "offset", id="a start without an offset"),
        pytest.param("R/2026-03-02T09:00@Europe/Atlantis/P1D", "no time zone", id="no such zone"),
        pytest.param("R/P1D@Europe/Atlantis", "no time zone", id="no such zone of a period"),
        pytest.param("R/PT999999999999H", "ISO 8601 duration", id="too many digits"),
    ],
)
def test_what_is_no_cycle_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cycles.read(text, NOW)


@pytest.mark.parametrize(
    "text", ["R/P999999999Y", "R/P999999999D", "R3/1999-01-01T00:00Z/PT1H", "R/P1D/1999-01-01T00:00Z"]
)
def test_a_cycle_with_no_moment_left_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no moment left"):
        clock.check("cycle", text)


def _reminding(cycle: str) -> Run:
    reminder = boundary("remind", "a", timer(timeCycle=cycle), interrupting=False)
    return Run(diagram(_BODY + reminder + user("reminded"), "s -> a\nremind -> reminded"))


def test_a_cycle_that_was_missed_across_a_change_of_clocks_fires_once_and_keeps_its_hour() -> None:
    run = _reminding("R/2026-03-03T09:00@Europe/Berlin/P1D")
    assert run.step.next_due == datetime(2026, 3, 3, 8, tzinfo=UTC)

    run.advance(days=40)

    assert run.tasks == ["a", "reminded"]
    assert run.step.next_due == datetime(2026, 4, 12, 7, tzinfo=UTC)


def test_rounds_that_were_missed_are_over() -> None:
    run = _reminding("R3/PT1H")

    run.advance(hours=2)
    assert run.tasks == ["a", "reminded"]
    assert run.step.next_due == NOW + timedelta(hours=3)
    run.advance(hours=1)

    assert run.tasks == ["a", "reminded", "reminded"]
    assert run.step.next_due is None


@pytest.mark.parametrize(
    ("left", "due"),
    [
        pytest.param(1, NOW + timedelta(hours=2), id="once more"),
        pytest.param(-1, NOW + timedelta(hours=2), id="for ever"),
        pytest.param(0, None, id="this was the last"),
    ],
)
def test_a_cycle_that_an_older_version_wrote_goes_on(left: int, due: datetime | None) -> None:
    run = _reminding("R/PT1H")
    instance = state.load(run.step.state, run.deployment, NOW)
    waiting = next(token for token in instance.index.values() if token.task_spec.name == "remind")
    memo = {"due": (NOW + timedelta(hours=1)).timestamp(), "every": "PT1H", "left": left}
    waiting.internal_data = {"host": waiting.internal_data["host"], **memo}
    run.step = replace(run.step, state=state.save(instance))
    assert clock.every(waiting) == "PT1H"

    run.advance(hours=1)

    assert run.tasks == ["a", "reminded"]
    assert run.step.next_due == due


@pytest.mark.parametrize(
    ("cycle", "every"),
    [
        pytest.param("R3/P1D", "P1D", id="a period"),
        pytest.param("R/2026-03-03T09:00@Europe/Berlin/P1D", "P1D", id="from a start"),
        pytest.param("R/P1D/2026-04-03T09:00@Europe/Berlin", "P1D", id="up to an end"),
        pytest.param(
            "R/2026-03-03T09:00Z/2026-03-03T10:00Z",
            "2026-03-03T09:00Z/2026-03-03T10:00Z",
            id="a start and its next",
        ),
    ],
)
def test_a_timer_that_runs_is_told_with_its_period(cycle: str, every: str) -> None:
    assert [timer.every for timer in _reminding(cycle).step.timers] == [every]


def test_a_cycle_that_is_set_anew_goes_on_from_there() -> None:
    run = _reminding("R3/PT1H")
    run.advance(hours=1)

    run.do(workflows.reschedule, run.step.state, "p", "remind", NOW + timedelta(hours=2, minutes=30), run.now)
    dues = [run.step.next_due]
    for _ in range(2):
        run.advance(hours=1, minutes=30)
        dues.append(run.step.next_due)

    assert dues == [NOW + timedelta(hours=2, minutes=30), NOW + timedelta(hours=3, minutes=30), None]
