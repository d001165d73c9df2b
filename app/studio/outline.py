"""A diagram or a table in words: what a page says beside the drawing, for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.studio.reading import parser

_KINDS = frozenset(("event", "task", "gateway", "subprocess", "activity"))
_WHO = ("assignee", "candidateUsers", "candidateGroups", "topic", "decisionRef")


@dataclass(frozen=True, slots=True)
class Step:
    """An element of a diagram: what it is, who does it, and what may follow (each with the flow's name)."""

    id: str
    name: str
    kind: str
    who: str
    then: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table as written: column heads, and for each rule its cells."""

    name: str
    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]


def steps_of(content: bytes) -> list[Step]:
    """Return a diagram's elements in the order of the file; none where it cannot be read."""
    root = _root(content)
    nodes = [each for each in root.iter(etree.Element) if _is_step(each)]
    names = {each.get("id"): each.get("name") or each.get("id") or "" for each in nodes}
    flows = [each for each in root.iter(etree.Element) if _local(each) == "sequenceFlow"]
    return [
        Step(
            id=node.get("id") or "",
            name=names[node.get("id")],
            kind=_local(node),
            who=_who(node),
            then=tuple(
                (flow.get("name") or "", names.get(flow.get("targetRef"), ""))
                for flow in flows
                if flow.get("sourceRef") == node.get("id")
            ),
        )
        for node in nodes
    ]


def tables_of(content: bytes) -> list[Table]:
    """Return a file's decision tables; none where it cannot be read."""
    return [_table(each) for each in _root(content).iter(etree.Element) if _local(each) == "decisionTable"]


def _table(node: Any) -> Table:
    inputs = [each for each in node if _local(each) == "input"]
    outputs = [each for each in node if _local(each) == "output"]
    rules = [each for each in node if _local(each) == "rule"]
    return Table(
        name=node.getparent().get("name") or node.getparent().get("id") or "",
        policy=node.get("hitPolicy") or "UNIQUE",
        inputs=tuple(each.get("label") or _text(each) for each in inputs),
        outputs=tuple(each.get("label") or each.get("name") or "" for each in outputs),
        rules=tuple(
            tuple(_text(cell) or "–" for cell in rule if _local(cell) in ("inputEntry", "outputEntry"))
            for rule in rules
        ),
    )


def _root(content: bytes) -> Any:
    try:
        return etree.fromstring(content, parser())
    except etree.XMLSyntaxError:
        return etree.Element("nothing")


def _is_step(node: Any) -> bool:
    kind = _local(node).lower()
    return any(kind.endswith(each) for each in _KINDS) and node.get("id") is not None


def _who(node: Any) -> str:
    words = (node.get(f"{{http://camunda.org/schema/1.0/bpmn}}{name}") for name in _WHO)
    return ", ".join(word for word in words if word)


def _local(node: Any) -> str:
    return etree.QName(node).localname


def _text(node: Any) -> str:
    texts = (each.text or "" for each in node.iter(etree.Element) if _local(each) == "text")
    return next((text.strip() for text in texts if text.strip()), "")
