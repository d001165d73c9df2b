"""One step of the engine, loaded and saved, beside SpiffWorkflow's documented path on the same file.

The files are valid in both worlds: their conditions mean the same in FEEL and in Python.
"""

from __future__ import annotations

import logging
import statistics
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

import workflows
from bench import results

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ROUNDS = 9
ROUND_SECONDS = 0.15
"""How much processor time one side takes in a round; it works at least three times."""
ORDER: Mapping[str, Any] = {
    "order_id": "PO-2024-000123",
    "amount": 25000,
    "currency": "EUR",
    "requester": "u1042",
    "department": "R&D",
    "due": "2026-12-01",
    "levels": 3,
    "rejected": False,
    "again": True,
    "lines": [
        {"sku": f"SKU-{n:04d}", "quantity": n + 1, "cents": 1999 * n, "text": f"some catalogue line text {n}"}
        for n in range(10)
    ],
}
_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="bench">'
    '<process id="p" isExecutable="true">'
)
_TAIL = "</process></definitions>"


def measure() -> dict[str, float]:
    """Return how many times the documented path takes ours, for a short and ever longer stories."""
    logging.getLogger("spiff").setLevel(logging.ERROR)
    warnings.simplefilter("ignore", DeprecationWarning)
    approval, given = Pair(approval_diagram(), ORDER), {"rejected": False}
    figures = {
        "engine.approval_ratio": ratio(approval, given),
        "engine.state_bytes": float(len(approval.state)),
    }
    for rounds in (100, 400):
        figures[f"engine.loop{rounds}_ratio"] = ratio(Pair(loop_diagram(), ORDER, rounds), {"again": True})
    many = Pair(many_diagram(), {**ORDER, "people": [f"person {n}" for n in range(1000)]}, 30)
    figures["engine.mi1000_ratio"] = ratio(many, {"verdict": 5})
    figures["engine.round1000_over_10"] = late_over_early()
    return figures


class Pair:
    """One diagram in both engines, so many user tasks after its start."""

    def __init__(self, diagram: bytes, variables: Mapping[str, Any], rounds: int = 0) -> None:
        self.deployment = workflows.deploy({"p.bpmn": diagram})
        step = workflows.start(self.deployment, "p", variables, NOW, "key")
        opened = [task.key for task in step.opened]
        for _ in range(rounds):
            step = workflows.complete(self.deployment, step.state, opened.pop(0), {"again": True}, NOW)
            opened += [task.key for task in step.opened]
        self.state, self.key = step.state, opened[0]
        self.serializer = BpmnWorkflowSerializer()
        self.document = self._document(diagram, variables, rounds)

    def _document(self, diagram: bytes, variables: Mapping[str, Any], rounds: int) -> str:
        parser = BpmnParser()
        parser.add_bpmn_str(diagram)
        workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        workflow.task_tree.data.update(variables)
        workflow.do_engine_steps()
        for _ in range(rounds):
            _complete_next(workflow, {"again": True})
        return str(self.serializer.serialize_json(workflow))

    def ours(self, result: Mapping[str, Any]) -> workflows.Step:
        return workflows.complete(self.deployment, self.state, self.key, result, NOW)

    def theirs(self, result: Mapping[str, Any]) -> str:
        workflow = self.serializer.deserialize_json(self.document)
        _complete_next(workflow, result)
        return str(self.serializer.serialize_json(workflow))


def _complete_next(workflow: Any, result: Mapping[str, Any]) -> None:
    task = workflow.get_next_task(state=TaskState.READY, manual=True)
    task.data.update(result)
    task.run()
    workflow.do_engine_steps()


def ratio(pair: Pair, result: Mapping[str, Any]) -> float:
    theirs, ours = medians(lambda: pair.theirs(result), lambda: pair.ours(result))
    return theirs / ours


