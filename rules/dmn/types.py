"""Item definitions as FEEL types: what inputs, variables and results of a model must be."""

from collections.abc import Mapping
from typing import Final

from rules.dmn.errors import DmnError
from rules.dmn.xml import Element
from rules.feel.types import ANY, NUMBER, TYPE_NAMES, Constrained, ContextType, FunctionType, ListType, Type
from rules.feel.unary import compile_tests


class TypeLibrary:
    """The item definitions of one model, by name, with those of the models that it imports."""

    def __init__(self, definitions: Element, imported: Mapping[str, Type]) -> None:
        self._elements = {
            element.get("name") or "": element for element in definitions.children("itemDefinition")
        }
        self._resolving: list[str] = []
        self.types: dict[str, Type] = dict(imported)
        self.members: set[str] = set()
        for name in self._elements:
            self._named(name)

    def resolve(self, reference: str | None, element: Element) -> Type | None:
        """Return the type that an element refers to; None where it refers to none."""
        if not reference:
            return None
        name = " ".join(element.without_prefix(reference).split())
        found = self._find(name)
        if found is None:
            raise DmnError(element.label, f"no type is named {reference!r}")
        return found

    def _find(self, name: str) -> Type | None:
        if name in self._elements:
            return self._named(name)
        return self.types.get(name) or TYPE_NAMES.get(name) or _SPELLINGS.get(name.lower())

    def _named(self, name: str) -> Type:
        if name in self.types:
            return self.types[name]
        element = self._elements[name]
        if name in self._resolving:
            # A type that holds itself, such as a tree: what lies inside is not looked into.
            return ANY
        self._resolving.append(name)
        self.types[name] = self._build(element)
        self._resolving.pop()
        return self.types[name]

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


_SPELLINGS: Final[Mapping[str, Type]] = {
    **{name.lower(): kind for name, kind in TYPE_NAMES.items()},
    # Other editors write the types of Java; all of them are numbers here.
    **dict.fromkeys(("integer", "long", "double", "decimal", "float", "short"), NUMBER),
}
