"""A history read as visits: when each element was entered, when and how it was left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.operations.instances_history import StepRow
from app.operations.instances_visits import Visit, Visits

_MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _step(minute: int, *events: str, cause: str = "item.completed") -> StepRow:
    """A step so many minutes after nine; an event is such as `entered a` or `completed a 2`, of part two."""
    return StepRow(minute, _MORNING + timedelta(minutes=minute), None, cause, list(map(_event, events)), [])


def _event(text: str) -> dict[str, Any]:
    kind, element, *loop = text.split()
    detail = {"detail": {"loop": int(loop[0])}} if loop else {}
    return {"process": "p", "element": element, "kind": kind, **detail}


def _read(*steps: StepRow, joins: tuple[str, ...] = ()) -> tuple[list[Visit], Visits]:
    reader = Visits({("p", name) for name in joins})
    return [visit for step in steps for visit in reader.take(step)], reader


def _minutes(visits: list[Visit]) -> list[tuple[str, int]]:
    return [(visit.element, int((visit.seconds or 0) // 60)) for visit in visits]


def test_a_visit_lasts_from_its_entry_to_its_end() -> None:
    visits, _ = _read(_step(0, "entered s", "completed s", "entered a"), _step(5, "completed a", "entered b"))

    assert _minutes(visits) == [("s", 0), ("a", 5)]
    assert [visit.how for visit in visits] == ["completed", "completed"]


def test_what_has_not_ended_is_pending_where_a_token_still_stands() -> None:
    _, reader = _read(_step(0, "entered a", "entered b"), _step(5, "completed a", "entered c"))

    pending = reader.pending({("p", "c"), ("p", "b")})

    assert [(each.element, each.how, each.seconds) for each in pending] == [("b", "", None), ("c", "", None)]


def test_a_visit_that_ended_without_a_word_is_forgotten() -> None:
    _, reader = _read(_step(0, "entered a", "entered b"))

    assert [each.element for each in reader.pending({("p", "b")})] == ["b"]
    assert [each.element for each in reader.pending({("p", "a"), ("p", "b")})] == ["b"]


def test_a_visit_lasts_on_in_a_version_that_names_its_element_otherwise() -> None:
    renamed = _step(2)
    renamed.events.append({"process": "p", "element": "b", "kind": "migrated", "detail": {"was": "a"}})

    visits, _ = _read(_step(0, "entered a"), renamed, _step(5, "completed b"))

    assert _minutes(visits) == [("b", 5)]


def test_of_two_visits_of_one_element_the_older_ends_first() -> None:
    visits, _ = _read(
        _step(0, "entered a"), _step(2, "entered a"), _step(5, "completed a"), _step(9, "cancelled a")
    )

    assert _minutes(visits) == [("a", 5), ("a", 7)]
    assert [visit.how for visit in visits] == ["completed", "cancelled"]


def test_the_arrivals_at_a_join_end_together_and_none_is_left_for_the_next_round() -> None:
    visits, _ = _read(
        _step(0, "entered join"),
        _step(3, "entered join", "completed join"),
        _step(10, "entered join"),
        _step(11, "entered join", "completed join"),
        joins=("join",),
    )

    assert _minutes(visits) == [("join", 3), ("join", 1)]


def test_parts_of_a_repeated_activity_are_told_apart_and_what_holds_them_is_no_part() -> None:
    visits, _ = _read(
        _step(0, "entered a", "entered a 0", "entered a 1"),
        _step(2, "completed a 1"),
        _step(7, "completed a 0", "completed a"),
    )

    assert [(v.loop, int((v.seconds or 0) // 60), v.is_whole) for v in visits] == [
        (1, 2, False),
        (0, 7, False),
        (None, 7, True),
    ]


def test_what_happens_meanwhile_is_noted_at_the_visit() -> None:
    visits, _ = _read(_step(0, "entered a"), _step(1, "incident a"), _step(2, "retried a", "completed a"))

    assert [note["kind"] for note in visits[0].notes] == ["incident", "retried"]


def test_an_instance_that_begins_again_leaves_nothing_pending() -> None:
    _, reader = _read(_step(0, "entered a"), _step(4, "entered a", cause="instance.begun_again"))

    (only,) = reader.pending({("p", "a")})

    assert only.entered_at == _MORNING + timedelta(minutes=4)


def test_an_end_without_a_beginning_took_no_time() -> None:
    visits, _ = _read(_step(3, "completed a"))

    assert _minutes(visits) == [("a", 0)]


def test_reading_goes_on_from_what_was_pending() -> None:
    _, first = _read(_step(0, "entered a", "entered a 0"))
    second = Visits(set(), first.pending({("p", "a")}))

    visits = list(second.take(_step(6, "completed a 0", "completed a")))

    assert [(visit.loop, visit.is_whole) for visit in visits] == [(0, False), (None, True)]
    assert _minutes(visits) == [("a", 6), ("a", 6)]
