"""What the expressions of one model element can see, and where the faults found in them are gathered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from rules.dmn.errors import DmnError
from rules.dmn.types import TypeLibrary
from rules.dmn.xml import Element
from rules.feel.errors import FeelSyntaxError, Span
from rules.feel.evaluation import Warning
from rules.feel.names import Scope
from rules.feel.types import Type

Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a decision table, by the number of its rule and the label of its column."""

    rule: int
    column: str

    def __str__(self) -> str:
        return f"rule {self.rule}, column {self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a model that will not work when it is asked, naming where it stands."""

    element: str
    reason: str
    text: str = ""
    span: Span = (0, 0)
    spot: Spot | None = None


def fault_at(owner: str, spot: Spot, why: Warning) -> Fault:
    """Say of a cell that it comes to null in every case."""
    return Fault(f"{owner}, {spot}", why.reason, why.text, why.span, spot)


@dataclass(frozen=True)
class Surroundings:
    """The names and types around a boxed expression; `owner` names the decision in messages."""

    owner: str
    names: frozenset[str]
    library: TypeLibrary
    faults: list[Fault]
    tables: list[Any]
    """Every decision table that is read inside, for those who look into tables."""
    variables: Mapping[str, Type] = field(default_factory=dict)
    """The declared types of some of the names."""

    @property
    def scope(self) -> Scope:
        return Scope(self.names, frozenset(self.library.members), self.library.types)

    def adding(self, names: Iterable[str]) -> "Surroundings":
        """Add names, which hide those of the same name further out."""
        added = frozenset(names)
        variables = {name: kind for name, kind in self.variables.items() if name not in added}
        return replace(self, names=self.names | added, variables=variables)

    def fault(self, where: str, reason: str) -> None:
        self.faults.append(Fault(f"{self.owner}, {where}" if where else self.owner, reason))

    def syntax_fault(self, where: str | Spot, error: FeelSyntaxError) -> None:
        element = f"{self.owner}, {where}" if where else self.owner
        spot = where if isinstance(where, Spot) else None
        self.faults.append(Fault(element, error.reason, error.text, error.span, spot))

    def type_of(self, element: Element, attribute: str = "typeRef") -> Type | None:
        """Resolve a type reference; one that leads nowhere is a fault, and allows anything."""
        try:
            return self.library.resolve(element.get(attribute), element)
        except DmnError as error:
            self.fault(error.element, error.reason)
            return None

    def variable_type(self, element: Element | None) -> Type | None:
        return None if element is None else self.type_of(element)
