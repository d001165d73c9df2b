"""Data objects are variables with a picture; associations move what they name."""

from __future__ import annotations

import pytest

import workflows
from tests.workflows.building import Run, diagram, element, service, sub, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")
_OFFER = element("dataObject", "offer") + element(
    "dataObjectReference", "ref", dataObjectRef="offer", name="The offer"
)


def _io(inputs: str = "", outputs: str = "") -> str:
    return f"<bpmn:ioSpecification>{inputs}{outputs}<bpmn:inputSet/><bpmn:outputSet/></bpmn:ioSpecification>"


def _given(source: str, target: str, more: str = "") -> str:
    return (
        f"<bpmn:dataInputAssociation><bpmn:sourceRef>{source}</bpmn:sourceRef>"
        f"<bpmn:targetRef>{target}</bpmn:targetRef>{more}</bpmn:dataInputAssociation>"
    )


def _left(source: str, target: str, more: str = "") -> str:
    named = f"<bpmn:sourceRef>{source}</bpmn:sourceRef>" if source else ""
    return (
        f"<bpmn:dataOutputAssociation>{named}<bpmn:targetRef>{target}</bpmn:targetRef>{more}"
        "</bpmn:dataOutputAssociation>"
    )


def test_an_activity_leaves_its_output_in_a_data_object_and_the_next_one_gets_it() -> None:
    leaves = _io(outputs=element("dataOutput", "out", name="price")) + _left("out", "ref")
    given = _io(element("dataInput", "in", name="asked")) + _given("ref", "in")
    body = _START + _OFFER + service("a", leaves) + user("b", given, camunda_assignee="= asked")
    run = Run(diagram(body, "s -> a\na -> b"))

    run.answer("do.it", price="ann", note="stays inside")

    assert run.variables == {"The offer": "ann"}
    assert run.task("b").inputs == {"asked": "ann"}
    assert run.task("b").assignee == "ann"


def test_what_is_moved_may_be_computed() -> None:
    doubled = "<bpmn:transformation>amount * 2</bpmn:transformation>"
    put = (
        "<bpmn:assignment><bpmn:from>amount + 1</bpmn:from><bpmn:to>more</bpmn:to></bpmn:assignment>"
        "<bpmn:assignment><bpmn:from>= amount + 2</bpmn:from><bpmn:to>most</bpmn:to></bpmn:assignment>"
    )
    body = _START + element("dataObject", "twice") + user("a", _left("", "twice", doubled + put))
    run = Run(diagram(body, "s -> a"), amount=1)
    step = run.complete("a", amount=3)

    assert step.variables == {"amount": 1, "twice": 6, "more": 4, "most": 5}


def test_a_line_without_ends_of_its_own_moves_nothing() -> None:
    placeholder = '<bpmn:property id="pr" name="__targetRef_placeholder"/>'
    drawn = placeholder + _given("ref", "pr") + _left("", "ref")
    body = _START + _OFFER + user("a", drawn) + user("b")
    run = Run(diagram(body, "s -> a\na -> b"))

    run.complete("a", x=1)

    assert run.variables == {"x": 1}


def test_a_data_object_of_a_subprocess_is_that_subprocesss_own() -> None:
    inside = element("startEvent", "s2") + element("dataObject", "count", name="count") + user("a")
    body = _START + sub("sp", inside, "s2 -> a") + user("b")
    run = Run(diagram(body, "s -> sp\nsp -> b"))

    run.complete("a", count=3)

    assert run.tasks == ["b"]
    assert run.variables == {}


def test_an_object_that_nothing_names_is_called_by_its_id() -> None:
    inside = (
        element("startEvent", "s2")
        + element("dataObject", "one")
        + element("dataObjectReference", "two", dataObjectRef="one")
        + element("dataObjectReference", "three", dataObjectRef="gone")
        + user("a")
    )
    content = diagram(_START + sub("sp", inside, "s2 -> a"), "s -> sp")

    assert workflows.deploy({"0.bpmn": content}).specs["p/sp"].locals == ["one", "three"]


@pytest.mark.parametrize(
    ("inside", "reason"),
    [
        pytest.param(_left("", "nix"), "'nix', which is not here", id="no target"),
        pytest.param(
            _left("", "ref", "<bpmn:transformation>1 +</bpmn:transformation>"), "not FEEL", id="no FEEL"
        ),
        pytest.param(
            _left("", "ref", "<bpmn:assignment><bpmn:from>1</bpmn:from></bpmn:assignment>"),
            "names no target",
            id="an assignment to nothing",
        ),
    ],
)
def test_associations_that_cannot_be_followed_are_refused(inside: str, reason: str) -> None:
    found = workflows.check({"p.bpmn": diagram(_START + _OFFER + user("a", inside), "s -> a")}, {})

    assert any(f.element == "a" and reason in f.message for f in found if f.severity == "error"), found


def test_a_data_store_is_decoration() -> None:
    store = element("dataStoreReference", "store")
    found = workflows.check(
        {"p.bpmn": diagram(_START + store + user("a", _given("store", "ref")) + _OFFER, "s -> a")}, {}
    )

    assert [(f.severity, f.element) for f in found] == [("warning", "store"), ("warning", "a")]
