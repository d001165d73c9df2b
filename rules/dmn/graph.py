"""The elements of a DMN model and how they need each other."""

from dataclasses import dataclass, field

from rules.dmn.boxed import Logic
from rules.feel.evaluation import Place
from rules.feel.functions import Parameter
from rules.feel.types import Type


@dataclass(slots=True, eq=False)
class Node:
    """An element that has a value: by its id in its model, by its name in expressions."""

    id: str
    name: str
    namespace: str
    type: Type | None = None
    key: str = field(init=False)
    """How inputs may name the element where two models have inputs of one name."""
    place: Place = field(init=False)

    def __post_init__(self) -> None:
        self.key = f"{{{self.namespace}}}{self.name}"
        self.place = Place(self.name, (0, len(self.name)))


@dataclass(frozen=True, slots=True)
class Need:
    """An element that another requires; `alias` is the import's name where it comes from one."""

    alias: str
    node: Node


@dataclass(slots=True, eq=False)
class InputData(Node):
    """A value that comes from outside."""


@dataclass(slots=True, eq=False)
class Decision(Node):
    """A value that the model works out."""

    needs: list[Need] = field(default_factory=list)
    logic: Logic | None = None


@dataclass(slots=True, eq=False)
class Knowledge(Node):
    """A business knowledge model: a function that decisions share; `type` is that of its result."""

    needs: list[Need] = field(default_factory=list)
    parameters: tuple[Parameter, ...] = ()
    logic: Logic | None = None


@dataclass(slots=True, eq=False)
class Service(Node):
    """Decisions offered as a function of inputs and of other decisions."""

    inputs: list[Node] = field(default_factory=list)
    outputs: list[Node] = field(default_factory=list)
