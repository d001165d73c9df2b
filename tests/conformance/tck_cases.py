"""The DMN Technology Compatibility Kit's test files: inputs and what is expected, read as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from rules import feel

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True)
class Case:
    """One result that one test case expects."""

    source: Path
    model: str
    id: str
    node: str
    kind: str
    inputs: dict[str, Any]
    expected: Any
    is_error: bool
    service: str | None

    @property
    def name(self) -> str:
        return f"{self.source.parent.name}/{self.id}/{self.node}"


class Unreadable:
    """An expected value that the kit itself writes wrongly; nothing equals it."""


def cases_in(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.xml")):
        root = etree.parse(path).getroot()
        model = (_text(_child(root, "modelName")) or "").strip()
        for test in _children(root, "testCase"):
            inputs: dict[str, Any] = {}
            for node in _children(test, "inputNode"):
                value = _value(node)
                inputs[node.get("name", "")] = value
                if node.get("namespace"):
                    inputs[f"{{{node.get('namespace')}}}{node.get('name')}"] = value
            for result in _children(test, "resultNode"):
                expected = _child(result, "expected")
                yield Case(
                    path,
                    model,
                    test.get("id", ""),
                    result.get("name", ""),
                    result.get("type") or test.get("type") or "decision",
                    inputs,
                    None if expected is None else _value(expected),
                    result.get("errorResult") == "true",
                    test.get("invocableName"),
                )


def _value(element: Any) -> Any:
    """Read a value, a list or components, whichever an element holds."""
    items = _child(element, "list")
    if items is not None:
        if items.get(f"{XSI}nil") == "true":
            return None
        return [_value(item) for item in _children(items, "item")]
    components = _children(element, "component")
    if components:
        return {component.get("name"): _value(component) for component in components}
    value = _child(element, "value")
    return None if value is None else _simple(value)


def _simple(value: Any) -> Any:
    text = value.text or ""
    if value.get(f"{XSI}nil") == "true":
        return None
    kind = (value.get(f"{XSI}type") or "").rpartition(":")[2]
    match kind:
        case "boolean":
            return text.strip() == "true"
        case "decimal" | "double" | "integer" | "int" | "long" | "float":
            return Decimal(text.strip())
        case "date":
            return feel.parse_date(text.strip()) or Unreadable()
        case "time":
            return feel.parse_time(text.strip()) or Unreadable()
        case "dateTime":
            return feel.parse_date_time(text.strip()) or Unreadable()
        case "duration":
            return feel.parse_duration(text.strip()) or Unreadable()
    return text


def _children(element: Any, tag: str) -> list[Any]:
    return [child for child in element if isinstance(child.tag, str) and etree.QName(child).localname == tag]


def _child(element: Any, tag: str) -> Any:
    return next(iter(_children(element, tag)), None)


def _text(element: Any) -> str | None:
    return None if element is None else element.text
