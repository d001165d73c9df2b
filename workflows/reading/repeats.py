"""From loop characteristics to how an activity is repeated."""

from __future__ import annotations

from typing import Any

from workflows.reading.expressions import to_feel
from workflows.reading.xml import BPMN, CAMUNDA, text_of
from workflows.specs.repeating import MultiInstance, Repeats, StandardLoop


def read_repeats(node: Any) -> Repeats | None:
    """Return how an activity is repeated; None: it is done once."""
    loop = node.find(BPMN + "standardLoopCharacteristics")
    if loop is not None:
        most = loop.get("loopMaximum")
        return StandardLoop(
            _feel(text_of(loop, "loopCondition")),
            loop.get("testBefore") == "true",
            int(most) if most else None,
        )
    loop = node.find(BPMN + "multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    return MultiInstance(
        is_sequential=loop.get("isSequential") == "true",
        cardinality=_feel(text_of(loop, "loopCardinality")),
        collection=_feel(loop.get(CAMUNDA + "collection") or text_of(loop, "loopDataInputRef")),
        item=loop.get(CAMUNDA + "elementVariable") or _item(loop, "inputDataItem"),
        until=_feel(text_of(loop, "completionCondition")),
        output=text_of(loop, "loopDataOutputRef"),
        output_item=_item(loop, "outputDataItem"),
    )


def _feel(text: str | None) -> str | None:
    return to_feel(text.removeprefix("="))[0] if text else None


def _item(loop: Any, tag: str) -> str | None:
    """A data item is called by its name; drawn without one, by its id."""
    found = loop.find(BPMN + tag)
    return None if found is None else found.get("name") or found.get("id")
