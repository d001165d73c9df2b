"""Start events: which a process has, where it begins at each, and when it begins by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import workflows
from tests.workflows.building import NOW, Run, diagram, element, timer, user
from workflows import StartInfo

_DECLARED = '<bpmn:message id="m" name="ordered"/><bpmn:signal id="g" name="strike"/>'
_EACH = (
    element("startEvent", "by_hand")
    + element("startEvent", "by_message", '<bpmn:messageEventDefinition messageRef="m"/>')
    + element("startEvent", "by_signal", '<bpmn:signalEventDefinition signalRef="g"/>')
    + element("startEvent", "nightly", timer(timeCycle="R/2026-03-03T02:00@Europe/Berlin/P1D"))
)
_TASKS = "".join(user(f"after_{name}") for name in ("by_hand", "by_message", "by_signal", "nightly"))
_FLOWS = "\n".join(f"{name} -> after_{name}" for name in ("by_hand", "by_message", "by_signal", "nightly"))
_SEVERAL = diagram(_EACH + _TASKS, _FLOWS, before=_DECLARED)


def test_a_process_tells_where_it_begins() -> None:
    starts = workflows.deploy({"p.bpmn": _SEVERAL}).processes["p"].starts

    assert [(each.element, each.kind, each.text) for each in starts] == [
        ("by_hand", "none", None),
        ("by_message", "message", "ordered"),
        ("by_signal", "signal", "strike"),
        ("nightly", "cycle", "R/2026-03-03T02:00@Europe/Berlin/P1D"),
    ]


@pytest.mark.parametrize("start", ["by_hand", "by_message", "by_signal", "nightly"])
def test_an_instance_begins_at_the_start_event_that_is_named(start: str) -> None:
    assert Run(_SEVERAL, at=start).tasks == [f"after_{start}"]


def test_what_a_message_brings_is_there_from_the_start() -> None:
    assert Run(_SEVERAL, at="by_message", amount=5).variables == {"amount": 5}


def test_an_instance_does_not_begin_where_there_is_no_start_event() -> None:
    with pytest.raises(workflows.UnknownProcessError, match="p started by after_by_hand"):
        Run(_SEVERAL, at="after_by_hand")


@pytest.mark.parametrize(("n", "met"), [(3, True), (1, False), (None, False)])
def test_a_condition_is_met_by_what_somebody_brings(n: int | None, met: bool) -> None:
    assert workflows.is_met(StartInfo("s", "condition", "n > 2"), {"n": n}, NOW) is met


def test_a_condition_that_is_none_is_told_with_its_element() -> None:
    with pytest.raises(workflows.ElementError, match="s: the condition 'n' gives 3"):
        workflows.is_met(StartInfo("s", "condition", "n"), {"n": 3}, NOW)


def _start(kind: str, text: str) -> StartInfo:
    return StartInfo("s", kind, text)


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        pytest.param("date", "2026-03-03T09:00:00Z", NOW + timedelta(days=1), id="a date"),
        pytest.param("date", "2026-03-01T09:00:00Z", None, id="a date that is past"),
        pytest.param("duration", "PT2H", NOW + timedelta(hours=2), id="a duration"),
        pytest.param("cycle", "R/PT2H", NOW + timedelta(hours=2), id="a cycle"),
        pytest.param(
            "cycle", "R2/2026-03-01T10:00Z/P1D", NOW + timedelta(hours=1), id="a cycle that has begun"
        ),
        pytest.param("cycle", "R2/2026-02-01T10:00Z/P1D", None, id="a cycle that is over"),
        pytest.param("duration", '= "PT" + string(2) + "H"', NOW + timedelta(hours=2), id="FEEL"),
        pytest.param("cycle", '"R/PT2H"', NOW + timedelta(hours=2), id="FEEL without its sign"),
    ],
)
def test_a_timer_says_when_a_process_begins(kind: str, text: str, due: datetime | None) -> None:
    memo = workflows.first_start(_start(kind, text), NOW)

    assert (None if memo is None else workflows.due_of(memo)) == due


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        pytest.param("duration", "= variable", "gives null", id="no variable is there yet"),
        pytest.param("duration", '= "soon"', "the timer 'soon' cannot be read", id="no duration"),
        pytest.param("cycle", "= 1 +", "1 +", id="no FEEL"),
    ],
)
def test_a_timer_that_cannot_be_read_before_there_is_an_instance_is_refused(
    kind: str, text: str, reason: str
) -> None:
    with pytest.raises(workflows.ElementError) as refused:
        workflows.first_start(_start(kind, text), NOW)

    assert refused.value.element == "s"
    assert reason in refused.value.why


def test_a_cycle_begins_again_at_its_own_time_however_late_it_is_looked_at() -> None:
    memo = workflows.first_start(_start("cycle", "R/2026-03-03T02:00@Europe/Berlin/P1D"), NOW)
    assert memo is not None

    late = workflows.next_start(memo, datetime(2026, 4, 1, 12, tzinfo=UTC))

    assert late is not None
    assert workflows.due_of(late) == datetime(2026, 4, 2, 0, tzinfo=UTC)
    assert workflows.due_of(memo) == datetime(2026, 3, 3, 1, tzinfo=UTC)


def test_what_begins_once_does_not_begin_again() -> None:
    memo = workflows.first_start(_start("duration", "PT2H"), NOW)
    assert memo is not None

    assert workflows.next_start(memo, NOW + timedelta(hours=2)) is None
