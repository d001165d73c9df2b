"""The FEEL texts of a model: compiled when it is read; a broken one is a fault and comes to null later."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from rules.dmn.scope import Spot, Surroundings, Values
from rules.dmn.xml import Element
from rules.feel import nodes
from rules.feel.builtins.names import BUILTIN_NAMES
from rules.feel.compile import compile_in
from rules.feel.errors import FeelSyntaxError
from rules.feel.evaluation import Evaluation, Place
from rules.feel.hints import of_name
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell, unknown_names

_NEVER: Final = parse_tests("? = null and ? != null", Scope())


class Answering(Protocol):
    """Something that can be asked for its value."""

    def answer(self, scope: Values, run: Evaluation) -> Any: ...


@dataclass(frozen=True, slots=True)
class Broken:
    """A text that is not FEEL: null, with the reason each time."""

    place: Place
    reason: str

    def answer(self, scope: Values, run: Evaluation) -> None:
        run.warn(self.place, self.reason)


def read_expression(element: Element, where: str | Spot, around: Surroundings) -> Answering:
    text = element.text_of("text") or ""
    try:
        refuse_other_languages(element, text)
        expression = compile_in(text, around.scope)
    except FeelSyntaxError as error:
        around.syntax_fault(where, error)
        return Broken(Place(text, error.span), error.reason)
    _report_unknown(expression.unknown, where, around)
    for node in nodes.walk(expression.node):
        if isinstance(node, nodes.FunctionDefinition) and node.external:
            around.syntax_fault(
                where, FeelSyntaxError(text, node.span, "an external function is not run here")
            )
    return expression


def read_cell(element: Element, where: Spot, around: Surroundings) -> Cell:
    """Read a table's condition; an empty one accepts anything, a broken one nothing."""
    text = element.text_of("text") or "-"
    try:
        refuse_other_languages(element, text)
        cell = Cell(text, parse_tests(text, around.scope))
    except FeelSyntaxError as error:
        around.syntax_fault(where, error)
        return Cell(text, _NEVER)
    _report_unknown(unknown_names(cell, around.scope), where, around)
    return cell


def _report_unknown(unknown: Mapping[str, Place], where: str | Spot, around: Surroundings) -> None:
    known = [*sorted(around.names), *BUILTIN_NAMES]
    for name, place in unknown.items():
        hint = of_name(name, known)
        if isinstance(where, Spot) and not hint:
            hint = f'; a text stands in quotes: "{name}"'
        reason = f"nothing is named {name!r}{hint}"
        around.syntax_fault(where, FeelSyntaxError(place.text, place.span, reason))


def refuse_other_languages(element: Element, text: str) -> None:
    language = element.get("expressionLanguage")
    if language and not language.rstrip("/").lower().endswith("feel"):
        raise FeelSyntaxError(text, (0, len(text)), f"the language {language!r} is not FEEL")
