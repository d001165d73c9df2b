"""The engine room: state in, Step out; no database, no clock of its own, no network."""

from workflows.catalog import Deployment, ElementInfo, ProcessInfo, deploy
from workflows.check import check
from workflows.errors import (
    ElementError,
    Finding,
    NotAwaitedError,
    NotOpenError,
    RefusedError,
    StarvedError,
    UnknownProcessError,
    WorkflowError,
)
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
    "NotOpenError",
    "ProcessInfo",
    "RefusedError",
    "Sent",
    "ServiceCall",
    "StarvedError",
    "Step",
    "Subscription",
    "UnknownProcessError",
    "UserTask",
    "WorkflowError",
    "cancel",
    "check",
    "complete",
    "deploy",
    "fail",
    "receive",
    "retry",
    "start",
    "tick",
    "variables",
]
