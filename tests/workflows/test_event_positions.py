"""Every kind of event at every place where BPMN 2.0.2 (table 10.93) allows it, and refused elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import workflows
from tests.workflows.building import Run, boundary, element, kept_back, sub, user
from tests.workflows.definitions import (
    CANCEL,
    COMPENSATION,
    CONDITION,
    END,
    ERROR,
    ESCALATION,
    LINK,
    MESSAGE,
    SIGNAL,
    START,
    TERMINATE,
    TIMER,
    beside,
    catch,
    draw,
    end,
    gateway,
    throw,
    undone_by,
)

pytestmark = pytest.mark.usefixtures("each_way")

DEFINITIONS: Mapping[str, str] = {
    "none": "",
    "message": MESSAGE,
    "timer": TIMER,
    "signal": SIGNAL,
    "conditional": CONDITION,
    "error": ERROR,
    "escalation": ESCALATION,
    "compensation": COMPENSATION,
    "cancel": CANCEL,
    "terminate": TERMINATE,
    "link": LINK,
}
HAPPENS: Mapping[str, Callable[[Run], Any]] = {
    "message": lambda run: run.message("paid"),
    "timer": lambda run: run.advance(days=1),
    "signal": lambda run: run.signal("strike"),
    "conditional": lambda run: run.change(ready=True),
}
"""What comes from outside; the other kinds come from the diagram itself."""
OUTSIDE = list(HAPPENS)
BEGINNING = ["none", "message", "timer", "signal"]
"""A process that is not there yet has no variables of which a condition could be asked."""
INSIDE = pytest.mark.parametrize(
    ("kind", "interrupting", "at"),
    [
        pytest.param("error", True, "end", id="error"),
        pytest.param("escalation", True, "way", id="escalation on the way, interrupting"),
        pytest.param("escalation", True, "end", id="escalation at the end, interrupting"),
        pytest.param("escalation", False, "way", id="escalation on the way, beside"),
        pytest.param("escalation", False, "end", id="escalation at the end, beside"),
    ],
)


# where a process begins


@pytest.mark.parametrize("kind", BEGINNING)
def test_a_start_event_of_a_process(kind: str) -> None:
    body = element("startEvent", "s", DEFINITIONS[kind]) + user("a") + END
    content = draw(body, "s -> a\na -> e")

    run = Run(content, at="s", ready=False)

    assert run.tasks == ["a"]
    run.complete("a")
    assert run.step.finished == "e"


def test_a_process_says_by_what_it_begins() -> None:
    starts = "".join(element("startEvent", f"s_{kind}", DEFINITIONS[kind]) for kind in BEGINNING)
    content = draw(starts + user("a") + END, "\n".join(f"s_{kind} -> a" for kind in BEGINNING) + "\na -> e")

    found = workflows.deploy({"p.bpmn": content}).processes["p"].starts

    texts = {"none": None, "message": "paid", "timer": "P1D", "signal": "strike"}
    names = {"timer": "duration"}
    assert {each.element: (each.kind, each.text or None) for each in found} == {
        f"s_{kind}": (names.get(kind, kind), texts[kind]) for kind in BEGINNING
    }


# event subprocesses


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_event_subprocess_of_a_process(kind: str, interrupting: bool) -> None:
    body = START + user("a") + END + beside("es", DEFINITIONS[kind], "caught", interrupting)
    run = Run(draw(body, "s -> a\na -> e"), ready=False)
    assert run.tasks == ["a"]

    HAPPENS[kind](run)

    assert run.tasks == (["caught"] if interrupting else ["a", "caught"])
    for name in list(run.tasks):
        run.complete(name)
    assert run.step.finished


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_event_subprocess_of_a_subprocess(kind: str, interrupting: bool) -> None:
    inner = START + user("a") + END + beside("es", DEFINITIONS[kind], "caught", interrupting)
    body = element("startEvent", "s0") + sub("w", inner, "s -> a\na -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"), ready=False)

    HAPPENS[kind](run)

    assert run.tasks == (["caught"] if interrupting else ["a", "caught"])
    run.complete("caught")
    assert run.tasks == (["after"] if interrupting else ["a"])
    if not interrupting:
        run.complete("a")
        assert run.tasks == ["after"]


@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_event_subprocess_that_never_began_keeps_nothing_open(kind: str) -> None:
    inner = START + user("a") + END + beside("es", DEFINITIONS[kind], "caught")
    body = element("startEvent", "s0") + sub("w", inner, "s -> a\na -> e") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"), ready=False)

    run.complete("a")

    assert run.tasks == ["after"]
    assert run.step.next_due is None
    assert run.step.subscriptions == ()


def _throwing(definition: str, at: str) -> tuple[str, str]:
    """Return a task behind which something is thrown, on the way or at the end."""
    if at == "end":
        return START + user("a") + end("t", definition), "s -> a\na -> t"
    return START + user("a") + throw("t", definition) + user("b") + END, "s -> a\na -> t\nt -> b\nb -> e"


@INSIDE
@pytest.mark.parametrize("where", ["process", "subprocess"])
def test_an_event_subprocess_catches_what_is_thrown_around_it(
    kind: str, interrupting: bool, at: str, where: str
) -> None:
    inner, flows = _throwing(DEFINITIONS[kind], at)
    inner += beside("es", DEFINITIONS[kind], "caught", interrupting)
    if where == "subprocess":
        inner = element("startEvent", "s0") + sub("w", inner, flows) + user("after")
        flows = "s0 -> w\nw -> after"
    run = Run(draw(inner, flows))

    run.complete("a")

    goes_on = not interrupting and at == "way"
    assert run.tasks == (["b", "caught"] if goes_on else ["caught"])
    run.complete("caught")
    if goes_on:
        run.complete("b")
    assert run.tasks == (["after"] if where == "subprocess" else [])
    assert run.incidents == []


def test_an_event_subprocess_undoes_its_finished_subprocess() -> None:
    inner = START + user("a") + END + beside("es", COMPENSATION, "undo")
    work = sub("w", inner, "s -> a\na -> e")
    body = element("startEvent", "s0") + work + throw("t", COMPENSATION) + user("b")
    run = Run(draw(body, "s0 -> w\nw -> t\nt -> b"))

    run.complete("a")

    assert run.tasks == ["undo"]
    run.complete("undo")
    assert run.tasks == ["b"]


# intermediate events


@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_intermediate_event_waits(kind: str) -> None:
    run = Run(draw(START + catch("c", DEFINITIONS[kind]) + user("a"), "s -> c\nc -> a"), ready=False)
    assert run.tasks == []
    assert not run.step.finished

    HAPPENS[kind](run)

    assert run.tasks == ["a"]


@pytest.mark.parametrize("kind", OUTSIDE)
def test_an_intermediate_event_behind_an_event_gateway(kind: str) -> None:
    other = "message" if kind != "message" else "signal"
    body = (
        START
        + gateway("eventBased", "g")
        + catch("c", DEFINITIONS[kind])
        + catch("d", DEFINITIONS[other])
        + user("a")
        + user("b")
    )
    run = Run(draw(body, "s -> g\ng -> c\ng -> d\nc -> a\nd -> b"), ready=False)

    HAPPENS[kind](run)

    assert run.tasks == ["a"]
    assert run.step.subscriptions == ()


def test_a_link_goes_on_where_it_is_caught() -> None:
    body = START + user("a") + throw("l", LINK) + catch("there", LINK) + user("b") + END
    run = Run(draw(body, "s -> a\na -> l\nthere -> b\nb -> e"))

    run.complete("a")

    assert run.tasks == ["b"]
    run.complete("b")
    assert run.step.finished == "e"


def test_several_links_lead_to_one_place_and_back_again() -> None:
    links = throw("l1", LINK) + throw("l2", LINK) + catch("there", LINK)
    body = START + user("a") + gateway("exclusive", "x", default="x_l2") + links + user("b") + user("c")
    run = Run(draw(body, "s -> a\na -> x\nx -> l1: first\nx -> l2\nthere -> b\nb -> l1"), first=False)

    for _ in range(3):
        run.complete((run.tasks)[0])
        assert run.tasks == ["b"]


@pytest.mark.parametrize("at", ["way", "end"])
@pytest.mark.parametrize("kind", ["none", "message", "signal", "escalation"])
def test_what_is_thrown_and_caught_nowhere_lets_the_instance_go_on(kind: str, at: str) -> None:
    inner, flows = _throwing(DEFINITIONS[kind], at)
    run = Run(draw(inner, flows))

    run.complete("a")

    assert run.incidents == []
    assert [each.kind for each in run.sent] == ([kind] if kind in ("message", "signal") else [])
    assert run.tasks == (["b"] if at == "way" else [])
    if at == "way":
        run.complete("b")
    assert run.step.finished == ("e" if at == "way" else "t")


def test_an_error_that_nobody_catches_is_an_incident_at_its_end() -> None:
    run = Run(draw(*_throwing(ERROR, "end")))

    run.complete("a")

    assert run.stuck == ["t"]
    assert not run.step.finished


@pytest.mark.parametrize("at", ["way", "end"])
def test_compensation_is_thrown(at: str) -> None:
    inner, flows = _throwing(COMPENSATION, at)
    run = Run(draw(inner + undone_by("a", "undo"), flows))

    run.complete("a")

    assert run.tasks == ["undo"]
    run.complete("undo")
    assert run.tasks == (["b"] if at == "way" else [])
    assert bool(run.step.finished) == (at == "end")


def test_a_terminating_end_ends_everything_around_it() -> None:
    body = START + gateway("parallel", "f") + user("a") + user("b") + end("t", TERMINATE)
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> t"))

    run.complete("a")

    assert run.tasks == []
    assert run.step.finished == "t"


def test_a_terminating_end_ends_its_subprocess_only() -> None:
    inner = START + gateway("parallel", "f") + user("a") + user("b") + end("t", TERMINATE)
    body = element("startEvent", "s0") + sub("w", inner, "s -> f\nf -> a\nf -> b\na -> t") + user("after")
    run = Run(draw(body, "s0 -> w\nw -> after"))

    run.complete("a")

    assert run.tasks == ["after"]


# boundary events


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
@pytest.mark.parametrize("kind", OUTSIDE)
@pytest.mark.parametrize("host", ["userTask", "subProcess", "serviceTask", "receiveTask"])
def test_a_boundary_event_of_an_activity(host: str, kind: str, interrupting: bool) -> None:
    activity = {
        "userTask": user("w"),
        "subProcess": sub("w", START + user("w_a") + END, "s -> w_a\nw_a -> e"),
        "serviceTask": element("serviceTask", "w", camunda_topic="do.it"),
        "receiveTask": element("receiveTask", "w", messageRef="M_sent"),
    }[host]
    open_task = {"userTask": ["w"], "subProcess": ["w_a"]}.get(host, [])
    body = (
        element("startEvent", "s0")
        + activity
        + boundary("bo", "w", DEFINITIONS[kind], interrupting)
        + user("caught")
        + user("after")
    )
    run = Run(draw(body, "s0 -> w\nw -> after\nbo -> caught"), ready=False)

    HAPPENS[kind](run)

    assert run.tasks == (["caught"] if interrupting else sorted([*open_task, "caught"]))
    assert run.called == (["do.it"] if host == "serviceTask" and not interrupting else [])


@pytest.mark.parametrize("kind", OUTSIDE)
def test_a_boundary_event_waits_no_longer_than_its_activity(kind: str) -> None:
    body = START + user("w") + boundary("bo", "w", DEFINITIONS[kind]) + user("caught") + user("after")
    run = Run(draw(body, "s -> w\nw -> after\nbo -> caught"), ready=False)

    run.complete("w")

    assert run.tasks == ["after"]
    assert run.step.next_due is None
    assert run.step.subscriptions == ()
    run.change(ready=True)
    assert run.tasks == ["after"]


@INSIDE
@pytest.mark.parametrize("host", ["subProcess", "transaction", "callActivity"])
def test_a_boundary_event_catches_what_is_thrown_inside(
    host: str, kind: str, interrupting: bool, at: str
) -> None:
    inner, flows = _throwing(DEFINITIONS[kind], at)
    files = []
    if host == "callActivity":
        files.append(draw(inner, flows, "q"))
        activity = element("callActivity", "w", calledElement="q")
    else:
        activity = sub("w", inner, flows, kind=host)
    body = (
        element("startEvent", "s0")
        + activity
        + boundary("bo", "w", DEFINITIONS[kind], interrupting)
        + user("caught")
        + user("after")
    )
    run = Run(draw(body, "s0 -> w\nw -> after\nbo -> caught"), *files)

    run.complete("a")

    if interrupting:
        assert run.tasks == ["caught"]
    else:
        assert run.tasks == (["b", "caught"] if at == "way" else ["after", "caught"])


def test_a_cancelling_end_is_caught_at_its_transaction() -> None:
    inner = START + user("a") + end("t", CANCEL)
    body = (
        element("startEvent", "s0")
        + sub("w", inner, "s -> a\na -> t", kind="transaction")
        + boundary("bo", "w", CANCEL)
        + user("caught")
        + user("after")
    )
    run = Run(draw(body, "s0 -> w\nw -> after\nbo -> caught"))

    run.complete("a")

    assert run.tasks == ["caught"]


@pytest.mark.parametrize("host", ["userTask", "subProcess", "transaction", "callActivity", "scriptTask"])
def test_a_compensation_boundary_of_an_activity(host: str) -> None:
    inner = START + user("a") + END
    activity = {
        "userTask": user("w"),
        "callActivity": element("callActivity", "w", calledElement="q"),
        "scriptTask": element("scriptTask", "w", "<bpmn:script>1</bpmn:script>", scriptFormat="feel"),
    }.get(host) or sub("w", inner, "s -> a\na -> e", kind=host)
    body = (
        element("startEvent", "s0")
        + activity
        + undone_by("w", "undo")
        + user("then")
        + throw("t", COMPENSATION)
        + user("after")
    )
    run = Run(draw(body, "s0 -> w\nw -> then\nthen -> t\nt -> after"), draw(inner, "s -> a\na -> e", "q"))
    for name in ("w", "a", "then"):
        if name in run.tasks:
            run.complete(name)

    assert run.tasks == ["undo"]
    run.complete("undo")
    assert run.tasks == ["after"]


# what BPMN does not know


def _at_start(definition: str) -> bytes:
    return draw(element("startEvent", "here", definition) + user("a"), "here -> a")


def _caught(definition: str) -> bytes:
    return draw(START + catch("here", definition) + user("a"), "s -> here\nhere -> a")


def _thrown(definition: str) -> bytes:
    return draw(START + throw("here", definition) + user("a"), "s -> here\nhere -> a")


def _ended(definition: str) -> bytes:
    return draw(START + end("here", definition), "s -> here")


def _on_a_task(definition: str) -> bytes:
    body = START + user("a") + boundary("here", "a", definition) + user("b")
    return draw(body, "s -> a\nhere -> b")


def _beside_a_task(definition: str) -> bytes:
    body = START + user("a") + boundary("here", "a", definition, interrupting=False) + user("b")
    return draw(body, "s -> a\nhere -> b")


def _in_an_event_subprocess(definition: str) -> bytes:
    inner = element("startEvent", "here", definition) + user("b")
    return draw(
        START + user("a") + sub("es", inner, "here -> b", triggeredByEvent="true"),
        "s -> a",
    )


def _beside_in_an_event_subprocess(definition: str) -> bytes:
    inner = element("startEvent", "here", definition, isInterrupting="false") + user("b")
    return draw(
        START + user("a") + sub("es", inner, "here -> b", triggeredByEvent="true"),
        "s -> a",
    )


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (_at_start, "error escalation compensation cancel terminate link"),
        (_caught, "none error escalation compensation cancel terminate"),
        (_thrown, "timer conditional error cancel terminate"),
        (_ended, "timer conditional link cancel"),
        (_on_a_task, "cancel terminate link"),
        (_beside_a_task, "error cancel terminate link"),
        (_in_an_event_subprocess, "none cancel terminate link"),
        (_beside_in_an_event_subprocess, "none error compensation cancel terminate link"),
    ],
)
def test_an_event_at_a_place_where_bpmn_has_none_is_refused_by_name(
    made: Callable[[str], bytes], kinds: str
) -> None:
    for kind in kinds.split():
        content = made(DEFINITIONS[kind])
        findings = workflows.check({"p.bpmn": content}, {})

        assert {"here", "es"} & {each.element for each in findings if each.severity == "error"}, kind
        assert any(name in ("here", "es") for name, _ in kept_back(content)), kind
        assert len(Run(content).stuck) == 1, kind
