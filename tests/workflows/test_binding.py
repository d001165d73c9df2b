"""Which version of a process a call calls: its own deployment's, the newest, a named one, or a chosen one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

import workflows
from tests.workflows.building import Run, diagram, element, sub, undoing, user

pytestmark = pytest.mark.usefixtures("each_way")

_START = element("startEvent", "s")


def _child(name: str, tag: str = "") -> bytes:
    inner = element("startEvent", "s3") + user("deep")
    body = _START + user(name) + undoing("made", name) + sub("sp", inner, "s3 -> deep")
    content = diagram(body, f"s -> {name}\n{name} -> sp", process="child")
    return content.replace(
        b'<bpmn:process id="child"', f'<bpmn:process id="child" camunda:versionTag="{tag}"'.encode()
    )


def _parent(**attributes: str) -> bytes:
    return diagram(_START + element("callActivity", "c", **attributes) + user("z"), "s -> c\nc -> z")


_VERSIONS = {"1": _child("first", "old"), "2": _child("second", "mid"), "3": _child("third", "new")}


@dataclass(frozen=True)
class _Others:
    """Deployments by the version of the child in them."""

    parent: bytes

    def find(self, process: str, how: str, wanted: str) -> tuple[str, Any] | None:
        tags = {"old": "1", "mid": "2", "new": "3"}
        key = {"latest": "3", "version": wanted, "versionTag": tags.get(wanted, "")}[how]
        if key not in _VERSIONS:
            raise LookupError(process)
        return None if key == "1" else (key, self.get(key))

    def get(self, key: str) -> Any:
        found = workflows.deploy({"0.bpmn": self.parent, "1.bpmn": _VERSIONS[key]})
        return replace(found, others=self)


class _Run(Run):
    @property
    def deployment(self) -> workflows.Deployment:
        return replace(super().deployment, others=_Others(self.files["0.bpmn"]))


def _called(variables: Mapping[str, Any], **attributes: str) -> _Run:
    words = {f"camunda_{name}": value for name, value in attributes.items() if name != "calledElement"}
    called = attributes.get("calledElement", "child")
    return _Run(_parent(calledElement=called, **words), _VERSIONS["1"], **variables)


@pytest.mark.parametrize(
    ("attributes", "task"),
    [
        pytest.param({}, "first", id="nothing said: its own deployment's"),
        pytest.param({"calledElementBinding": "deployment"}, "first", id="its own deployment's"),
        pytest.param({"calledElementBinding": "latest"}, "third", id="the newest"),
        pytest.param(
            {"calledElementBinding": "version", "calledElementVersion": "2"}, "second", id="a version"
        ),
        pytest.param(
            {"calledElementBinding": "version", "calledElementVersion": "${n}"},
            "second",
            id="a computed version",
        ),
        pytest.param(
            {"calledElementBinding": "version", "calledElementVersion": "1"}, "first", id="the one it has"
        ),
        pytest.param(
            {"calledElementBinding": "versionTag", "calledElementVersionTag": "new"}, "third", id="a tag"
        ),
        pytest.param({"calledElement": "= which"}, "first", id="a process chosen as it runs"),
    ],
)
def test_a_call_calls_what_it_is_bound_to_and_stays_with_it(attributes: dict[str, str], task: str) -> None:
    run = _called({"n": 2, "which": "child"}, **attributes)
    assert run.tasks == [task]

    run.complete(task)
    assert run.tasks == ["deep"]
    run.complete("deep")

    assert run.tasks == ["z"]


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        pytest.param(
            {"calledElementBinding": "version", "calledElementVersion": "9"},
            "in version 9",
            id="no such version",
        ),
        pytest.param({"calledElement": "= which"}, "'nix' is not here", id="no such process"),
        pytest.param(
            {"calledElementBinding": "latest", "calledElement": "= which"},
            "'nix' is not here",
            id="no such process in the newest",
        ),
        pytest.param({"calledElement": "= inner"}, "'child/sp' is not here", id="a subprocess is no process"),
        pytest.param({"calledElement": "= told"}, "started by events only", id="only events start it"),
    ],
)
def test_what_cannot_be_called_is_an_incident_at_the_call(attributes: dict[str, str], why: str) -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    told = diagram(
        element("startEvent", "s", message) + user("x"),
        "s -> x",
        process="told",
        before='<bpmn:message id="m"/>',
    )
    words = {f"camunda_{name}": value for name, value in attributes.items() if name != "calledElement"}
    parent = _parent(calledElement=attributes.get("calledElement", "child"), **words)
    run = _Run(parent, _VERSIONS["1"], told, which="nix", inner="child/sp", told="told")

    assert run.stuck == ["c"]
    assert why in run.incidents[0].message


def test_where_nothing_is_kept_the_newest_is_its_own_and_a_version_is_none() -> None:
    newest = _parent(calledElement="child", camunda_calledElementBinding="latest")
    assert Run(newest, _VERSIONS["1"]).tasks == ["first"]

    old = _parent(
        calledElement="child", camunda_calledElementBinding="version", camunda_calledElementVersion="1"
    )
    assert Run(old, _VERSIONS["1"]).stuck == ["c"]


def test_a_version_that_is_not_bound_to_is_warned_of() -> None:
    content = _parent(calledElement="child", camunda_calledElementVersion="2")

    found = workflows.check({"0.bpmn": content, "1.bpmn": _VERSIONS["1"]}, {})

    assert any("calledElementVersion does nothing here" in each.message for each in found)


def test_a_call_that_chose_its_process_is_carried_over_with_it() -> None:
    run = _called({"which": "child"}, calledElement="= which")
    plan = workflows.plan(run.deployment, run.deployment, "p")

    moved = workflows.migrate(run.deployment, run.deployment, run.step.state, plan, run.now)

    run.take(moved.step)
    run.complete("first")
    assert run.tasks == ["deep"]


def test_any_file_may_be_used_by_a_call_that_chooses() -> None:
    deployment = workflows.deploy({"0.bpmn": _parent(calledElement="= which"), "1.bpmn": _VERSIONS["1"]})

    assert deployment.files_used_by("p") == {"0.bpmn", "1.bpmn"}


def test_a_running_call_is_undone_in_the_version_that_it_called() -> None:
    run = _called({}, calledElementBinding="version", calledElementVersion="2", calledElement="child")
    run.complete("second")

    run.do(workflows.cancel_undoing, run.step.state, run.now)
    assert run.tasks == ["undo_second"]
    run.complete("undo_second")

    assert run.step.finished == "cancelled"
