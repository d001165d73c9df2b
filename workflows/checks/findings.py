"""Where the checks say what they found, and how all of them look at an expression."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

from rules import feel
from workflows.checks import words
from workflows.errors import Finding
from workflows.reading.expressions import ForeignExpressionError, is_wrapped, template, to_feel
from workflows.reading.xml import BPMN

_FEEL = re.compile(r"feel|https?://www\.omg\.org/spec/dmn/\d+/feel/?", re.I)


def is_feel(language: str) -> bool:
    return _FEEL.fullmatch(language) is not None


def reads(language: str) -> bool:
    """Whether expressions in this language are read: FEEL of any edition, or what is translated to it."""
    return is_feel(language) or "juel" in language.lower()


_NAMED_DATA = tuple(
    BPMN + kind
    for kind in ("dataObject", "dataObjectReference", "dataInput", "dataOutput", "property", "itemDefinition")
)


class Findings:
    """The findings of one set of files, and the file that is being looked at."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.file = ""
        self.thorough = True
        self._data_names: dict[str, frozenset[str]] = {}
        self._declared: dict[tuple[str, str], set[str]] = {}

    def error(self, node: Any, message: str) -> None:
        element, line = (node, None) if isinstance(node, str) else (node.get("id") or "", node.sourceline)
        self.findings.append(Finding("error", self.file, element, message, line))

    def warn(self, node: Any, message: str) -> None:
        self.findings.append(Finding("warning", self.file, node.get("id") or "", message, node.sourceline))

    def strict(self, node: Any, message: str) -> None:
        """What keeps a diagram from being published, but not from being read: it would be an incident."""
        (self.error if self.thorough else self.warn)(node, message)

    def say(self, node: Any, found: Iterable[words.Finding]) -> None:
        for severity, message in found:
            {"error": self.error, "strict": self.strict, "warning": self.warn}[severity](node, message)

    def reference(self, node: Any, reference: str | None, word: str) -> None:
        if not reference:
            self.error(node, f"names no {word}Ref")
            return
        key = (self.file, word)
        if key not in self._declared:
            self._declared[key] = {each.get("id") for each in root_of(node).findall(BPMN + word)}
        if reference.split(":")[-1] not in self._declared[key] and reference != node.get("id"):
            self.warn(node, f"the {word} {reference!r} is not declared: its id stands for its name")

    def value(self, node: Any, text: str, where: str) -> None:
        """Text is itself; `=` or a wrapper round all of it marks an expression; a mixture is put together."""
        text = text.strip()
        if text.startswith("="):
            self.feel(node, text[1:], where)
        elif is_wrapped(text):
            self.expression(node, text, where)
        elif words.holds_expression(text):
            self._template(node, text, where)

    def _template(self, node: Any, text: str, where: str) -> None:
        try:
            translated = template(text)
        except ForeignExpressionError as error:
            self.error(node, f"the {where} {text!r}: {error}")
            return
        self.warn(node, f"the {where} {text!r} was translated to {translated!r}")
        self.feel(node, translated, where)

    def expression(self, node: Any, text: str, where: str) -> None:
        """FEEL, or what can be translated to it."""
        try:
            translated, was_foreign = to_feel(text)
        except ForeignExpressionError as error:
            self.error(node, f"the {where} {text!r}: {error}")
            return
        if was_foreign:
            self.warn(node, f"the {where} {text!r} was translated to {translated!r}")
        self.feel(node, translated, where)

    def _names(self, node: Any) -> frozenset[str]:
        if self.file not in self._data_names:
            self._data_names[self.file] = _declared_names(root_of(node))
        return self._data_names[self.file]

    def feel(self, node: Any, text: str, where: str) -> None:
        try:
            compiled = feel.compile(text, self._names(node))
        except feel.FeelError as error:
            self.error(node, f"the {where} is not FEEL: {error}")
            return
        for name in compiled.unknown_functions if self.thorough else ():
            close = difflib.get_close_matches(name, feel.BUILT_INS, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            self.error(node, f"the {where} calls {name!r}, which is no function of FEEL{hint}")


def _declared_names(root: Any) -> frozenset[str]:
    """Return the names of several words that a file gives its data: FEEL reads them where they are known."""
    names = (each.get("name") or "" for each in root.iter(*_NAMED_DATA))
    return frozenset(name.strip() for name in names if name.strip() and not name.strip().isidentifier())


def root_of(node: Any) -> Any:
    return node.getroottree().getroot()
