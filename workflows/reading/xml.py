"""Reading XML that somebody sent: no DOCTYPE, no entities, no network, no size without end."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
LARGEST = 4 * 1024 * 1024
_DIALECTS = (
    "{http://operaton.org/schema/1.0/bpmn}",
    "{http://activiti.org/bpmn}",
    "{http://flowable.org/bpmn}",
)

_BOOLEANS = frozenset(
    (
        "cancelActivity",
        "instantiate",
        "isExecutable",
        "isForCompensation",
        "isInterrupting",
        "isSequential",
        "parallelMultiple",
        "testBefore",
        "triggeredByEvent",
        "waitForCompletion",
    )
)
_REFERENCES = frozenset(
    ("activityRef", "attachedToRef", "calledElement", "default", "sourceRef", "targetRef")
)


class UnreadableError(Exception):
    """These bytes are no diagram; the message says why."""


def read(content: bytes) -> Any:
    """Return the root element; raise UnreadableError."""
    if len(content) > LARGEST:
        raise UnreadableError(f"has more than {LARGEST} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"is not XML: {error.msg}") from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stub forgets it
        raise UnreadableError("has a DOCTYPE, which diagrams never need")
    if root.tag != BPMN + "definitions":
        raise UnreadableError("holds no BPMN 2.0 definitions")
    return root


def prepare(root: Any) -> None:
    """Give ids where there are none, one namespace to the vendors' words, one spelling to what XML allows.

    Event definitions that stand apart are put where they are referred to.
    """
    _place_definitions(root)
    for number, node in enumerate(root.iter(etree.Element)):
        for dialect in _DIALECTS:
            if node.tag.startswith(dialect):
                node.tag = CAMUNDA + node.tag.removeprefix(dialect)
            for name in [each for each in node.attrib if each.startswith(dialect)]:
                node.set(CAMUNDA + name.removeprefix(dialect), node.attrib.pop(name))
        if node.tag.startswith(BPMN):
            _spell(node)
        if node.tag.startswith(BPMN) and local(node) not in ("incoming", "outgoing", "definitions"):
            node.set("id", (node.get("id") or f"generated_{local(node)}_{number}").strip())


def _place_definitions(root: Any) -> None:
    known = {each.get("id"): each for each in root if local(each).endswith("EventDefinition")}
    for number, reference in enumerate(list(root.iter(BPMN + "eventDefinitionRef"))):
        found = known.get("".join(reference.itertext()).strip().split(":")[-1])
        if found is not None:
            copied = deepcopy(found)
            copied.tail = None
            for each in copied.xpath("descendant-or-self::*[@id]"):
                each.set("id", f"{each.get('id')}_{number}")
            reference.getparent().replace(reference, copied)


def _spell(node: Any) -> None:
    """Write booleans as words, and references without their prefix: XML Schema allows both."""
    for name in _BOOLEANS.intersection(node.keys()):
        said = node.get(name).strip()
        node.set(name, {"1": "true", "0": "false"}.get(said, said))
    for name in _REFERENCES.intersection(node.keys()):
        prefix, colon, rest = node.get(name).partition(":")
        if colon and prefix in node.nsmap:
            node.set(name, rest)


def local(node: Any) -> str:
    return str(etree.QName(node).localname)


def text_of(node: Any, child: str) -> str | None:
    """Return the trimmed text of a BPMN child; None where there is none or nothing in it."""
    found = node.find(BPMN + child)
    text = "".join(found.itertext()).strip() if found is not None else ""
    return text or None


def child_of(node: Any, tag: str) -> Any:
    """Return an element's child of this tag, made where there is none."""
    found = node.find(tag)
    return etree.SubElement(node, tag) if found is None else found
