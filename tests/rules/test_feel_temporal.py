"""Days, times and durations: their texts, their arithmetic, their order."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import feel
from rules.feel.calendar import civil_from_days, days_from_civil, weekday
from rules.feel.temporal_text import parse_temporal
from rules.feel.zones import is_zone, offset_at


@given(st.dates())
@settings(max_examples=50)
def test_civil_days_agree_with_python(day: date) -> None:
    days = days_from_civil(day.year, day.month, day.day)

    assert date(1970, 1, 1) + timedelta(days=days) == day
    assert civil_from_days(days) == (day.year, day.month, day.day)
    assert weekday(days) == day.isoweekday()


@given(st.integers(-(10**11), 10**11))
@settings(max_examples=50)
def test_civil_days_go_both_ways_in_any_year(days: int) -> None:
    assert days_from_civil(*civil_from_days(days)) == days


@pytest.mark.parametrize(
    "text",
    [
        "2020-02-29",
        "-2020-01-01",
        "0000-01-01",
        "999999999-12-31",
        "10:20:30",
        "10:20:30.123456789",
        "10:20:30Z",
        "10:20:30-05:30",
        "10:20:30+02:45:55",
        "10:20:30@Europe/Paris",
        "2020-01-01T10:20:30@Asia/Dhaka",
        "-99999-12-31T11:22:33",
        "P1D",
        "-PT1H2M",
        "PT0.999S",
        "PT0S",
        "P1Y2M",
        "-P8Y4M",
        "P0M",
    ],
)
def test_a_temporal_text_comes_back_as_it_was(text: str) -> None:
    assert str(parse_temporal(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "", "2020-1-01", "02020-01-01", "+2020-01-01", "2020-13-01", "2020-01-00", "1000000000-01-01",
        "24:00:00", "10:20", "1:20:30", "10:60:30", "10:20:60", "10:20:30+19:00", "10:20:30+05:60",
        "10:20:30@Nowhere/City", "10:20:30@../../etc/passwd", "10:20:30+01:00@Europe/Paris",
        "2020-01-01T", "2020-01-01T25:00:00", "x-01-01T10:00:00", "999999999-12-31T24:00:00",
        "P", "PT", "P1H", "P1Y1D", "-", "P1.5D", "10:20:30@" + "a" * 100,
    ],
)  # fmt: skip
def test_a_text_that_is_no_temporal_is_none(text: str) -> None:
    assert parse_temporal(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2020-01-31" + @"P1M"', "2020-02-29"),
        ('@"2020-02-29" + @"P1Y"', "2021-02-28"),
        ('@"2020-01-01" - @"P1M"', "2019-12-01"),
        ('@"2020-01-01" - @"PT1H"', "2019-12-31"),
        ('@"P1D" + @"2020-01-01"', "2020-01-02"),
        ('@"2020-01-01T24:00:00"', "2020-01-02T00:00:00"),
        ('@"2020-01-01T10:00:00" + @"PT36H"', "2020-01-02T22:00:00"),
        ('@"2020-03-29T01:30:00@Europe/Paris" + @"PT1H"', "2020-03-29T03:30:00@Europe/Paris"),
        ('@"2020-03-28T10:00:00@Europe/Paris" + @"P1M"', "2020-04-28T10:00:00@Europe/Paris"),
        ('@"23:00:00" + @"PT2H"', "01:00:00"),
        ('@"10:00:00" + @"P1Y"', "null"),
        ('@"2020-01-02" - @"2020-01-01"', "P1D"),
        ('@"10:00:00Z" - @"10:00:00+01:00"', "PT1H"),
        ('@"10:00:00Z" - @"10:00:00"', "null"),
        ('@"10:00:00" - @"2020-01-01"', "null"),
        ('@"2020-01-02T00:00:00Z" - @"2020-01-01"', "P1D"),
        ('@"2020-01-02T00:00:00" - @"2020-01-01"', "null"),
        ('@"2020-01-01T00:00:00Z" - @"2020-01-01T00:00:00"', "null"),
        ('@"P1D" - @"PT1H"', "PT23H"),
        ('@"P1Y" + @"P1M"', "P1Y1M"),
        ('@"P1Y" + @"P1D"', "null"),
        ('@"P1Y" * 1.5', "P1Y6M"),
        ('2 * @"P1D"', "P2D"),
        ('@"P1D" / 2', "PT12H"),
        ('@"P1D" / 0', "null"),
        ('@"P1D" * "a"', "null"),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P1Y" / @"P1D"', "null"),
        ('@"P1D" ** 2', "null"),
        ('1 - @"P1D"', "null"),
        ('@"10:00:00Z" = @"11:00:00+01:00"', "true"),
        ('@"10:00:00Z" = @"10:00:00"', "false"),
        ('@"10:00:00Z" < @"10:00:00"', "null"),
        ('@"10:00:00.1" = @"10:00:00.2"', "true"),
        ('@"2020-01-01T10:00:00Z" = @"2020-01-01T10:00:00"', "false"),
        ('@"2020-01-01T10:00:00Z" < @"2020-01-01T10:00:00"', "null"),
        ('@"2020-01-01T10:00:00Z" < @"2020-01-01T10:00:00-01:00"', "true"),
        ('@"2020-01-01T10:00:00@Europe/Paris" = @"2020-01-01T09:00:00Z"', "true"),
        ('@"2020-01-01" = @"2020-01-01T00:00:00"', "null"),
        ('@"P1D" < @"PT25H"', "true"),
        ('@"2020-01-01".weekday', "3"),
        ('@"2020-01-01T10:20:30Z".time offset', "PT0S"),
        ('@"2020-07-01T10:20:30@Europe/Paris".time offset', "PT2H"),
        ('@"2020-07-01T10:20:30@Europe/Paris".timezone', "Europe/Paris"),
        ('[@"2020-07-01T10:20:30".hour, @"10:20:30".minute, @"2020-07-01T10:20:30".weekday]', "[10, 20, 3]"),
        ('@"-P1DT2H3M4S".hours', "-2"),
        ('[@"P1DT2H3M4S".days, @"P1DT2H3M4S".minutes, @"P1DT2H3M4S".seconds]', "[1, 3, 4]"),
        ('[@"-P1Y2M".years, @"P1Y2M".months]', "[-1, 2]"),
        ('[@"2020-07-01T10:20:30".year, @"2020-07-01T10:20:30".month]', "[2020, 7]"),
        ('@"2020-07-01T10:20:30".day', "1"),
        ('[@"2020-07-01T10:20:30".minute, @"2020-07-01T10:20:30".second, @"10:20:30".hour]', "[20, 30, 10]"),
        ('[@"10:20:30".second, @"10:20:30".time offset, @"10:20:30".timezone]', "[30, null, null]"),
        ('[@"2020-07-01".year, @"2020-07-01".month, @"2020-07-01".day]', "[2020, 7, 1]"),
        ('[@"P1Y".start, [1..2].start, [1..2].start included]', "[null, 1, true]"),
        ('@"no such"', "null"),
    ],
)  # fmt: skip
def test_temporal_expressions_come_to_their_value(text: str, expected: str) -> None:
    value = feel.evaluate(text, {})

    assert (value if isinstance(value, str) else feel.text_of(value)) == expected


def test_zones_are_found_by_name_only() -> None:
    assert is_zone("Europe/Paris")
    assert not is_zone("Europe/Atlantis")
    assert not is_zone("Europe")
    assert not is_zone("../passwd")


def test_far_years_borrow_the_rules_of_near_ones() -> None:
    summer = days_from_civil(999_999, 7, 1)

    assert offset_at("Europe/Paris", summer, 0) == 7200


def test_seconds_of_a_duration_are_exact() -> None:
    duration = feel.parse_duration("PT0.5S")

    assert isinstance(duration, feel.DayTimeDuration)
    assert duration.total_seconds == Decimal("0.5")


def test_ranges_have_texts() -> None:
    assert str(feel.evaluate("[1..2)", {})) == "[1..2)"
    assert str(feel.evaluate("(null..2]", {})) == "(null..2]"
    assert str(feel.evaluate("(> 2)", {})) == "(2..)"
    assert str(feel.evaluate("(= 2)", {})) == "(=2)"


DAYS = date(2, 1, 3), date(9990, 1, 1)
MOMENTS = st.builds(
    lambda day, second: datetime.combine(day, time()) + timedelta(seconds=second),
    st.dates(*DAYS),
    st.integers(0, 86_399),
)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
LENGTHS = st.timedeltas(timedelta(days=-700), timedelta(days=700))


@given(st.dates(date(5, 1, 1), date(9990, 1, 1)), st.integers(-1500, 1500), st.dates())
@settings(max_examples=100)
def test_dates_move_and_compare_as_those_of_python(day: date, days: int, other: date) -> None:
    scope = {"day": day, "other": other, "days": timedelta(days=days)}

    assert feel.to_python(feel.evaluate("day + days", scope)) == day + timedelta(days=days)
    assert feel.to_python(feel.evaluate("day - other", scope)) == day - other
    assert feel.evaluate("day < other", scope) is (day < other)
    assert feel.evaluate("day = other", scope) is (day == other)
    assert feel.evaluate("day of year(day)", scope) == day.timetuple().tm_yday
    assert feel.evaluate("week of year(day)", scope) == day.isocalendar().week
    assert feel.evaluate("day.weekday", scope) == day.isoweekday()
    assert feel.evaluate("string(day)", scope) == day.isoformat()


@given(st.dates(date(1000, 1, 1), date(9000, 1, 1)), st.integers(-600, 600))
@settings(max_examples=100)
def test_months_end_where_the_month_does(day: date, months: int) -> None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    expected = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    moved = feel.evaluate("day + duration(length)", {"day": day, "length": f"P{months}M".replace("P-", "-P")})

    assert feel.to_python(moved) == expected


@given(MOMENTS, OFFSETS, MOMENTS, OFFSETS, LENGTHS)
@settings(max_examples=100)
def test_moments_move_and_compare_as_those_of_python(
    first: datetime, zone: timezone, second: datetime, other: timezone, length: timedelta
) -> None:
    left, right = first.replace(tzinfo=zone), second.replace(tzinfo=other)
    scope = {"left": left, "right": right, "length": length}

    assert feel.to_python(feel.evaluate("left + length", scope)) == left + length
    assert feel.to_python(feel.evaluate("left - right", scope)) == left - right
    assert feel.evaluate("left <= right", scope) is (left <= right)
    assert feel.evaluate("left = right", scope) is (left == right)
    assert feel.evaluate("left = date and time(string(left))", scope) is True


@given(LENGTHS, LENGTHS, st.integers(1, 50))
@settings(max_examples=100)
def test_durations_add_and_compare_as_those_of_python(left: timedelta, right: timedelta, factor: int) -> None:
    scope = {"left": left, "right": right, "factor": factor}

    assert feel.to_python(feel.evaluate("left + right", scope)) == left + right
    assert feel.to_python(feel.evaluate("left * factor", scope)) == left * factor
    assert feel.to_python(feel.evaluate("-left", scope)) == -left
    assert feel.evaluate("left < right", scope) is (left < right)
    assert feel.to_python(feel.evaluate("duration(string(left))", scope)) == left


ENDS = st.integers(0, 6)
RANGES = st.tuples(ENDS, st.booleans(), ENDS, st.booleans()).map(
    lambda each: (min(each[0], each[2]), each[1], max(each[0], each[2]), each[3])
)


def _points(low: int, low_closed: bool, high: int, high_closed: bool) -> set[int]:
    """The range as a set of half units: enough to tell all ranges between whole ends apart."""
    first, last = 2 * low + (not low_closed), 2 * high - (not high_closed)
    return set(range(first, last + 1))


@given(RANGES, RANGES, st.integers(0, 12))
@settings(max_examples=200)
def test_ranges_relate_as_the_sets_of_their_points(
    left: tuple[int, bool, int, bool], right: tuple[int, bool, int, bool], half: int
) -> None:
    first, second = _points(*left), _points(*right)
    written = [
        f"{'[' if each[1] else '('}{each[0]}..{each[2]}{']' if each[3] else ')'}" for each in (left, right)
    ]
    scope = {"point": Decimal(half) / 2}

    def ask(question: str) -> Any:
        return feel.evaluate(question.format(*written), scope)

    assert ask("point in {0}") is (half in first)
    assert ask("includes({0}, point)") is (half in first)
    if first and second:
        assert ask("overlaps({0}, {1})") is bool(first & second)
        assert ask("before({0}, {1})") is (max(first) < min(second))
        assert ask("after({0}, {1})") is (min(first) > max(second))
        assert ask("includes({0}, {1})") is (first >= second)
        assert ask("during({0}, {1})") is (first <= second)
        assert ask("coincides({0}, {1})") is (first == second)
        assert ask("starts({0}, {1})") is (min(first) == min(second) and first <= second)
        assert ask("finishes({0}, {1})") is (max(first) == max(second) and first <= second)
