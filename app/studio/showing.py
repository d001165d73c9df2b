"""A diagram for people to look at: the names that Placet ships, in the reader's language.

Editors never get this: what is drawn stays what it is.
"""

from __future__ import annotations

from flask_babel import get_locale
from lxml import etree

from app.studio.reading import parser
from app.wording import translated


def in_readers_language(content: bytes) -> bytes:
    """Return a diagram with the names that the catalogue knows translated; as it is where it is no XML."""
    locale = get_locale()
    if locale is None or locale.language == "en":
        return content
    try:
        root = etree.fromstring(content, parser())
    except etree.XMLSyntaxError:
        return content
    for element in root.iter(etree.Element):
        name = element.get("name")
        if name and etree.QName(element).namespace == "http://www.omg.org/spec/BPMN/20100524/MODEL":
            element.set("name", translated(name))
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
