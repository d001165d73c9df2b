"""Joins that wait for what can never come: said as an incident, since nothing else would ever show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from SpiffWorkflow.util.task import TaskState


def starved(scope: Any) -> tuple[Any, str] | None:
    """Return a waiting join that no token can reach any more, and why; the cause before its effects."""
    hopeless = _hopeless(scope)
    if not hopeless:
        return None
    token, lacking = min(hopeless, key=lambda each: _rank(each, hopeless))
    flows = ", ".join(flow.id for flow in lacking)
    then = "only cancelling helps" if token.task_spec.needs_all else "retry goes on without"
    return token, f"waits for {flows}, where nothing can arrive any more; {then}"


def _hopeless(scope: Any) -> list[tuple[Any, list[Any]]]:
    tokens = scope.tokens()
    waiting = [t for t in tokens if t.state == TaskState.WAITING and "arrived" in t.internal_data]
    if not waiting:
        return []
    moving = {token.task_spec.name for token in tokens if token not in waiting}
    while True:
        found = [(token, token.task_spec.lacking(token, moving)) for token in waiting]
        fed = [token for token, lacking in found if not lacking]
        if not fed:
            return found
        # A join that may still open can feed the ones behind it.
        moving |= {token.task_spec.name for token in fed}
        waiting = [token for token in waiting if token not in fed]


def _rank(one: tuple[Any, list[Any]], others: list[tuple[Any, list[Any]]]) -> tuple[int, bool]:
    """Put the cause first; in a circle, the join that may go on with what has arrived."""
    return len(_behind(one, others)), one[0].task_spec.needs_all


def _behind(one: tuple[Any, list[Any]], others: list[tuple[Any, list[Any]]]) -> set[str]:
    """Return the other hopeless joins that would feed this one."""
    token, lacking = one
    return upstream(token, lacking) & {other.task_spec.name for other, _ in others if other is not token}


def upstream(token: Any, flows: Iterable[Any]) -> set[str]:
    """Return the elements from which a token can reach one of these flows of a join without passing it."""
    process, join = token.scope.spec, token.task_spec.name
    seen: set[str] = set()
    ahead = [flow.source for flow in flows]
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if name == join:
            continue
        spec = process.task_specs[name]
        ahead += [flow.source for flow in spec.incoming]
        if spec.kind == "boundaryEvent":
            ahead.append(spec.attached_to)
    return seen


def bound_to_starve(scope: Any) -> dict[str, list[Any]]:
    """Return the joins of all branches that something reaches, and a branch of theirs never will.

    Each with the flows where nothing can arrive any more, of all that the scope now holds.
    """
    process = scope.spec.task_specs
    arrived: set[str] = set()
    ahead = []
    for token in scope.tokens():
        there = token.internal_data.get("arrived")
        arrived.update(there or ())
        ahead += [] if there else [token.task_spec.name]
    _, flows = reachable(scope.spec, ahead, arrived)
    joins = (spec for spec in process.values() if is_join(spec) and spec.needs_all)
    lacking = {spec.name: [flow for flow in spec.incoming if flow.id not in flows] for spec in joins}
    return {name: empty for name, empty in lacking.items() if 0 < len(empty) < len(process[name].incoming)}


def reachable(
    process: Any, starts: Iterable[str], arrived: Iterable[str] = (), awaited: Collection[str] = ()
) -> tuple[set[str], set[str]]:
    """Return the elements and flows that tokens may come to from these elements, whatever is chosen.

    A join opens only when all of its flows were taken; an inclusive one when all were that are `awaited`.
    """
    specs, seen, flows = process.task_specs, set[str](), set(arrived)
    ahead = list(starts)
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        flows.update(flow.id for flow in specs[name].flows)
        targets = (specs[flow.target] for flow in specs[name].flows)
        ahead += [each.name for each in targets if _may_open(each, flows, awaited)]
        ahead += specs[name].boundaries
    return seen, flows


def _may_open(spec: Any, flows: set[str], awaited: Collection[str]) -> bool:
    if not is_join(spec):
        return True
    needed = (flow.id for flow in spec.incoming if spec.needs_all or flow.id in awaited)
    return flows.issuperset(needed)


def is_join(spec: Any) -> bool:
    """Whether an element waits for several branches."""
    return hasattr(spec, "needs_all") and len(spec.incoming) > 1
