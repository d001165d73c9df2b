"""Correlation: whether keys that a message is found by can be told, and mean something where they stand."""

from __future__ import annotations

from typing import Any

from workflows.checks.findings import Findings, root_of
from workflows.reading import correlation
from workflows.reading.correlation import CATCHING, PREFIX, bare
from workflows.reading.xml import BPMN, CAMUNDA, text_of

_THROWING = ("intermediateThrowEvent", "endEvent", "sendTask")
_PROPERTY = f"{BPMN}extensionElements/{CAMUNDA}properties/{CAMUNDA}property"


class CorrelationChecks(Findings):
    """Looks at what a file says of correlation, in BPMN's words and in properties."""

    def correlation(self, root: Any) -> None:
        used = {
            bare(each.get("correlationPropertyRef"))
            for each in root.iter(BPMN + "correlationPropertyBinding")
        }
        for each in correlation.properties_of(root):
            if each.get("id") not in used:
                self.warn(each, "does nothing here: no correlationSubscription of a process binds it")
            for path in each.findall(BPMN + "correlationPropertyRetrievalExpression"):
                self._text(each, path, "messagePath")
                self.reference(each, path.get("messageRef"), "message")

    def subscription(self, node: Any) -> None:
        """Look at what a process says that its instances are found by."""
        root = root_of(node)
        bindings = node.findall(BPMN + "correlationPropertyBinding")
        bound = {bare(each.get("correlationPropertyRef")) for each in bindings}
        known = {each.get("id") for each in correlation.properties_of(root)}
        for each in bindings:
            self._text(node, each, "dataPath")
        for name in sorted(bound - known):
            self.error(node, f"binds {name!r}, which is no correlationProperty of this file")
        for name in sorted(self._wanted(node, root) - bound):
            self.error(node, f"does not bind {name!r} of its key: without it a message cannot be told")

    def _wanted(self, node: Any, root: Any) -> set[str]:
        reference = bare(node.get("correlationKeyRef"))
        keys = [key for key in root.iter(BPMN + "correlationKey") if key.get("id") == reference]
        if not keys:
            self.error(node, f"its correlationKey {reference!r} is not in this file")
            return set()
        return {bare((ref.text or "").strip()) for ref in keys[0].findall(BPMN + "correlationPropertyRef")}

    def _text(self, node: Any, holder: Any, part: str) -> None:
        text = text_of(holder, part)
        if text is None:
            self.error(node, f"lacks its {part}")
        else:
            self.expression(node, text.removeprefix("="), part)

    def keys(self, node: Any, kind: str) -> None:
        """Look at the properties `correlation.<key>` of one element."""
        names = [each.get("name") or "" for each in node.findall(_PROPERTY)]
        if not any(name.startswith(PREFIX) for name in names):
            return
        if PREFIX in names:
            self.halt(node, "a correlation key has no name: correlation.<name>")
        starts = kind == "startEvent" and node.getparent().get("triggeredByEvent") != "true"
        if starts:
            self.warn(node, "its correlation keys do nothing: the message begins an instance")
        elif kind not in (*CATCHING, *_THROWING) or not self._has_message(node, kind):
            self.warn(node, "its correlation keys do nothing: it awaits and sends no message")

    def _has_message(self, node: Any, kind: str) -> bool:
        return kind == "receiveTask" or correlation.message_of(node) is not None
