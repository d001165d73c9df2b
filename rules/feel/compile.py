"""From a text to something that answers in less than a microsecond: compiled once, kept by its text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final, TypeGuard

from rules.feel import bounds, nodes
from rules.feel.emit_names import RUN, SCOPE
from rules.feel.emitter import Emitter
from rules.feel.errors import FeelLimitError, FeelSizeError, FeelValueError
from rules.feel.evaluation import QUIET, Evaluation, NeedsEvaluation, Place, Result
from rules.feel.intake import to_feel
from rules.feel.machine import build
from rules.feel.names import Scope
from rules.feel.parser import parse
from rules.feel.temporal import DateTime

_GATHERING: Final = frozenset({list, dict})


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled text; it holds no state, so threads may share it."""

    text: str
    node: nodes.Node
    used: Mapping[str, Place]
    """The outer names that the text reads, each with the place where it first does."""
    unknown: Mapping[str, Place]
    """Names that nothing explains: they come to null with a warning."""
    code: Any
    plain: bool

    @property
    def unknown_functions(self) -> tuple[str, ...]:
        """Names that are called, and are neither built in nor defined by the text itself.

        A method of a text or of a variable is one: `"".length()`.
        """
        called = (each.function for each in nodes.walk(self.node) if isinstance(each, nodes.Call))
        return tuple(dict.fromkeys(each.name for each in called if self._is_foreign(each)))

    def _is_foreign(self, function: nodes.Node) -> TypeGuard[nodes.Name | nodes.Path]:
        if isinstance(function, nodes.Name):
            return function.name in self.unknown
        if not isinstance(function, nodes.Path):
            return False
        root = function.value
        while isinstance(root, nodes.Path):
            root = root.value
        return isinstance(root, nodes.Constant) or (
            isinstance(root, nodes.Name) and root.name in self.unknown
        )

    def evaluate(self, scope: Mapping[str, Any], now: datetime | DateTime | None = None) -> Any:
        """Return the value alone; use `run` where the warnings matter."""
        if self.plain:
            try:
                value = self.code(scope, QUIET)
                # Conditions are asked most: their answers need no look at their type.
                if value is True or value is False or type(value) not in _GATHERING:
                    return value
            except (NeedsEvaluation, KeyError, InvalidOperation):
                pass  # something is to be recorded, so evaluate it where it can be
        return self.run(scope, now).value

    def run(self, scope: Mapping[str, Any], now: datetime | DateTime | None = None) -> Result:
        run = Evaluation(to_feel(now))
        value = self.answer(scope, run)
        if type(value) in _GATHERING:
            run.measure(value)
        return Result(value, tuple(run.warnings))

    def answer(self, scope: Mapping[str, Any], run: Evaluation) -> Any:
        """Evaluate as a part of something larger, which owns the evaluation."""
        missing = [name for name in self.used if name not in scope]
        if missing:
            for name in missing:
                run.warn(self.used[name], f"{name!r} has no value")
            scope = {**scope, **dict.fromkeys(missing)}
        try:
            return self.code(scope, run)
        except RecursionError:
            raise FeelLimitError("the evaluation nests too deep") from None
        except InvalidOperation:
            # Only a comparison with a number from outside that is none can get here.
            raise FeelValueError(Decimal("NaN"), "not a finite number") from None


def compile(text: str, names: Iterable[str] = ()) -> Expression:
    """Compile a text that may use these names, or return what was compiled for them before."""
    return _cached(text, names if isinstance(names, frozenset) else frozenset(names))


@lru_cache(maxsize=bounds.COMPILED)
def _cached(text: str, names: frozenset[str]) -> Expression:
    return compile_in(text, Scope(names))


def compile_in(text: str, scope: Scope) -> Expression:
    """Compile a text in a scope with types and entry names, as DMN has them; nothing is kept."""
    node = parse(text, scope)
    emitter = Emitter(text, scope.names)
    try:
        code = build([SCOPE, RUN], emitter.emit(node), emitter.constants)
    except (RecursionError, MemoryError):
        raise FeelSizeError(text, node.span, "nested too deep") from None
    return Expression(text, node, emitter.used, emitter.unknown, code, emitter.plain)
