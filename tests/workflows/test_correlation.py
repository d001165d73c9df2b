"""Correlation: the keys that a waiter wants and that a message brings, drawn in BPMN or as properties."""

from __future__ import annotations

from typing import Any

import pytest

import workflows
from tests.workflows.building import NOW, Run, boundary, diagram, element, user
from workflows import correlating

_START = element("startEvent", "s")
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_DECLARED = '<bpmn:message id="m" name="paid"/><bpmn:message id="o" name="ordered"/>'


def _keys(**keys: str) -> str:
    properties = "".join(
        f'<camunda:property name="correlation.{name}" value="{value}"/>' for name, value in keys.items()
    )
    inside = f"<camunda:properties>{properties}</camunda:properties>"
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def _property(key: str, path: str, name: str = "", message: str = "m") -> str:
    named = f' name="{name}"' if name else ""
    return (
        f'<bpmn:correlationProperty id="{key}"{named}>'
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="{message}">'
        f"<bpmn:messagePath>{path}</bpmn:messagePath>"
        "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
    )


def _key(*properties: str) -> str:
    refs = "".join(
        f"<bpmn:correlationPropertyRef>{each}</bpmn:correlationPropertyRef>" for each in properties
    )
    key = f'<bpmn:correlationKey id="k">{refs}</bpmn:correlationKey>'
    return f'<bpmn:collaboration id="c">{key}</bpmn:collaboration>'


def _subscription(key: str = "k", **bindings: str) -> str:
    bound = "".join(
        f'<bpmn:correlationPropertyBinding correlationPropertyRef="{name}">'
        f"<bpmn:dataPath>{path}</bpmn:dataPath></bpmn:correlationPropertyBinding>"
        for name, path in bindings.items()
    )
    tag = "bpmn:correlationSubscription"
    return f'<{tag} id="cs" correlationKeyRef="{key}">{bound}</{tag}>'


def _wanted(run: Run) -> list[tuple[str, list[Any]]]:
    return [(each.element, [list(key) for key in each.correlation]) for each in run.step.subscriptions]


def _catching(keys: str, **variables: Any) -> Run:
    body = _START + element("intermediateCatchEvent", "w", keys + _MESSAGE) + user("after")
    return Run(diagram(body, "s -> w\nw -> after", before=_DECLARED), **variables)


def test_a_waiter_says_by_which_keys_it_is_found() -> None:
    run = _catching(_keys(order="= order_id", region="EU"), order_id=17)

    assert _wanted(run) == [("w", [["order", 17, "order"], ["region", "EU", "region"]])]


def test_keys_are_those_of_the_moment_when_the_waiting_began() -> None:
    run = _catching(_keys(order="= order_id"), order_id=17)

    run.do(workflows.change, run.step.state, {"order_id": 18}, run.now)

    assert _wanted(run) == [("w", [["order", 17, "order"]])]


def test_a_key_without_a_value_is_an_incident_and_waits_for_nothing() -> None:
    run = _catching(_keys(order="= nothing"))

    assert run.stuck == ["w"]
    assert run.incidents[0].message == "the correlation key 'order' gives null"
    assert run.step.subscriptions == ()


@pytest.mark.parametrize("where", ["receive", "boundary", "event subprocess"])
def test_everything_that_awaits_a_message_may_have_keys(where: str) -> None:
    keys = _keys(order="= order_id")
    bodies = {
        "receive": element("receiveTask", "w", keys, messageRef="m") + user("a"),
        "boundary": user("a") + boundary("w", "a", keys + _MESSAGE) + user("b"),
        "event subprocess": user("a")
        + element("subProcess", "e", element("startEvent", "w", keys + _MESSAGE), triggeredByEvent="true"),
    }
    flows = {"receive": "s -> w\nw -> a", "boundary": "s -> a\nw -> b", "event subprocess": "s -> a"}

    run = Run(diagram(_START + bodies[where], flows[where], before=_DECLARED), order_id=17)

    assert _wanted(run) == [("w", [["order", 17, "order"]])]


def test_of_several_waiters_in_one_instance_the_token_that_is_meant_has_the_message() -> None:
    words = 'camunda:collection="= orders" camunda:elementVariable="order"'
    repeated = f"<bpmn:multiInstanceLoopCharacteristics {words}/>"
    body = _START + element("receiveTask", "w", _keys(order="= order") + repeated, messageRef="m") + user("a")
    run = Run(diagram(body, "s -> w\nw -> a", before=_DECLARED), orders=[17, 18, 19])
    keys = {key[0][1]: each.key for each in run.step.subscriptions for key in [each.correlation]}
    assert sorted(keys) == [17, 18, 19]

    run.do(workflows.receive, run.step.state, message="paid", payload={}, now=run.now, key=keys[18])

    assert sorted(each.correlation[0][1] for each in run.step.subscriptions) == [17, 19]
    with pytest.raises(workflows.NotAwaitedError):
        run.do(workflows.receive, run.step.state, message="paid", payload={}, now=run.now, key=keys[18])


