"""When timers are due: ISO 8601 as the calendar has it, at any size, and quickly."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.workflows.building import NOW, Run, boundary, diagram, element, timer, user
from workflows import clock

_START = element("startEvent", "s")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("P2D", datetime(2026, 2, 2, 9, tzinfo=UTC), id="days"),
        pytest.param("P1W", datetime(2026, 2, 7, 9, tzinfo=UTC), id="weeks"),
        pytest.param("PT1H30M", datetime(2026, 1, 31, 10, 30, tzinfo=UTC), id="hours and minutes"),
        pytest.param("PT0.5S", datetime(2026, 1, 31, 9, 0, 0, 500_000, tzinfo=UTC), id="half a second"),
        pytest.param("P1M", datetime(2026, 2, 28, 9, tzinfo=UTC), id="a month ends on its last day"),
        pytest.param("P1M1D", datetime(2026, 3, 1, 9, tzinfo=UTC), id="then the day"),
        pytest.param("P1Y", datetime(2027, 1, 31, 9, tzinfo=UTC), id="a year"),
        pytest.param("P11M", datetime(2026, 12, 31, 9, tzinfo=UTC), id="December is of this year"),
    ],
)
def test_durations_are_the_calendars(text: str, moment: datetime) -> None:
    assert clock.after(text, datetime(2026, 1, 31, 9, tzinfo=UTC)) == moment


@pytest.mark.parametrize(
    "text", ["P", "PT", "P1", "1D", "-P1D", "P1H", "PT1D", "P1.5D", "P 1D", "P1D2", "p1d", ""]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO 8601 duration"):
        clock.after(text, NOW)


@pytest.mark.parametrize("text", ["P999999999Y", "P999999999M", "P999999999D", "PT999999999H", "P8000Y"])
def test_a_duration_beyond_the_calendar_is_refused_quickly(text: str) -> None:
    started = time.thread_time()

    with pytest.raises(ValueError, match="later than the year 9999"):
        clock.after(text, NOW)

    assert time.thread_time() - started < 0.1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-03-02T10:00:00+01:00", NOW, id="an offset"),
        pytest.param("2026-03-02T10:00:00@Europe/Paris", NOW, id="a zone as FEEL writes it"),
        pytest.param("2026-03-02T10:00:00+01:00[Europe/Paris]", NOW, id="a zone as Java writes it"),
        pytest.param("P1D", NOW + timedelta(days=1), id="a duration"),
        pytest.param("2026-03-02", datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC), id="a day ends with it"),
        pytest.param("", None, id="nothing said"),
    ],
)
def test_a_due_date_is_a_moment_a_day_or_a_duration(text: str, moment: datetime | None) -> None:
    assert clock.moment_of(text, NOW) == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("2026-03-02T10:00:00", "offset", id="no offset"),
        pytest.param("2026-03-02T10:00:00@Europe/Atlantis", "no time zone", id="no such zone"),
        pytest.param("2026-03-02T10:00:00@../../etc/passwd", "no|keys", id="a path for a zone"),
        pytest.param("9999-12-31T23:59:59-14:00", "year 9999", id="beyond the calendar"),
        pytest.param("2026-02-30T10:00:00Z", "day", id="no such day"),
    ],
)
def test_a_moment_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        clock.moment_of(text, NOW)


def _reminding(cycle: str, **variables: object) -> Run:
    body = (
        _START
        + user("a")
        + boundary("remind", "a", timer(timeCycle=cycle), interrupting=False)
        + user("reminded")
    )
    return Run(diagram(body, "s -> a\nremind -> reminded"), **variables)


def test_of_several_timers_the_first_that_is_due_is_waited_for() -> None:
    late = boundary("late", "a", timer(timeDuration="PT3H"), interrupting=False)
    soon = boundary("soon", "a", timer(timeDuration="PT1H"), interrupting=False)
    body = element("startEvent", "s") + user("a") + late + soon + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b\nsoon -> b"))

    assert run.step.next_due == NOW + timedelta(hours=1)
    run.advance(hours=1)

    assert (run.tasks, run.step.next_due) == (["a", "b"], NOW + timedelta(hours=3))


def test_timers_that_were_missed_together_fire_in_their_order() -> None:
    soon = boundary("soon", "a", timer(timeDuration="PT1H"), interrupting=False)
    late = boundary("late", "a", timer(timeDuration="PT3H"), interrupting=False)
    body = element("startEvent", "s") + user("a") + soon + late + user("b")
    run = Run(diagram(body, "s -> a\nlate -> b\nsoon -> b"))

    run.advance(hours=4)

    fired = [event.element for event in run.step.events if event.kind == "completed"]
    assert fired == ["soon", "late"]


def test_a_cycle_may_begin_at_a_moment() -> None:
    run = _reminding("R2/2026-03-03T09:00:00Z/P1D")
    assert run.step.next_due == NOW + timedelta(days=1)

    for _ in range(4):
        run.advance(days=1)

    assert run.tasks == ["a", "reminded", "reminded"]
    assert run.step.next_due is None


def test_a_cycle_of_milliseconds_that_was_missed_for_a_year_goes_on_at_once() -> None:
    run = _reminding("R/PT0.001S")
    started = time.thread_time()

    run.advance(days=365)

    assert time.thread_time() - started < 1
    assert run.tasks == ["a", "reminded"]


def test_a_missed_cycle_of_months_keeps_to_the_calendar() -> None:
    run = _reminding("R/P1M")

    run.advance(days=100)

    assert run.step.next_due == datetime(2026, 7, 2, 9, tzinfo=UTC)


def test_a_cycle_ends_with_the_calendar() -> None:
    run = _reminding("R/P7000Y")

    run.now = datetime(9998, 1, 1, tzinfo=UTC)
    run.advance(days=1)

    assert run.tasks == ["a", "reminded"]
    assert run.step.next_due is None


def test_a_cycle_may_be_an_expression_whose_name_looks_like_a_duration() -> None:
    run = _reminding("Reminders", Reminders="R1/PT1H")

    run.advance(hours=1)

    assert run.tasks == ["a", "reminded"]


@pytest.mark.parametrize("cycle", ["P1D", "R1/PT1H/PT1H", "Rx/P1D", "R1/", "R0/P1D"])
def test_a_cycle_that_cannot_be_read_is_an_incident(cycle: str) -> None:
    run = _reminding("= text", text=cycle)

    assert run.stuck == ["remind"]
    assert run.tasks == ["a"]
