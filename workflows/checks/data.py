"""Data associations: what they move must be there, and their expressions FEEL."""

from __future__ import annotations

from typing import Any

from workflows.checks.findings import Findings
from workflows.reading.data import element_of
from workflows.reading.xml import BPMN, local, text_of

_ASSOCIATIONS = ("dataInputAssociation", "dataOutputAssociation")


class DataChecks(Findings):
    """Looks at the data associations of one element."""

    def data(self, node: Any) -> None:
        for kind in _ASSOCIATIONS:
            for association in node.findall(BPMN + kind):
                self._moved(node, association)
                self._expressions(node, association)

    def _moved(self, node: Any, association: Any) -> None:
        for tag in ("sourceRef", "targetRef"):
            key = text_of(association, tag)
            found = element_of(node, key)
            if key and found is None:
                self.halt(node, f"{local(association)} names {key!r}, which is not here")
            elif found is not None and local(found) == "dataStoreReference":
                self.warn(node, "dataStoreReference is decoration here: data are variables")

    def _expressions(self, node: Any, association: Any) -> None:
        text = text_of(association, "transformation")
        if text:
            self.expression(node, text.removeprefix("="), "transformation")
        for assignment in association.findall(BPMN + "assignment"):
            if not text_of(assignment, "to"):
                self.halt(node, f"an assignment of a {local(association)} names no target")
            self.expression(node, (text_of(assignment, "from") or "").removeprefix("="), "assignment")
