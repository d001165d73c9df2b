"""The proof that nothing shared changed is only worth what it sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import workflows
from tests.workflows.building import diagram, element, timer, user
from tests.workflows.fingerprints import Shared, fingerprint
from workflows import catalog

_BODY = (
    element("startEvent", "s")
    + element("intermediateCatchEvent", "t", timer(timeDuration="P1D"))
    + user("a", camunda_assignee="ann")
)


@pytest.fixture
def deployment() -> workflows.Deployment:
    catalog._cache.clear()
    return workflows.deploy({"p.bpmn": diagram(_BODY, "s -> t\nt -> a")})


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda spec: spec.flows.append(spec.flows[0]), id="a flow is added"),
        pytest.param(lambda spec: spec._outputs.clear(), id="SpiffWorkflow's own links are cut"),
        pytest.param(lambda spec: setattr(spec, "visits", 1), id="a counter is kept"),
        pytest.param(lambda spec: spec._wf_spec.task_specs.pop("a"), id="an element is taken out"),
        pytest.param(lambda spec: spec.completed_event.connect(print), id="a listener is connected"),
        pytest.param(lambda spec: object.__setattr__(spec.trigger, "text", "P2D"), id="a frozen value"),
    ],
)
def test_a_change_of_the_specs_is_seen(
    deployment: workflows.Deployment, change: Callable[[Any], object]
) -> None:
    shared = Shared()
    shared.meet(deployment)
    assert shared.changed() == []

    change(deployment.specs["p"].task_specs["t"])

    assert len(shared.changed()) == 1
    catalog._cache.clear()


def test_the_same_files_are_described_alike_however_often_they_are_read(
    deployment: workflows.Deployment,
) -> None:
    catalog._cache.clear()
    again = workflows.deploy({"p.bpmn": diagram(_BODY, "s -> t\nt -> a")})

    assert again is not deployment
    assert fingerprint(again.specs) == fingerprint(deployment.specs)
