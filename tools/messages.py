"""What Babel does not find by itself: sentences of errors, and the words of the shipped diagrams and tables.

`make messages` reads them (babel.cfg names these functions). A diagram that an organisation draws itself
is shown as it was drawn; what ships is translated like the pages around it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from lxml import etree

Found = tuple[int, str | None, Any, list[str]]
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
# Elements that a timeline or an incident names by its id, read as words; so are others that have no name.
TOLD_BY_ID = {"serviceTask", "sendTask", "receiveTask", "boundaryEvent", "intermediateCatchEvent"}
NEVER_SHOWN = {"message", "signal", "error", "escalation", "category"}


def python(
    file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Collection[str], options: dict[str, Any]
) -> Iterator[Found]:
    """Find gettext's calls, and what errors and closed sets of values say."""
    source = file.read()
    yield from extract_python(BytesIO(source), keywords, comment_tags, options)
    for node in ast.walk(ast.parse(source)):
        for line, text in _said(node):
            yield line, None, text, []


def _said(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name.endswith("Error") and not name.startswith(("Assertion", "Value", "Runtime", "Setting")):
            for argument in node.args:
                yield from _texts(argument)
    elif isinstance(node, ast.Assign) and _is_wrong(node.targets[0]):
        yield from _texts(node.value)
    elif isinstance(node, ast.ClassDef) and node.name.endswith(("Status", "Role")):
        for line in node.body:
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
                name, value = ast.unparse(line.targets[0]), line.value.value
                yield line.lineno, (value if isinstance(value, str) else name).lower().replace("_", " ")


def _is_wrong(target: ast.expr) -> bool:
    """`wrong[field] = [...]` is how commands gather what is wrong with the input."""
    return isinstance(target, ast.Subscript) and ast.unparse(target.value) == "wrong"


def _texts(node: ast.expr) -> Iterator[tuple[int, str]]:
    """Yield the texts of an argument: itself, or inside lists and the values of dicts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if "_" not in node.value or " " in node.value:  # the name of a field or column is no text
            yield node.lineno, node.value
    elif isinstance(node, ast.List | ast.Tuple):
        for part in node.elts:
            yield from _texts(part)
    elif isinstance(node, ast.Dict):
        for part in node.values:
            yield from _texts(part)
    elif isinstance(node, ast.DictComp):
        yield from _texts(node.value)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)


def bpmn(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Find what pages say of a diagram: the names of its steps, and what a decision leads to."""
    for element in etree.parse(file).getroot().iter():
        if not isinstance(element.tag, str) or not element.tag.startswith(BPMN):
            continue
        kind, line = element.tag.removeprefix(BPMN), element.sourceline or 1
        name = element.get("name", "").strip()
        if name and kind not in NEVER_SHOWN:
            yield line, None, name, []
        if kind in TOLD_BY_ID or (not name and kind.endswith(("Gateway", "Event", "Task", "Process"))):
            yield line, None, element.get("id", "").replace("_", " ").capitalize(), []
        if kind == "documentation" and (element.getparent().tag or "").endswith("userTask"):  # type: ignore[union-attr]
            yield line, None, (element.text or "").strip(), []


def dmn(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Find what pages say of a table: its name, and the reasons that its rows give."""
    for element in etree.parse(file).getroot().iter():
        if not isinstance(element.tag, str):
            continue
        kind, line = etree.QName(element).localname, element.sourceline or 1
        if kind == "decision" and element.get("name"):
            yield line, None, element.get("name"), []
        if kind == "outputEntry":
            text = "".join(element.itertext()).strip()
            if text.startswith('"') and " " in text:
                yield line, None, text.strip('"'), []