def test_a_receive_task_without_a_message_awaits_the_one_that_is_named_as_itself() -> None:
    run = Run(diagram(_START + element("receiveTask", "w") + user("a"), "s -> w\nw -> a"))
    assert [(each.name, each.element) for each in run.step.subscriptions] == [("w", "w")]

    run.do(workflows.receive, run.step.state, message="w", payload={}, now=run.now)

    assert run.tasks == ["a"]


# What is sent


@pytest.mark.parametrize("kind", ["intermediateThrowEvent", "sendTask"])
def test_a_message_takes_the_keys_along_that_its_element_says(kind: str) -> None:
    thrown = {
        "intermediateThrowEvent": element(kind, "t", _keys(order="= order_id") + _MESSAGE),
        "sendTask": element(kind, "t", _keys(order="= order_id"), messageRef="m"),
    }[kind]
    run = Run(diagram(_START + thrown + user("a"), "s -> t\nt -> a", before=_DECLARED), order_id=17)

    [sent] = run.sent
    assert sent.correlation == {"business_key": "key", "keys": {"order": 17}}


def test_a_signal_and_a_message_without_keys_take_the_business_key_alone() -> None:
    body = (
        _START
        + element("intermediateThrowEvent", "t", _MESSAGE)
        + element(
            "intermediateThrowEvent", "u", _keys(order="5") + '<bpmn:signalEventDefinition signalRef="x"/>'
        )
        + user("a")
    )
    run = Run(diagram(body, "s -> t\nt -> u\nu -> a", before=_DECLARED))

    assert [sent.correlation for sent in run.sent] == [{"business_key": "key"}] * 2


def test_a_thrown_key_without_a_value_is_an_incident_and_nothing_is_sent() -> None:
    thrown = element("intermediateThrowEvent", "t", _keys(order="= nothing") + _MESSAGE)

    run = Run(diagram(_START + thrown + user("a"), "s -> t\nt -> a", before=_DECLARED))

    assert (run.stuck, run.sent) == (["t"], [])


# BPMN's own words


def _drawn(before: str, inside: str = "", **variables: Any) -> Run:
    body = inside + _START + element("intermediateCatchEvent", "w", _MESSAGE) + user("after")
    return Run(diagram(body, "s -> w\nw -> after", before=_DECLARED + before), **variables)


def test_a_subscription_of_a_process_gives_its_waiters_their_keys() -> None:
    before = _property("p1", "order.id", "order") + _property("p2", "year") + _key("p1", "p2")

    run = _drawn(before, _subscription(p1="order_id", p2="= 2000 + 26"), order_id=17)

    assert _wanted(run) == [("w", [["order", 17, "order.id"], ["p2", 2026, "year"]])]


def test_a_message_in_which_not_every_property_is_found_is_awaited_without_keys() -> None:
    before = _property("p1", "order.id") + _property("p2", "year", message="o") + _key("p1", "p2")

    run = _drawn(before, _subscription(p1="order_id", p2="2026"), order_id=17)

    assert _wanted(run) == [("w", [])]


def test_a_property_of_the_element_goes_before_that_of_the_process() -> None:
    before = _property("p1", "order.id", "order") + _key("p1")
    caught = element("intermediateCatchEvent", "w", _keys(order="= other") + _MESSAGE)
    body = _subscription(p1="order_id") + _START + caught + user("after")

    run = Run(diagram(body, "s -> w\nw -> after", before=_DECLARED + before), order_id=17, other=18)

    assert _wanted(run) == [("w", [["order", 18, "order"]])]


@pytest.mark.parametrize(
    ("payload", "keys"),
    [
        pytest.param("= {id: 17}", {"business_key": "key", "keys": {"order": 17}}, id="found"),
        pytest.param("none", {"business_key": "key"}, id="a payload of another shape"),
    ],
)
def test_a_thrown_message_takes_along_what_its_payload_has_of_properties(
    payload: str, keys: dict[str, Any]
) -> None:
    inputs = (
        "<bpmn:extensionElements><camunda:inputOutput>"
        f'<camunda:inputParameter name="order">{payload}</camunda:inputParameter>'
        "</camunda:inputOutput></bpmn:extensionElements>"
    )
    body = _START + element("intermediateThrowEvent", "t", inputs + _MESSAGE) + user("a")
    before = _DECLARED + _property("p1", "order.id", "order") + _property("p2", "x", message="o")

    run = Run(diagram(body, "s -> t\nt -> a", before=before))

    assert [sent.correlation for sent in run.sent] == [keys]


@pytest.mark.parametrize(
    ("said", "payload", "values"),
    [
        pytest.param(
            {}, {"order": {"id": 17}, "year": 2026}, {"order": 17, "year": 2026}, id="the payload's"
        ),
        pytest.param({"order": 18}, {"order": {"id": 17}, "year": 1}, {"order": 18, "year": 1}, id="said"),
        pytest.param({}, {"order": {"id": 17}}, None, id="one is missing"),
        pytest.param({"order": 18, "year": None}, {}, None, id="one is null"),
        pytest.param({"year": 1}, {"order": 17}, None, id="another shape"),
    ],
)
def test_a_message_brings_what_is_said_else_what_its_payload_has(
    said: dict[str, Any], payload: dict[str, Any], values: dict[str, Any] | None
) -> None:
    paths = [("order", "order.id"), ("year", "year")]

    assert workflows.brought(paths, said, payload, NOW) == values


