"""Diagrams as text, so that a test shows the diagram that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import workflows
from tests.workflows.fingerprints import Shared
from workflows import catalog

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="test">'
)


def diagram(body: str, flows: str, process: str = "p", before: str = "") -> bytes:
    """Return a diagram: `body` are elements, `flows` lines such as `a -> b` or `a -> b: amount > 5`.

    `a -> b: default` needs the gateway's own default attribute; the flow's id is `a_b`.
    """
    elements = body + _flows(flows)
    return (
        f'{_HEAD}{before}<bpmn:process id="{process}" isExecutable="true">{elements}</bpmn:process>'
        "</bpmn:definitions>"
    ).encode()


def kept_back(content: bytes) -> list[tuple[str, str]]:
    """Return what of a diagram never runs, by element and reason: it is refused, or halts who comes there."""
    try:
        specs = workflows.deploy({"p.bpmn": content}).specs
    except workflows.RefusedError as error:
        return [(found.element, found.message) for found in error.findings]
    elements = [spec for process in specs.values() for spec in process.task_specs.values()]
    flows = [flow for spec in elements for flow in spec.flows]
    found = [(spec.name, spec.halts) for spec in elements] + [(flow.id, flow.halts) for flow in flows]
    return [(name, why) for name, why in found if why is not None]


def _flows(text: str) -> str:
    found = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        parts = re.fullmatch(r"([\w.]+) -> ([\w.]+)(?:: (.*))?", line)
        if parts is None:
            raise ValueError(f"{line!r} is no flow")
        source, target, condition = parts.groups()
        inside = ""
        if condition and condition != "default":
            escaped = condition.replace("&", "&amp;").replace("<", "&lt;")
            inside = f"<bpmn:conditionExpression>{escaped}</bpmn:conditionExpression>"
        found.append(
            f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
            f"{inside}</bpmn:sequenceFlow>"
        )
    return "".join(found)


def element(kind: str, key: str, inside: str = "", /, **attributes: str) -> str:
    """Return one element; `camunda_topic="x"` stands for `camunda:topic="x"`."""
    words = "".join(f' {key.replace("camunda_", "camunda:")}="{value}"' for key, value in attributes.items())
    return f'<bpmn:{kind} id="{key}"{words}>{inside}</bpmn:{kind}>'


def user(key: str, inside: str = "", /, **attributes: str) -> str:
    return element("userTask", key, inside, **attributes)


def service(key: str, inside: str = "", /, **attributes: str) -> str:
    return element("serviceTask", key, inside, camunda_topic=attributes.pop("topic", "do.it"), **attributes)


def script(name: str, text: str, result: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<bpmn:scriptTask id="{name}" scriptFormat="feel" camunda:resultVariable="{result}">'
        f"<bpmn:script>{escaped}</bpmn:script></bpmn:scriptTask>"
    )


def timer(**kinds: str) -> str:
    (kind, text), *_ = kinds.items()
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>"


def boundary(name: str, host: str, inside: str, interrupting: bool = True) -> str:
    cancel = "true" if interrupting else "false"
    return (
        f'<bpmn:boundaryEvent id="{name}" attachedToRef="{host}" cancelActivity="{cancel}">{inside}'
        "</bpmn:boundaryEvent>"
    )


def sub(key: str, inside: str, flows: str = "", /, kind: str = "subProcess", **attributes: str) -> str:
    """Return a subprocess with elements and flows in it, written as `diagram` takes them."""
    return element(kind, key, inside + _flows(flows), **attributes)


def event_sub(key: str, definition: str, inside: str, flows: str, interrupting: bool = True) -> str:
    """Return an event subprocess; its start event is `<key>_start`."""
    start = element("startEvent", f"{key}_start", definition, isInterrupting=str(interrupting).lower())
    return sub(key, start + inside, flows, triggeredByEvent="true")


def many(over: str | None = None, times: str | None = None, until: str = "", **attributes: str) -> str:
    """Return multi-instance characteristics, over a collection or a number of times."""
    words = {"camunda_collection": over, "camunda_elementVariable": "each"} if over else {}
    inside = f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality>" if times else ""
    if until:
        inside += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>"
    said = " ".join(
        f'{name.replace("camunda_", "camunda:")}="{value}"' for name, value in {**words, **attributes}.items()
    )
    return f"<bpmn:multiInstanceLoopCharacteristics {said}>{inside}</bpmn:multiInstanceLoopCharacteristics>"


def undoing(key: str, host: str) -> str:
    """Return the boundary event and the user task that compensate an activity: `<key>` and `undo_<host>`."""
    return (
        boundary(key, host, "<bpmn:compensateEventDefinition/>")
        + user(f"undo_{host}", isForCompensation="true")
        + f'<bpmn:association sourceRef="{key}" targetRef="undo_{host}"/>'
    )


def condition(text: str, **attributes: str) -> str:
    words = "".join(f' {key.replace("camunda_", "camunda:")}="{value}"' for key, value in attributes.items())
    return (
        f"<bpmn:conditionalEventDefinition{words}><bpmn:condition>{text}</bpmn:condition>"
        "</bpmn:conditionalEventDefinition>"
    )


class Run:
    """An instance under test: every verb saves its state and the next one reads it back.

    Every verb is called twice, and must say the same twice: it is a pure function.
    """

    reread = False
    """Read the diagrams anew before every step, as another process would; see `conftest.each_way`."""

    shared = Shared()
    """What the case shares between instances; see `conftest.nothing_shared_changes`."""

    def __init__(
        self,
        *diagrams: bytes,
        process: str = "p",
        tables: Mapping[str, bytes] | None = None,
        message: str | None = None,
        at: str | None = None,
        **variables: Any,
    ) -> None:
        self.files = {f"{number}.bpmn": content for number, content in enumerate(diagrams)}
        self.tables = tables or {}
        self.now = NOW
        self.open: dict[str, workflows.UserTask] = {}
        self.calls: dict[str, workflows.ServiceCall] = {}
        self.incidents: list[workflows.Incident] = []
        self.milestones: list[str] = []
        self.events: list[workflows.Event] = []
        self.sent: list[workflows.Sent] = []
        self.step = self.do(workflows.start, process, variables, self.now, "key", message, at)

    @property
    def deployment(self) -> workflows.Deployment:
        if self.reread:
            catalog._cache.clear()
        files = tuple(self.files.values())
        return self.shared.meet(workflows.deploy(self.files, self.tables), files)

    def do(self, verb: Callable[..., workflows.Step], *arguments: Any, **more: Any) -> workflows.Step:
        step = verb(self.deployment, *arguments, **more)
        assert verb(self.deployment, *arguments, **more) == step
        return self.take(step)

    def take(self, step: workflows.Step) -> workflows.Step:
        self.step = step
        self.open.update({task.key: task for task in step.opened})
        self.calls.update({call.key: call for call in step.calls})
        for key in (*(closed.key for closed in step.closed), *step.withdrawn):
            self.open.pop(key, None)
            self.calls.pop(key, None)
        self.incidents = [each for each in self.incidents if each.key not in step.overtaken]
        self.incidents += step.incidents
        self.milestones += step.milestones
        self.events += step.events
        self.sent += step.sent
        return step

    @property
    def tasks(self) -> list[str]:
        """The open user tasks, sorted."""
        return sorted(task.element for task in self.open.values())

    @property
    def called(self) -> list[str]:
        """The handlers whose answers are awaited, sorted."""
        return sorted(call.handler for call in self.calls.values())

    def task(self, name: str) -> workflows.UserTask:
        return next(task for task in self.open.values() if task.element == name)

    def complete(self, name: str, **result: Any) -> workflows.Step:
        return self.do(workflows.complete, self.step.state, self.task(name).key, result, self.now)

    def _called(self, handler: str) -> str:
        key = next(call.key for call in self.calls.values() if call.handler == handler)
        del self.calls[key]
        return key

    def answer(self, handler: str, **result: Any) -> workflows.Step:
        return self.do(workflows.complete, self.step.state, self._called(handler), result, self.now)

    def fail(self, handler: str, code: str, **variables: Any) -> workflows.Step:
        key = self._called(handler)
        return self.do(workflows.fail, self.step.state, key, code, f"why {code}", variables, self.now)

    def message(self, name: str, /, at: str | None = None, **payload: Any) -> workflows.Step:
        return self.do(
            workflows.receive, self.step.state, message=name, payload=payload, now=self.now, element=at
        )

    def signal(self, name: str, /, **payload: Any) -> workflows.Step:
        return self.do(workflows.receive, self.step.state, signal=name, payload=payload, now=self.now)

    def advance(self, **time: float) -> workflows.Step:
        """Move the clock and fire what is due."""
        self.now += timedelta(**time)
        return self.do(workflows.tick, self.step.state, self.now)

    def change(self, **variables: Any) -> workflows.Step:
        """Set variables from outside."""
        return self.do(workflows.change, self.step.state, variables, self.now)

    def retry(self, **variables: Any) -> workflows.Step:
        key = self.incidents.pop().key
        return self.do(workflows.retry, self.step.state, key, self.now, variables)

    @property
    def stuck(self) -> list[str]:
        """The elements at which somebody must help, sorted."""
        return sorted(incident.element for incident in self.incidents)

    @property
    def variables(self) -> dict[str, Any]:
        return workflows.variables(self.step.state, self.deployment, self.now)
