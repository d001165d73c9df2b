"""Item definitions as FEEL types: what inputs, variables and results of a model must be."""

from collections.abc import Iterable, Mapping
from typing import Final

from rules.dmn.errors import DmnError
from rules.dmn.xml import Element
from rules.feel.types import (
    ANY,
    NUMBER,
    TYPE_NAMES,
    Constrained,
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Type,
)
from rules.feel.unary import compile_tests

DEEPEST: Final = 100
"""How many types may lie inside each other."""


class TypeLibrary:
    """The item definitions of one model, by name, with those of the models that it imports."""

    def __init__(self, definitions: Element, imported: Mapping[str, Type]) -> None:
        self._elements = {
            element.get("name") or "": element for element in definitions.children("itemDefinition")
        }
        self._resolving: set[str] = set()
        self._heights: dict[int, int] = {}
        self.types: dict[str, Type] = dict(imported)
        self.members: set[str] = set()
        for name in self._elements:
            self._settle(name)

    def resolve(self, reference: str | None, element: Element) -> Type | None:
        """Return the type that an element refers to; None where it refers to none."""
        if not reference:
            return None
        found = self._find(_plain(reference, element))
        if found is None:
            raise DmnError(element.label, f"no type is named {reference!r}")
        return found

    def _find(self, name: str) -> Type | None:
        if name in self._elements:
            # A type that holds itself, such as a tree: what lies inside is not looked into.
            return self.types.get(name, ANY)
        return self.types.get(name) or TYPE_NAMES.get(name) or _SPELLINGS.get(name.lower())

    def _settle(self, name: str) -> None:
        """Build a type after those that it refers to, with a list in place of the call stack."""
        waiting = [name]
        while waiting:
            current = waiting[-1]
            if current in self.types:
                waiting.pop()
            elif current in self._resolving:
                self.types[current] = self._limited(self._elements[current])
                self._resolving.discard(current)
            else:
                self._resolving.add(current)
                waiting += self._references(self._elements[current])

    def _references(self, element: Element) -> list[str]:
        """Return the types that a definition names and that nobody began to build, the last one first."""
        found: list[str] = []
        waiting = [(element, 0)]
        while waiting:
            part, depth = waiting.pop()
            if depth > DEEPEST:
                raise DmnError(element.label, f"types nest more than {DEEPEST} deep")
            texts = (part.get("typeRef"), part.get("outputTypeRef"), part.text_of("typeRef"))
            found += [_plain(text, part) for text in texts if text]
            inside = part.children("itemComponent", "functionItem", "parameters")
            waiting += [(each, depth + 1) for each in reversed(list(inside))]
        known = self._elements.keys() - self._resolving - self.types.keys()
        return [name for name in reversed(found) if name in known]

    def _limited(self, element: Element) -> Type:
        """Build a type whose parts are there, unless it nests too deep to look into a value with it."""
        built = self._build(element)
        if _height(built, self._heights) > DEEPEST:
            raise DmnError(element.label, f"types nest more than {DEEPEST} deep")
        return built

    def _build(self, element: Element) -> Type:
        built = self._constrained(self._base(element), element, "allowedValues")
        if element.get("isCollection") == "true":
            built = ListType(built)
        return self._constrained(built, element, "typeConstraint")

    def _base(self, element: Element) -> Type:
        components = list(element.children("itemComponent"))
        if components:
            entries = [(component.get("name") or "", self._build(component)) for component in components]
            self.members.update(name for name, _ in entries)
            return ContextType(tuple(entries))
        function = element.child("functionItem")
        if function is not None:
            parameters = tuple(
                self.resolve(parameter.get("typeRef"), parameter) or ANY
                for parameter in function.children("parameters")
            )
            return FunctionType(parameters, self.resolve(function.get("outputTypeRef"), function))
        return self.resolve(element.text_of("typeRef"), element) or ANY

    def _constrained(self, base: Type, element: Element, tag: str) -> Type:
        allowed = element.child(tag)
        text = "" if allowed is None else allowed.text_of("text") or ""
        return Constrained(base, compile_tests(text), text) if text else base


def entry_type(whole: Type | None, names: Iterable[str]) -> Type | None:
    """Return the declared type of an entry, going down by its names; None where none is declared."""
    for name in names:
        while isinstance(whole, Constrained):
            whole = whole.base
        whole = dict(whole.entries).get(name) if isinstance(whole, ContextType) else None
    return whole


def _plain(reference: str, element: Element) -> str:
    return " ".join(element.without_prefix(reference).split())


def _height(kind: Type, known: dict[int, int]) -> int:
    """Return how many types lie inside each other, looking at each object once."""
    match kind:
        case ListType(item) | RangeType(item) | Constrained(base=item):
            parts: tuple[Type | None, ...] = (item,)
        case ContextType(entries):
            parts = tuple(entry for _, entry in entries)
        case FunctionType(parameters, result):
            parts = (*parameters, result)
        case _:
            return 0
    if id(kind) not in known:
        known[id(kind)] = 1 + max((_height(part, known) for part in parts if part is not None), default=0)
    return known[id(kind)]


_SPELLINGS: Final[Mapping[str, Type]] = {
    **{name.lower(): kind for name, kind in TYPE_NAMES.items()},
    # Other editors write the types of Java; all of them are numbers here.
    **dict.fromkeys(("integer", "long", "double", "decimal", "float", "short"), NUMBER),
}
