"""Refusing at the door what is not a diagram or a table at all, before anything is kept of it."""

from __future__ import annotations

from lxml import etree


def problem_of(content: bytes) -> str | None:
    """Say why these bytes cannot be kept as a draft; None where they are well-formed XML without a DOCTYPE.

    An unfinished diagram may be saved: whether it can be executed is asked when it is checked or published.
    """
    if b"<!DOCTYPE" in content[:4096].upper():
        return "has a DOCTYPE, which diagrams and tables never need"
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        return f"is not XML: {error.msg}"
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stub forgets it
        return "has a DOCTYPE, which diagrams and tables never need"
    if etree.QName(root).localname != "definitions":
        return f"begins with <{etree.QName(root).localname}>, not with <definitions>"
    return None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
