"""Calling functions: arguments by position or by name, converted to what the parameters want."""

from typing import Any

from rules.feel.coercion import MISFIT, coerce
from rules.feel.comparing import describe
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function
from rules.feel.types import Simple, Type


def call(run: Evaluation, place: Place, function: Any, arguments: tuple[Any, ...]) -> Any:
    if type(function) is not Function:
        run.warn(place, f"{describe(function)} cannot be called")
        return None
    if function.invoke is not None:
        return function.invoke(run, place, arguments, None)
    if len(arguments) != len(function.parameters):
        run.warn(place, f"{function.name} wants {len(function.parameters)} arguments, not {len(arguments)}")
        return None
    return _enter(run, place, function, arguments)


def call_by_name(
    run: Evaluation, place: Place, function: Any, names: tuple[str, ...], arguments: tuple[Any, ...]
) -> Any:
    if type(function) is not Function:
        run.warn(place, f"{describe(function)} cannot be called")
        return None
    if function.invoke is not None:
        return function.invoke(run, place, arguments, names)
    given = dict(zip(names, arguments, strict=True))
    wanted = [parameter.name for parameter in function.parameters]
    if given.keys() != set(wanted):
        stray = next((name for name in names if name not in wanted), None)
        meant = "" if stray is None else run.suggest(stray, wanted)
        run.warn(place, f"{function.name} wants the arguments {', '.join(wanted) or '(none)'}{meant}")
        return None
    return _enter(run, place, function, tuple(given[name] for name in wanted))


def _enter(run: Evaluation, place: Place, function: Function, arguments: tuple[Any, ...]) -> Any:
    values = []
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        value = _fitted(run, argument, parameter.type)
        if value is MISFIT:
            run.warn(place, f"{function.name}: {parameter.name} cannot be {describe(argument)}")
            return None
        values.append(value)
    run.enter()
    result = function.body(run, place, *values)
    run.leave()
    fitted = _fitted(run, result, function.result)
    if fitted is MISFIT:
        run.warn(place, f"{function.name} gave {describe(result)}, which its type does not allow")
        return None
    return fitted


def _fitted(run: Evaluation, value: Any, expected: Type | None) -> Any:
    if expected is not None and not isinstance(expected, Simple):
        run.measure(value, per_step=2)
    return coerce(value, expected)
