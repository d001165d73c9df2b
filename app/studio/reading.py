"""Refusing at the door what is not a diagram or a table at all, before anything is kept of it."""

from __future__ import annotations

from lxml import etree

from app.wording import worded


def problem_of(content: bytes) -> str | None:
    """Say why these bytes cannot be kept as a draft; None where they are well-formed XML without a DOCTYPE.

    An unfinished diagram may be saved: whether it can be executed is asked when it is checked or published.
    """
    if b"<!DOCTYPE" in content[:4096].upper():
        return worded("has a DOCTYPE, which diagrams and tables never need")
    try:
        root = etree.fromstring(content, parser())
    except etree.XMLSyntaxError as error:
        return worded("is not XML: {why}", why=error.msg)
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr] # the stub forgets it
        return worded("has a DOCTYPE, which diagrams and tables never need")
    if etree.QName(root).localname != "definitions":
        return worded("begins with <{tag}>, not with <definitions>", tag=etree.QName(root).localname)
    return None


def parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