def late_over_early() -> float:
    """Return what round 1,000 of a loop costs beside round 10."""
    deployment = workflows.deploy({"p.bpmn": loop_diagram()})
    step, before = workflows.start(deployment, "p", ORDER, NOW, "key"), {}
    for number in range(1, 1001):
        before[number] = (step.state, step.opened[0].key)
        step = workflows.complete(deployment, *before[number], {"again": True}, NOW)
    late, early = medians(
        lambda: workflows.complete(deployment, *before[1000], {"again": True}, NOW),
        lambda: workflows.complete(deployment, *before[10], {"again": True}, NOW),
    )
    return late / early


def medians(*works: Callable[[], object]) -> list[float]:
    """Return the median processor time of each of several works, done in turn, round by round."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for taken, work in zip(times, works, strict=True):
            end = time.process_time() + ROUND_SECONDS
            done = 0
            while done < 3 or time.process_time() < end:
                start = time.process_time()
                work()
                taken.append(time.process_time() - start)
                done += 1
    return [statistics.median(taken) for taken in times]


def approval_diagram() -> bytes:
    """A table's answer, then up to three approvers, any of whom may reject; a reminder beside the first."""
    gateways = "".join(
        f'<exclusiveGateway id="after_{name}" default="{name}_on"/>'
        for name in ("lead", "manager", "finance")
    )
    late = '<timerEventDefinition><timeDuration>"PT48H"</timeDuration></timerEventDefinition>'
    body = (
        '<startEvent id="s"/><scriptTask id="route" scriptFormat="feel" camunda:resultVariable="levels">'
        "<script>3</script></scriptTask>"
        f'<userTask id="lead"/><userTask id="manager"/><userTask id="finance"/>{gateways}'
        f'<boundaryEvent id="late" attachedToRef="lead" cancelActivity="false">{late}</boundaryEvent>'
        '<scriptTask id="remind" scriptFormat="feel"><script>0</script></scriptTask><endEvent id="reminded"/>'
        '<scriptTask id="book" scriptFormat="feel"><script>0</script></scriptTask>'
        '<endEvent id="booked"/><endEvent id="refused"/>'
    )
    flows = [
        ("s", "route"),
        ("route", "lead"),
        ("late", "remind"),
        ("remind", "reminded"),
        ("book", "booked"),
        *((name, f"after_{name}") for name in ("lead", "manager", "finance")),
    ]
    chosen = [
        ("after_lead", "refused", "rejected"),
        ("after_lead", "manager", "levels > 1"),
        ("after_manager", "refused", "rejected"),
        ("after_manager", "finance", "levels > 2"),
        ("after_finance", "refused", "rejected"),
    ]
    defaults = "".join(
        _flow(f"{name}_on", f"after_{name}", "book") for name in ("lead", "manager", "finance")
    )
    return _document(body, flows, chosen, defaults)


def loop_diagram() -> bytes:
    body = (
        '<startEvent id="s"/><userTask id="look"/><exclusiveGateway id="x" default="done"/><endEvent id="e"/>'
    )
    return _document(body, [("s", "look"), ("look", "x")], [("x", "look", "again")], _flow("done", "x", "e"))


def many_diagram() -> bytes:
    """Everybody of a list is asked at the same time."""
    repeated = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef>"
        '<inputDataItem id="person" name="person"/></multiInstanceLoopCharacteristics>'
    )
    body = (
        f'<startEvent id="s"/><userTask id="ask">{repeated}</userTask><userTask id="then"/><endEvent id="e"/>'
    )
    return _document(body, [("s", "ask"), ("ask", "then"), ("then", "e")])


def _document(
    body: str, flows: list[tuple[str, str]], chosen: list[tuple[str, str, str]] | None = None, more: str = ""
) -> bytes:
    plain = "".join(_flow(f"{source}_{target}", source, target) for source, target in flows)
    conditional = "".join(
        _flow(f"{source}_{target}", source, target, when) for source, target, when in chosen or ()
    )
    return f"{_HEAD}{body}{plain}{conditional}{more}{_TAIL}".encode()


def _flow(key: str, source: str, target: str, condition: str = "") -> str:
    escaped = condition.replace(">", "&gt;")
    inside = f"<conditionExpression>{escaped}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{key}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'


if __name__ == "__main__":
    results.record(measure())
