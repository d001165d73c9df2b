"""Whether a token can stand on another version's element: what it waits for must mean something there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows.plans import are_alike

Names = Mapping[tuple[str, str], str]
"""The element of the new version that stands for one of the old: by process and element."""


def problems(token: Any, there: Any, names: Names) -> Iterator[str]:
    """Say what keeps a token from standing on this element of the new version."""
    here = token.task_spec
    if not are_alike(here, there):
        yield f"is a {here.kind} and {there.name} a {there.kind}"
        return
    if "incident" in token.internal_data:
        return  # whatever it waited for, a retry begins with it anew
    if here.waits_for_machine and token.state == TaskState.STARTED and here.handler != there.handler:
        yield f"its call in flight asks {here.handler}; {there.name} asks {there.handler}"
    if here.calls_process and here.spec != there.spec:
        yield f"calls {here.spec}; {there.name} calls {there.spec}"
    if "arrived" in token.internal_data:
        yield from _problems_of_join(token, there, names)


def is_awaited(token: Any) -> bool:
    """Whether the token is on the watch for an event."""
    return any(token.id in waiting for waiting in token.instance.watch.values())


def _problems_of_join(token: Any, there: Any, names: Names) -> Iterator[str]:
    if len(there.incoming) < 2:
        yield f"waits for several branches; {there.name} joins none"
        return
    arrived = arrivals(token, there, names)
    lost = [flow for flow, counterpart in arrived.items() if counterpart is None]
    if lost:
        yield f"a branch arrived by {', '.join(lost)}, which leads to no {there.name} any more"
    elif there.needs_all and {flow.id for flow in there.incoming} <= set(arrived.values()):
        yield f"every branch that {there.name} has is there already: it would open at once"


def arrivals(token: Any, there: Any, names: Names) -> dict[str, str | None]:
    """Return the flows by which something arrived at a join, each with the new version's, if it has one."""
    return {flow: _counterpart(token, flow, there, names) for flow in token.internal_data["arrived"]}


def _counterpart(token: Any, flow_id: str, there: Any, names: Names) -> str | None:
    if any(flow.id == flow_id for flow in there.incoming):
        return flow_id
    process = token.scope.process_id
    sources = [flow.source for flow in token.task_spec.incoming if flow.id == flow_id]
    wanted = {names.get((process, source)) for source in sources}
    found = [flow.id for flow in there.incoming if flow.source in wanted]
    return str(found[0]) if len(found) == 1 else None


def out_of_order(here: Any, there: Any, moved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is open at the same time, and in the new version one after the other, or one and the same.

    It would be done twice there, and what follows too. `here` and `there` are a process in both versions,
    `moved` its open elements, each with the one that stands for it.
    """
    for one in moved:
        before = _ahead(here, one)
        after = _ahead(there, moved[one])
        for other in moved:
            if moved[other] == moved[one]:
                if one < other:
                    yield one, f"and {other} would both be {moved[one]}"
            elif moved[other] in after and other not in before and not _joins(there.task_specs[moved[other]]):
                yield one, f"and {other} are open at the same time; {moved[other]} follows {moved[one]} there"


def _ahead(process: Any, start: str) -> set[str]:
    """Return the elements that a token may come to before it is joined with others."""
    seen: set[str] = set()
    ahead = _next(process.task_specs[start])
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            spec = process.task_specs[name]
            if not _joins(spec):
                ahead += _next(spec)
    return seen


def _joins(spec: Any) -> bool:
    return hasattr(spec, "needs_all") and len(spec.incoming) > 1


def _next(spec: Any) -> list[str]:
    return [*spec.boundaries, *(flow.target for flow in spec.flows)]
