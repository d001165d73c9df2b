"""How a built-in function says what it takes: overloads whose parameters are named, typed and checked."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any, Final, TypeAlias, TypeVar

from rules.feel.comparing import describe
from rules.feel.durations import DayTimeDuration, YearMonthDuration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function, Parameter
from rules.feel.ranges import Range
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.types import TYPE_NAMES

Implementation: TypeAlias = Callable[..., Any]
_Implementation = TypeVar("_Implementation", bound=Implementation)

_KINDS: Final[dict[str, frozenset[type]]] = {
    "any": frozenset(),
    "number": frozenset({int, Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "date": frozenset({Date}),
    "time": frozenset({Time}),
    "moment": frozenset({DateTime}),
    "days": frozenset({DayTimeDuration}),
    "months": frozenset({YearMonthDuration}),
    "range": frozenset({Range}),
    "function": frozenset({Function}),
    "point": frozenset({int, Decimal, str, Date, Time, DateTime, DayTimeDuration, YearMonthDuration}),
}
_SPOKEN: Final = {
    "any": "Any",
    "moment": "date and time",
    "days": "days and time duration",
    "months": "years and months duration",
}


class NoAnswer(Exception):  # noqa: N818
    """A built-in function has no value for these arguments; the result is null, with this reason."""


@dataclass(frozen=True, slots=True)
class _Argument:
    """One parameter of an overload.

    Written `name:kind`, kinds joined by `|`, and after it `=` where it may be left out, `?` where it may be
    null, `*` where it takes all arguments that follow.
    """

    name: str
    kinds: frozenset[type]
    kind: str
    optional: bool
    nullable: bool
    rest: bool

    def __str__(self) -> str:
        """Write it as the reference does: `scale?: number` may be left out, `item…: Any` may go on."""
        kinds = [_SPOKEN.get(kind, kind) for kind in self.kind.split("|")]
        mark = "…" if self.rest else "?" if self.optional else ""
        return f"{self.name}{mark}: {' | '.join([*kinds, 'null'] if self.nullable else kinds)}"

    def fit(self, value: Any) -> Any:
        """Return the value as the parameter wants it, or raise NoAnswer."""
        if not self.kinds or type(value) in self.kinds:
            return value
        if value is None:
            if self.nullable:
                return None
            raise NoAnswer(f"{self.name} is null")
        if type(value) is list and len(value) == 1 and type(value[0]) in self.kinds:
            return value[0]
        if self.kind == "list":
            return [value]
        raise NoAnswer(f"{self.name} cannot be {describe(value)}")


@dataclass(frozen=True, slots=True)
class _Overload:
    """One way to call a function."""

    arguments: tuple[_Argument, ...]
    implementation: Implementation

    def __str__(self) -> str:
        return ", ".join(map(str, self.arguments))

    def bind(self, values: tuple[Any, ...], names: tuple[str, ...] | None) -> list[Any]:
        return self._by_position(values) if names is None else self._by_name(values, names)

    def _by_position(self, values: tuple[Any, ...]) -> list[Any]:
        arguments = self.arguments
        if arguments and arguments[-1].rest and len(values) >= len(arguments):
            fixed = len(arguments) - 1
            rest = [arguments[-1].fit(value) for value in values[fixed:]]
            return [*(a.fit(v) for a, v in zip(arguments[:fixed], values[:fixed], strict=True)), *rest]
        required = sum(not argument.optional for argument in arguments)
        if not required <= len(values) <= len(arguments):
            raise _WrongCount(len(values))
        return [argument.fit(value) for argument, value in zip(arguments, values, strict=False)]

    def _by_name(self, values: tuple[Any, ...], names: tuple[str, ...]) -> list[Any]:
        given = dict(zip(names, values, strict=True))
        bound: list[Any] = []
        skipped = False
        for argument in self.arguments:
            if argument.name in given and not skipped:
                bound.append(argument.fit(given.pop(argument.name)))
            elif argument.optional:
                skipped = True
            else:
                raise _WrongCount(len(names))
        if given:
            raise _WrongCount(len(names))
        return bound


class _WrongCount(NoAnswer):
    """An overload is not meant for so many arguments."""

    def __init__(self, count: int) -> None:
        super().__init__(f"wrong arguments ({count} given)")


class Registry:
    """The built-in functions that a module adds, by name."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self._overloads: dict[str, list[_Overload]] = {}
        self._names: dict[str, set[str]] = {}

    def add(self, name: str, *arguments: str) -> Callable[[_Implementation], _Implementation]:
        """Register a way to call a function; the first one fixes how it looks as a value."""

        def register(implementation: _Implementation) -> _Implementation:
            overload = _Overload(tuple(_argument(text) for text in arguments), implementation)
            overloads = self._overloads.setdefault(name, [])
            self._names.setdefault(name, set())
            overloads.append(overload)
            if len(overloads) == 1:
                self.functions[name] = _as_value(name, overload, overloads, self._names[name])
            self._names[name].update(argument.name for argument in overload.arguments)
            return implementation

        return register

    def signatures(self, name: str) -> tuple[str, ...]:
        """Write every way to call a function, that with the fewest arguments first."""
        return tuple(f"{name}({overload})" for overload in _shortest_first(self._overloads[name]))


def _shortest_first(overloads: list[_Overload]) -> list[_Overload]:
    return sorted(overloads, key=lambda overload: len(overload.arguments))


def _ways(name: str, overloads: list[_Overload]) -> str:
    """Say how a function is called, to somebody who gave it too few or too many arguments."""
    return "; write " + " or ".join(f"`{name}({overload})`" for overload in _shortest_first(overloads))


def _as_value(name: str, first: _Overload, overloads: list[_Overload], known: set[str]) -> Function:
    def invoke(run: Evaluation, place: Place, values: tuple[Any, ...], names: tuple[str, ...] | None) -> Any:
        stray = next((each for each in names or () if each not in known), None)
        if stray is not None:
            meant = run.suggest(stray, sorted(known)) or _ways(name, overloads)
            run.warn(place, f"{name}: no argument is named {stray!r}{meant}")
            return None
        reason: NoAnswer | None = None
        for overload in overloads:
            try:
                bound = overload.bind(values, names)
            except NoAnswer as error:
                # The best explanation comes from an overload that at least takes so many arguments.
                if reason is None or isinstance(reason, _WrongCount):
                    reason = error
                continue
            return _answer(run, place, name, overload, bound)
        run.warn(place, f"{name}: {reason}{_ways(name, overloads) if type(reason) is _WrongCount else ''}")
        return None

    parameters = tuple(
        Parameter(argument.name, TYPE_NAMES.get(argument.kind)) for argument in first.arguments
    )
    return Function(name, parameters, _no_body, invoke=invoke)


def _no_body(run: Evaluation, place: Place, /, *values: Any) -> Any:
    raise AssertionError("a built-in binds its own arguments")


def _answer(run: Evaluation, place: Place, name: str, overload: _Overload, bound: list[Any]) -> Any:
    try:
        run.serve(bound)
        answer = overload.implementation(run, place, *bound)
        run.serve((answer,))
        return answer
    except NoAnswer as error:
        run.warn(place, f"{name}: {error}")
    except DecimalException:
        run.warn(place, f"{name}: not defined for these numbers")
    return None


def _argument(text: str) -> _Argument:
    name, _, kind = text.partition(":")
    marks = kind[len(kind.rstrip("=?*")) :]
    kind = kind.rstrip("=?*")
    kinds = frozenset[type]().union(*(_KINDS[each] for each in kind.split("|")))
    return _Argument(name, kinds, kind, "=" in marks, "?" in marks, "*" in marks)
