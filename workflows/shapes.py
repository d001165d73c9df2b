"""What a page must know of diagrams beyond their elements: which one calls which, and where paths join."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workflows.catalog import Deployment

_JOINING = frozenset({"parallelGateway", "inclusiveGateway"})


def calls_of(deployment: Deployment) -> dict[tuple[str, str], str]:
    """Return the deployed process that each call activity calls, by its own process and element."""
    return {
        place: spec.spec
        for place, spec in _places(deployment)
        if spec.calls_process and spec.spec in deployment.processes
    }


def joins_of(deployment: Deployment) -> frozenset[tuple[str, str]]:
    """Return the gateways, by process and element, at which several arrivals leave as one."""
    return frozenset(
        place for place, spec in _places(deployment) if spec.kind in _JOINING and len(spec.incoming) > 1
    )


def _places(deployment: Deployment) -> Iterator[tuple[tuple[str, str], Any]]:
    for process in deployment.specs.values():
        for spec in process.task_specs.values():
            yield (process.process_id, spec.name), spec
