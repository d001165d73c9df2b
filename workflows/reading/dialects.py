"""Other engines' words for what we execute too, read as Camunda's: only where both mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from rules import feel
from workflows.reading import jbpm, messages, spiff, zeebe
from workflows.reading.expressions import ForeignExpressionError, to_feel
from workflows.reading.extensions import add_parameter
from workflows.reading.xml import BPMN, CAMUNDA, child_of, local, text_of

Note = tuple[Any, str]
"""An element, and what was read otherwise than it is written."""

_BEAN = re.compile(r"\s*[$#]\{\s*([A-Za-z_]\w*)\s*\}\s*")
_SET = re.compile(r"""\s*[$#]\{\s*execution\.setVariable\(\s*(['"])(\w+)\1\s*,(.*)\)\s*\}\s*""", re.S)
_OTHER_TYPES = ("case", "dmn", "send-event")
_OWNER = re.compile(r"\s*(?:(user|group)\s*\(([^(),]+)\)|([^(),]+))\s*")
_BARE = {
    "http://www.jboss.org/drools": "user",
    "http://activiti.org/bpmn": "group",
    "http://camunda.org/schema/1.0/bpmn": "group",
    "http://flowable.org/bpmn": "group",
    "http://operaton.org/schema/1.0/bpmn": "group",
}
"""What a bare name of a potential owner is: the standard leaves that to the engine."""


def translate(root: Any) -> list[Note]:
    """Rewrite a prepared tree in place; return what a modeller should know of it."""
    notes: list[Note] = []
    for node in list(root.iter(f"{BPMN}*")):
        notes += zeebe.translate(node)
        notes += spiff.translate(node)
        notes += jbpm.translate(node)
        for look in _LOOKS.get(local(node), ()):
            notes += ((node, said) for said in look(node))
    return notes + messages.name(root)


def _result(node: Any) -> Iterator[str]:
    """Activiti's older name for the result variable."""
    older = node.attrib.pop(CAMUNDA + "resultVariableName", None)
    if older is not None:
        node.set(CAMUNDA + "resultVariable", older)
    yield from ()


def _expression(node: Any) -> Iterator[str]:
    """A service that evaluates an expression for its value is a script; one for its effect is code."""
    text = node.get(CAMUNDA + "expression")
    if text is None or local(node) != "serviceTask" or node.get(CAMUNDA + "topic"):
        return
    assigned = _SET.fullmatch(text)
    name = assigned[2] if assigned else node.get(CAMUNDA + "resultVariable")
    try:
        translated = to_feel(f"${{{assigned[3]}}}" if assigned else text)[0]
        reads = feel.compile(translated, ()).unknown
    except (ForeignExpressionError, feel.FeelError):
        return
    if reads and not name:
        return
    node.tag = BPMN + "scriptTask"
    del node.attrib[CAMUNDA + "expression"]
    node.set("scriptFormat", "feel")
    if name:
        node.set(CAMUNDA + "resultVariable", name)
    etree.SubElement(node, BPMN + "script").text = translated
    yield f"the expression {text!r} was translated to {translated!r}"


def _handler(node: Any) -> Iterator[str]:
    """A class or a bean is the name of a handler; what it does is done by whoever handles that name."""
    if node.get(CAMUNDA + "topic"):
        return
    for word, name in _named_by(node):
        node.set(CAMUNDA + "topic", name)
        if word:
            node.attrib.pop(CAMUNDA + word)
            yield f"camunda:{word} {name!r} is read as the name of a handler"
        else:
            yield f"names no handler: its id {name!r} stands for one"
        _fields(node)
        return


def _named_by(node: Any) -> Iterator[tuple[str, str]]:
    """Return what could be a handler's name, the likeliest first, each with its word."""
    given = node.get(CAMUNDA + "class")
    if given:
        yield "class", given
    bean = _BEAN.fullmatch(node.get(CAMUNDA + "delegateExpression") or "")
    if bean:
        yield "delegateExpression", bean[1]
    kind = node.get(CAMUNDA + "type")
    if kind and kind not in ("external", *_OTHER_TYPES):
        yield "type", kind
    if local(node) == "serviceTask" and not any(
        node.get(CAMUNDA + word) for word in ("expression", "delegateExpression", "type")
    ):
        yield "", node.get("id")


def _fields(node: Any) -> None:
    """What is injected into a class is an input of the handler."""
    for field in node.findall(f"{BPMN}extensionElements/{CAMUNDA}field"):
        text = field.get("stringValue") or field.get("expression") or "".join(field.itertext()).strip()
        name = field.get("name") or ""
        field.getparent().remove(field)
        add_parameter(node, "inputParameter", name).text = text


def _script(node: Any) -> Iterator[str]:
    """A script task without a script has nothing to do, in whatever language."""
    if text_of(node, "script") is None and not node.get(CAMUNDA + "resource"):
        node.tag = BPMN + "task"
        yield "holds no script: nothing is done"


def _inherit(node: Any) -> Iterator[str]:
    """Flowable's word for handing on everything."""
    if node.attrib.pop(CAMUNDA + "inheritVariables", "false") == "true":
        etree.SubElement(child_of(node, BPMN + "extensionElements"), CAMUNDA + "in", variables="all")
        yield "camunda:inheritVariables is read as camunda:in variables='all'"


def _owners(node: Any) -> Iterator[str]:
    """BPMN's own words for who may do something, where they say it plainly."""
    performer = node.find(BPMN + "humanPerformer")
    name = _assigned(performer)
    if name and node.get(CAMUNDA + "assignee") is None:
        node.remove(performer)
        node.set(CAMUNDA + "assignee", name)
        yield "humanPerformer is read as camunda:assignee"
    for owner in node.findall(BPMN + "potentialOwner"):
        matches = (_OWNER.fullmatch(part) for part in _assigned(owner).split(","))
        found = [(one[1] or _bare(node), one[2] or one[3]) if one else (None, "") for one in matches]
        if all(kind for kind, _ in found):
            node.remove(owner)
            for kind, each in found:
                _add(node, f"candidate{str(kind).title()}s", each)
            yield "potentialOwner is read as camunda:candidateUsers and camunda:candidateGroups"


def _assigned(owner: Any) -> str:
    if owner is None:
        return ""
    found = owner.find(f"{BPMN}resourceAssignmentExpression/{BPMN}formalExpression")
    if found is None:
        found = owner.find(BPMN + "formalExpression")
    return "" if found is None else "".join(found.itertext()).strip()


def _bare(node: Any) -> str | None:
    spaces = set(node.nsmap.values())
    return next((kind for space, kind in _BARE.items() if space in spaces), None)


def _add(node: Any, word: str, name: str) -> None:
    before = node.get(CAMUNDA + word)
    node.set(CAMUNDA + word, f"{before},{name.strip()}" if before else name.strip())


_LOOKS: dict[str, tuple[Callable[[Any], Iterator[str]], ...]] = {
    "serviceTask": (_result, _expression, _handler),
    "sendTask": (_handler,),
    "businessRuleTask": (_result, _handler),
    "scriptTask": (_script,),
    "callActivity": (_inherit,),
    "userTask": (_owners,),
}
