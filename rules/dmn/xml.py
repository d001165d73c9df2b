"""DMN documents read safely: no entities, no DOCTYPE, no network, no giants."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from rules.dmn.errors import DmnError

LARGEST: Final = 5_000_000
_NAMESPACES: Final = frozenset(
    {
        "http://www.omg.org/spec/DMN/20151101",
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    }
)


class Element:
    """An element of a DMN document, by the local names of DMN's own namespace."""

    __slots__ = ("_raw",)

    def __init__(self, raw: etree._Element) -> None:
        self._raw = raw

    @property
    def tag(self) -> str:
        return etree.QName(self._raw).localname

    @property
    def id(self) -> str:
        return self.get("id") or ""

    @property
    def label(self) -> str:
        """Name the element for a message."""
        return f"{self.tag} {self.get('name') or self.get('id') or f'(line {self._raw.sourceline})'}"

    def get(self, attribute: str) -> str | None:
        value = self._raw.get(attribute)
        return None if value is None else str(value)

    def children(self, *tags: str) -> "Iterator[Element]":
        """Go through the child elements of DMN's namespace, all of them or those of these tags."""
        for raw in self._raw:
            if isinstance(raw.tag, str):
                name = etree.QName(raw)
                if name.namespace in _NAMESPACES and (not tags or name.localname in tags):
                    yield Element(raw)

    def child(self, *tags: str) -> "Element | None":
        return next(self.children(*tags), None)

    def text_of(self, tag: str) -> str | None:
        """Return the text of a child, stripped; None where there is no such child."""
        child = self.child(tag)
        return None if child is None else child.text

    @property
    def text(self) -> str:
        return "".join(str(part) for part in self._raw.itertext()).strip()

    def without_prefix(self, reference: str) -> str:
        """Take a namespace prefix that the document declares from a reference such as `feel:string`."""
        prefix, colon, rest = reference.partition(":")
        return rest if colon and prefix in self._raw.nsmap else reference


def read(document: bytes) -> Element:
    """Return the `definitions` of a document."""
    if len(document) > LARGEST:
        raise DmnError("document", f"larger than {LARGEST:,} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DmnError("document", f"not well-formed XML: {error}") from None
    # Asked of the parser rather than of the bytes, which may be in any encoding.
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stub forgets it
        raise DmnError("document", "a DOCTYPE is not accepted")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in _NAMESPACES:
        raise DmnError("document", f"{name.text} is no DMN 1.1 to 1.5 definitions element")
    return Element(root)
