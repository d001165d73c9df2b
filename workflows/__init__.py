"""The engine room: state in, Step out; no database, no clock of its own, no network."""

from workflows.catalog import Deployment, ElementInfo, ProcessInfo, deploy
from workflows.check import check
from workflows.errors import (
    ElementError,
    Finding,
    NotAwaitedError,
    NotMovableError,
    NotOpenError,
    RefusedError,
    StarvedError,
    UncaughtError,
    UnknownProcessError,
    WorkflowError,
)
from workflows.operating import change, move, places, raise_error, reschedule, skip
from workflows.running import cancel, complete, fail, receive, retry, start, tick, variables
from workflows.step import (
    Closed,
    Event,
    Incident,
    Sent,
    ServiceCall,
    Step,
    Subscription,
    UserTask,
)

__all__ = [
    "Closed",
    "Deployment",
    "ElementError",
    "ElementInfo",
    "Event",
    "Finding",
    "Incident",
    "NotAwaitedError",
    "NotMovableError",
    "NotOpenError",
    "ProcessInfo",
    "RefusedError",
    "Sent",
    "ServiceCall",
    "StarvedError",
    "Step",
    "Subscription",
    "UncaughtError",
    "UnknownProcessError",
    "UserTask",
    "WorkflowError",
    "cancel",
    "change",
    "check",
    "complete",
    "deploy",
    "fail",
    "move",
    "places",
    "raise_error",
    "receive",
    "reschedule",
    "retry",
    "skip",
    "start",
    "tick",
    "variables",
]
