"""What pages are told of diagrams: calls of other processes, and where paths join."""

from __future__ import annotations

import workflows
from tests.workflows.building import diagram, element, user


def _gate(kind: str, name: str) -> str:
    return element(kind, name)


def test_a_call_is_told_with_the_process_that_it_calls() -> None:
    caller = diagram(
        element("startEvent", "s") + element("callActivity", "check", calledElement="inner") + user("after"),
        "s -> check\ncheck -> after",
    )
    inner = diagram(element("startEvent", "b") + user("look"), "b -> look", process="inner")

    deployment = workflows.deploy({"p.bpmn": caller, "inner.bpmn": inner})

    assert workflows.calls_of(deployment) == {("p", "check"): "inner"}


def test_gateways_join_only_where_several_flows_come_in_and_all_are_waited_for() -> None:
    content = diagram(
        element("startEvent", "s")
        + _gate("parallelGateway", "fork")
        + user("a")
        + user("b")
        + _gate("parallelGateway", "join")
        + _gate("inclusiveGateway", "split")
        + user("c")
        + user("d")
        + _gate("inclusiveGateway", "gather")
        + _gate("exclusiveGateway", "choose")
        + user("e")
        + _gate("exclusiveGateway", "merge")
        + user("f"),
        """
        s -> fork
        fork -> a
        fork -> b
        a -> join
        b -> join
        join -> split
        split -> c: 1 = 1
        split -> d: 1 = 1
        c -> gather
        d -> gather
        gather -> choose
        choose -> e: 1 = 2
        choose -> merge: 1 = 1
        e -> merge
        merge -> f
        """,
    )

    assert workflows.joins_of(workflows.deploy({"p.bpmn": content})) == {("p", "join"), ("p", "gather")}
