"""What BPMN has and we do not execute, so that what stands around it can be read: a token halts there."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs import defaults

from workflows.specs.activity import Activity
from workflows.specs.node import Node


class AdHocSubprocess(Activity, defaults.NoneTask):
    """Nothing inside is read: no token ever comes there."""

    kind = "adHocSubProcess"


class ComplexGateway(Node, defaults.NoneTask):
    """What it waits for is in no words that we know."""

    kind = "complexGateway"
