"""Where the checks say what they found, and how all of them look at an expression."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import Any

from rules import feel
from workflows.checks import words
from workflows.errors import Finding
from workflows.reading.expressions import (
    ForeignExpressionError,
    ForeignMethodError,
    is_wrapped,
    template,
    to_feel,
)
from workflows.reading.processes import PLACES
from workflows.reading.xml import BPMN, local

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
        self.halts: dict[tuple[str, str], str] = {}
        """Why an element is not executed, by file and id, in diagrams that are read all the same."""
        self._data_names: dict[str, frozenset[str]] = {}
        self._says = {"error": self.error, "halt": self.halt, "strict": self.strict, "warning": self.warn}
        self._declared: dict[tuple[str, str], set[str]] = {}

    def error(self, node: Any, message: str) -> None:
        element, line = (node, None) if isinstance(node, str) else (node.get("id") or "", node.sourceline)
        self.findings.append(Finding("error", self.file, element, message, line))

    def warn(self, node: Any, message: str) -> None:
        self.findings.append(Finding("warning", self.file, node.get("id") or "", message, node.sourceline))

    def strict(self, node: Any, message: str) -> None:
        """What keeps a diagram from being published, but not from being read: it would be an incident."""
        (self.error if self.thorough else self.warn)(node, message)

    def halt(self, node: Any, message: str) -> None:
        """As `strict`, of what is not executed: a token that comes there halts at an incident that says so.

        Where no token comes, nothing would say so: it is an error.
        """
        if local(node) not in PLACES:
            self.error(node, message)
            return
        self.strict(node, message)
        self.mark(node, message)

    def mark(self, node: Any, message: str) -> None:
        """Let a token halt at an element; a trigger that cannot be read is its event subprocess's."""
        if local(node) == "startEvent" and node.getparent().get("triggeredByEvent") == "true":
            node = node.getparent()
        self.halts.setdefault((self.file, node.get("id")), message)

    def halts_in(self, file: str) -> dict[str, str]:
        """Return why elements of a file are not executed, by their ids."""
        return {key: why for (where, key), why in self.halts.items() if where == file}

    def say(self, node: Any, found: Iterable[words.Finding]) -> None:
        for severity, message in found:
            self._says[severity](node, message)

    def reference(self, node: Any, reference: str | None, word: str) -> None:
        if not reference:
            self.halt(node, f"names no {word}Ref")
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
            self._foreign(node, error, f"the {where} {text!r}: {error}")
            return
        self.warn(node, f"the {where} {text!r} was translated to {translated!r}")
        self.feel(node, translated, where)

    def expression(self, node: Any, text: str, where: str) -> None:
        """FEEL, or what can be translated to it."""
        try:
            translated, was_foreign = to_feel(text)
        except ForeignExpressionError as error:
            self._foreign(node, error, f"the {where} {text!r}: {error}")
            return
        if was_foreign:
            self.warn(node, f"the {where} {text!r} was translated to {translated!r}")
        self.feel(node, translated, where)

    def _foreign(self, node: Any, error: ForeignExpressionError, message: str) -> None:
        """What calls a method does what nobody here can tell: such a file is not even read."""
        (self.error if isinstance(error, ForeignMethodError) else self.halt)(node, message)

    def _names(self, node: Any) -> frozenset[str]:
        if self.file not in self._data_names:
            self._data_names[self.file] = _declared_names(root_of(node))
        return self._data_names[self.file]

    def feel(self, node: Any, text: str, where: str) -> None:
        try:
            compiled = feel.compile(text, self._names(node))
        except feel.FeelError as error:
            self.halt(node, f"the {where} is not FEEL: {error}")
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
