"""Joins that wait for what can never come: said as an incident, since nothing else would ever show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from SpiffWorkflow.util.task import TaskState


def starved(instance: Any) -> tuple[Any, str] | None:
    """Return a waiting join that no token can reach any more, and why; the cause before its effects."""
    for scope in (instance, *instance.subprocesses.values()):
        hopeless = _hopeless(scope)
        if hopeless:
            token, lacking = min(hopeless, key=lambda each: _rank(each, hopeless))
            flows = ", ".join(flow.id for flow in lacking)
            then = "only cancelling helps" if token.task_spec.needs_all else "retry goes on without"
            return token, f"waits for {flows}, where nothing can arrive any more; {then}"
    return None


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
    process, reached = scope.spec.task_specs, _reached(scope)
    joins = (spec for spec in process.values() if _needs_all(spec))
    lacking = {spec.name: [flow for flow in spec.incoming if flow.id not in reached] for spec in joins}
    return {name: flows for name, flows in lacking.items() if 0 < len(flows) < len(process[name].incoming)}


def _reached(scope: Any) -> set[str]:
    """Return the flows that a token may take, or took; a join opens only when all of its are."""
    process, ahead = scope.spec.task_specs, []
    flows: set[str] = set()
    seen: set[str] = set()
    for token in scope.tokens():
        arrived = token.internal_data.get("arrived")
        flows.update(arrived or ())
        ahead += [] if arrived else [token.task_spec.name]
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        flows.update(flow.id for flow in process[name].flows)
        targets = (process[flow.target] for flow in process[name].flows)
        ahead += [each.name for each in targets if not _needs_all(each) or _all_in(each, flows)]
        ahead += process[name].boundaries
    return flows


def _all_in(join: Any, flows: set[str]) -> bool:
    return all(flow.id in flows for flow in join.incoming)


def _needs_all(spec: Any) -> bool:
    return getattr(spec, "needs_all", False) and len(spec.incoming) > 1
