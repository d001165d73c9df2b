"""Functions as values: written in FEEL, built in, or made by a DMN model."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rules.feel.evaluation import Evaluation, Place
    from rules.feel.types import Type


class Body(Protocol):
    """What a function does: it is given as many values as it has parameters."""

    def __call__(self, run: "Evaluation", place: "Place", /, *values: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter by its name; `type` is none where anything may be given."""

    name: str
    type: "Type | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function that FEEL can call, by position or by name.

    A built-in binds its own arguments (overloads, optional ones), so it has `invoke` and no `body`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    body: Body
    result: "Type | None" = None
    invoke: "Callable[[Evaluation, Place, tuple[Any, ...], tuple[str, ...] | None], Any] | None" = None

    def __str__(self) -> str:
        return f"function({', '.join(parameter.name for parameter in self.parameters)})"
