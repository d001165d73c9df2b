"""What diagrams of the tests declare and define: events, repeated activities, containers, undoing."""

from __future__ import annotations

from tests.workflows import building
from tests.workflows.building import boundary, element, sub, timer, user

DECLARED = (
    '<bpmn:message id="M_paid" name="paid"/><bpmn:message id="M_sent" name="sent"/>'
    '<bpmn:signal id="G_strike" name="strike"/>'
    '<bpmn:error id="E_broken" errorCode="broken"/><bpmn:error id="E_lost" errorCode="lost"/>'
    '<bpmn:escalation id="C_slow" escalationCode="slow"/><bpmn:escalation id="C_late" escalationCode="late"/>'
)
START = element("startEvent", "s")
END = element("endEvent", "e")

MESSAGE = '<bpmn:messageEventDefinition messageRef="M_paid"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="G_strike"/>'
ERROR = '<bpmn:errorEventDefinition errorRef="E_broken"/>'
ESCALATION = '<bpmn:escalationEventDefinition escalationRef="C_slow"/>'
CONDITION = (
    "<bpmn:conditionalEventDefinition><bpmn:condition>ready</bpmn:condition>"
    "</bpmn:conditionalEventDefinition>"
)
COMPENSATION = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
TERMINATE = "<bpmn:terminateEventDefinition/>"
LINK = '<bpmn:linkEventDefinition name="there"/>'
TIMER = timer(timeDuration="P1D")


def draw(body: str, flows: str, process: str = "p") -> bytes:
    """Return a diagram in which everything is declared that a definition may refer to."""
    return building.diagram(body, flows, process, DECLARED)


def beside(key: str, definition: str, task: str, interrupting: bool = True) -> str:
    """Return an event subprocess that does one task."""
    start = element("startEvent", f"{key}_s", definition, isInterrupting=str(interrupting).lower())
    body = start + user(task) + element("endEvent", f"{key}_e")
    return sub(key, body, f"{key}_s -> {task}\n{task} -> {key}_e", triggeredByEvent="true")


def many(times: str = "", each: str = "", until: str = "", sequential: bool = False) -> str:
    """Return the words of a multi-instance activity: `times` a number or FEEL, or `each` name in `names`."""
    name, _, names = each.partition(" in ")
    collection = f' camunda:collection="{names}" camunda:elementVariable="{name}"' if each else ""
    cardinality = f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality>" if times else ""
    escaped = until.replace("<", "&lt;").replace(">", "&gt;")
    condition = f"<bpmn:completionCondition>{escaped}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"{collection}>'
        f"{cardinality}{condition}</bpmn:multiInstanceLoopCharacteristics>"
    )


def again_while(condition: str, before: bool = False, most: int = 0) -> str:
    """Return the words of a standard loop."""
    maximum = f' loopMaximum="{most}"' if most else ""
    inside = f"<bpmn:loopCondition>{condition}</bpmn:loopCondition>" if condition else ""
    return (
        f'<bpmn:standardLoopCharacteristics testBefore="{str(before).lower()}"{maximum}>{inside}'
        "</bpmn:standardLoopCharacteristics>"
    )


def undone_by(host: str, handler: str, kind: str = "userTask", inside: str = "", /, **attributes: str) -> str:
    """Return a compensation boundary and the handler that it is joined to."""
    return (
        boundary(f"undoing_{host}", host, COMPENSATION)
        + element(kind, handler, inside, isForCompensation="true", **attributes)
        + f'<bpmn:association id="by_{handler}" sourceRef="undoing_{host}" targetRef="{handler}"'
        ' associationDirection="One"/>'
    )


def throw(key: str, definition: str) -> str:
    return element("intermediateThrowEvent", key, definition)


def catch(key: str, definition: str) -> str:
    return element("intermediateCatchEvent", key, definition)


def end(key: str, definition: str = "") -> str:
    return element("endEvent", key, definition)


def gateway(kind: str, key: str, /, **attributes: str) -> str:
    return element(f"{kind}Gateway", key, **attributes)
