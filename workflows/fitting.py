"""Whether a token can stand on another version's element: what it waits for must mean something there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from typing import Any

from SpiffWorkflow.util.task import TaskState

from workflows.plans import are_alike
from workflows.starving import reachable

Names = Mapping[tuple[str, str], str]
"""The element of the new version that stands for one of the old: by process and element."""
Arrived = tuple[Collection[str], Collection[str]]


def problems(token: Any, there: Any, names: Names) -> Iterator[str]:
    """Say what keeps a token from standing on this element of the new version."""
    here = token.task_spec
    if not are_alike(here, there):
        yield f"is a {here.kind}; {there.name} is a {there.kind}"
        return
    memo = token.internal_data
    if "groups" in memo or memo.get("undoing"):
        yield "undoes what was completed: it can go when that is done"
        return
    yield from _problems_of_rounds(token, there)
    if "incident" in memo:
        return  # whatever it waited for, a retry begins with it anew
    if here.waits_for_machine and token.state == TaskState.STARTED and here.handler != there.handler:
        yield f"its call in flight asks {here.handler}; {there.name} asks {there.handler}"
    if here.calls_process:
        yield from _problems_of_call(token, there)
    if "arrived" in memo:
        yield from _problems_of_join(token, there, names)
    elif is_awaited(token) and hasattr(there, "trigger") and not there.trigger.waits:
        yield f"waits for something; {there.name} waits for nothing"


def _problems_of_rounds(token: Any, there: Any) -> Iterator[str]:
    memo, here = token.internal_data, token.task_spec
    if "repeats" in memo or "of" in memo:
        if _shape(here.repeats) != _shape(there.repeats):
            yield f"is repeated; {there.name} is not, or in another way"
    elif "incident" not in memo and getattr(there, "repeats", None) is not None:
        yield f"is done once; {there.name} is repeated"


def _shape(repeats: Any) -> Any:
    """Say how rounds are counted and gathered: of two that differ, one cannot go on with the other's."""
    if repeats is None:
        return None
    told = ("is_sequential", "output", "item")
    has_items = getattr(repeats, "collection", None) is not None
    return (type(repeats), has_items, *(getattr(repeats, name, None) for name in told))


def _problems_of_call(token: Any, there: Any) -> Iterator[str]:
    """What is called may be chosen as it runs: then it is what was chosen, where both choose alike."""
    inner, wanted = token.instance.subprocesses.get(token.id), there.binding.process
    called = token.task_spec.binding.process if inner is None else inner.spec.process_id
    if wanted not in (called, token.task_spec.binding.process):
        yield f"calls {called}; {there.name} calls {wanted}"


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


def merged(moved: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield open elements for which one and the same stands in the new version."""
    for one, other in combinations(moved, 2):
        if moved[one] == moved[other]:
            yield one, f"would be {moved[one]} there, and so would {other}"


def done_twice(
    here: Any, there: Any, moved: Mapping[str, str], arrived: Arrived
) -> Iterator[tuple[str, str]]:
    """Yield what is open beside others that lead to it in the new version, and did not before.

    It would be done twice there, and what follows too. `here` and `there` are a process in both versions,
    `moved` its open elements with what stands for them, `arrived` how joins were reached in each.
    """
    _, awaited_here = reachable(here, moved, arrived[0])
    _, awaited_there = reachable(there, moved.values(), arrived[1])
    for one in moved:
        # Without this one: a join that waits for it too keeps the others from it.
        others = [other for other in moved if other != one]
        before, _ = reachable(here, others, arrived[0], awaited_here)
        after, _ = reachable(there, [moved[other] for other in others], arrived[1], awaited_there)
        if moved[one] in after and one not in before:
            yield one, f"is open, and what else is open leads to {moved[one]} there: it would be done twice"
