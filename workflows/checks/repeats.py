"""Repeated activities: what their loop must say, and what it says that is not executed."""

from __future__ import annotations

from typing import Any

from workflows.checks import words
from workflows.checks.findings import Findings
from workflows.reading.xml import BPMN, CAMUNDA, local, text_of

_KNOWN = frozenset(
    (
        "documentation",
        "extensionElements",
        "loopCardinality",
        "loopDataInputRef",
        "loopDataOutputRef",
        "inputDataItem",
        "outputDataItem",
        "completionCondition",
        "loopCondition",
    )
)


class RepeatChecks(Findings):
    """Looks at the loop characteristics of one activity."""

    def repeats(self, node: Any) -> None:
        loop = node.find(BPMN + "multiInstanceLoopCharacteristics")
        if loop is not None:
            self._multi_instance(node, loop)
        loop = node.find(BPMN + "standardLoopCharacteristics")
        if loop is not None:
            self._standard_loop(node, loop)

    def _multi_instance(self, node: Any, loop: Any) -> None:
        self._parts(node, loop)
        cardinality = text_of(loop, "loopCardinality")
        collection = loop.get(CAMUNDA + "collection") or text_of(loop, "loopDataInputRef")
        if cardinality is None and not collection:
            self.strict(node, "is repeated without end: give a loopCardinality or a collection")
        if cardinality is not None and collection:
            self.halt(node, "is repeated by a number and by a collection: give one of them")
        for text, where in (
            (cardinality, "loopCardinality"),
            (collection, "collection"),
            (text_of(loop, "completionCondition"), "completionCondition"),
        ):
            if text:
                self.expression(node, text.removeprefix("="), where)
        if loop.get("behavior", "All") != "All" or loop.get("noneBehaviorEventRef"):
            self.halt(
                node, f"behavior={loop.get('behavior')!r} of a multi-instance is not executed; throw an event"
            )

    def _standard_loop(self, node: Any, loop: Any) -> None:
        self._parts(node, loop)
        condition, most = text_of(loop, "loopCondition"), loop.get("loopMaximum")
        if condition is not None:
            self.expression(node, condition.removeprefix("="), "loopCondition")
        if most is not None and not most.isdecimal():
            self.halt(node, f"loopMaximum {most!r} is no number")
        if condition is None and most is None:
            self.halt(node, "is repeated without end: give a loopCondition or a loopMaximum")

    def _parts(self, node: Any, loop: Any) -> None:
        self.say(node, words.extensions(loop))
        for child in loop:
            if local(child) not in _KNOWN:
                self.halt(node, f"{local(child)} of a loop is not executed")