def test_a_key_whose_name_is_no_word_of_feel_is_found_as_it_is_written() -> None:
    assert workflows.brought([("order-id", "order-id")], {}, {"order-id": 5}, NOW) == {"order-id": 5}
    assert workflows.brought([("a", "1 +")], {}, {}, NOW) is None
    assert correlating.Key("a", None, "a").value is None


# What is refused or told


def _said(before: str, inside: str = "", catch: str = "") -> list[tuple[str, str, str]]:
    body = inside + _START + (catch or element("intermediateCatchEvent", "w", _MESSAGE)) + user("after")
    source = "w" if 'id="w"' in body else "s"
    flows = f"s -> w\n{source} -> after" if source == "w" else "s -> after"
    content = diagram(body, flows, before=_DECLARED + before)
    return [(each.severity, each.element, each.message) for each in workflows.check({"f": content}, {})]


@pytest.mark.parametrize(
    ("before", "inside", "said"),
    [
        pytest.param(
            _property("p1", "x"),
            "",
            ("warning", "p1", "does nothing here: no correlationSubscription of a process binds it"),
            id="a property that nobody binds",
        ),
        pytest.param(
            _property("p1", "x +") + _key("p1"),
            _subscription(p1="y"),
            ("error", "p1", "the messagePath is not FEEL"),
            id="no FEEL",
        ),
        pytest.param(
            _property("p1", "") + _key("p1"),
            _subscription(p1="y"),
            ("error", "p1", "lacks its messagePath"),
            id="no path",
        ),
        pytest.param(
            _property("p1", "x", message="zz") + _key("p1"),
            _subscription(p1="y"),
            ("warning", "p1", "the message 'zz' is not declared"),
            id="no such message",
        ),
        pytest.param(
            _property("p1", "x") + _key("p1"),
            _subscription(p1="y +"),
            ("error", "cs", "the dataPath is not FEEL"),
            id="no FEEL of its own",
        ),
        pytest.param(
            _property("p1", "x") + _key("p1"),
            _subscription(p1=""),
            ("error", "cs", "lacks its dataPath"),
            id="nothing bound",
        ),
        pytest.param(
            _property("p1", "x") + _key("p1"),
            _subscription(p1="y", p9="y"),
            ("error", "cs", "binds 'p9', which is no correlationProperty of this file"),
            id="no such property",
        ),
        pytest.param(
            _property("p1", "x") + _property("p2", "x") + _key("p1", "p2"),
            _subscription(p1="y"),
            ("error", "cs", "does not bind 'p2' of its key"),
            id="half of a key",
        ),
        pytest.param(
            _property("p1", "x"),
            _subscription("other", p1="y"),
            ("error", "cs", "its correlationKey 'other' is not in this file"),
            id="no such key",
        ),
    ],
)
def test_what_is_said_of_correlation_in_bpmn(before: str, inside: str, said: tuple[str, str, str]) -> None:
    severity, place, message = said

    found = [each for each in _said(before, inside) if each[:2] == (severity, place)]

    assert any(each[2].startswith(message) for each in found), found


@pytest.mark.parametrize(
    ("catch", "said"),
    [
        pytest.param(
            element("intermediateCatchEvent", "w", _keys(**{"": "1"}) + _MESSAGE),
            ("error", "w", "a correlation key has no name"),
            id="no name",
        ),
        pytest.param(
            element("intermediateCatchEvent", "w", _keys(a="= 1 +") + _MESSAGE),
            ("error", "w", "the property correlation.a is not FEEL"),
            id="no FEEL",
        ),
        pytest.param(
            user("w", _keys(a="1")), ("warning", "w", "its correlation keys do nothing"), id="a user task"
        ),
        pytest.param(
            element(
                "intermediateThrowEvent", "w", _keys(a="1") + '<bpmn:signalEventDefinition signalRef="x"/>'
            ),
            ("warning", "w", "its correlation keys do nothing: it awaits and sends no message"),
            id="a signal",
        ),
        pytest.param(
            element("startEvent", "t", _keys(a="1") + _MESSAGE),
            ("warning", "t", "its correlation keys do nothing: the message begins an instance"),
            id="a start event",
        ),
    ],
)
def test_what_is_said_of_keys_as_properties(catch: str, said: tuple[str, str, str]) -> None:
    severity, place, message = said

    found = [each for each in _said("", "", catch) if each[:2] == (severity, place)]

    assert any(each[2].startswith(message) for each in found), found


def test_keys_that_are_well_said_are_nothing_to_tell() -> None:
    before = _property("p1", "order.id", "order") + _key("p1")
    catch = element("intermediateCatchEvent", "w", _keys(a="= b") + _MESSAGE)

    assert _said(before, _subscription(p1="order_id"), catch) == []
