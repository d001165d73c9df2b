"""SpiffWorkflow's script engine, answered by FEEL: no Python from a diagram or a table ever runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from rules import feel
from workflows.errors import ElementError, WorkflowError

_WORD = re.compile(r"[^\W\d]\w*")


def run(text: str, variables: Mapping[str, Any], now: datetime, element: str) -> Any:
    """Evaluate FEEL and keep its warnings; raise ElementError for text that is not FEEL."""
    try:
        return feel.compile(text, _names(text, variables)).run(variables, now)
    except feel.FeelError as error:
        raise ElementError(element, f"{text!r}: {error}") from error


def quick(text: str, variables: Mapping[str, Any], now: datetime) -> bool | None:
    """Answer a condition of which nothing else is to be said; None: `run` it, for the reason."""
    try:
        value = feel.compile(text, _names(text, variables)).evaluate(variables, now)
    except feel.FeelError:
        return None
    return value if isinstance(value, bool) else None


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """Return the names that an expression may read; besides them any that is not one word."""
    return frozenset(_WORD.findall(text))


def _names(text: str, variables: Mapping[str, Any]) -> frozenset[str]:
    """Return the variables that this text may mean, so that few sets of names are compiled for it."""
    found = words(text)
    return frozenset(name for name in variables if name in found or not name.isidentifier())


def evaluate(text: str, variables: Mapping[str, Any], now: datetime, element: str) -> Any:
    value = run(text, variables, now, element).value
    if _holds_function(value):
        raise ElementError(element, f"{text!r} gives a function, which no variable can hold")
    return value


def _holds_function(value: Any) -> bool:
    kind = type(value)
    if kind is list:
        return any(map(_holds_function, value))
    if kind is dict:
        return any(map(_holds_function, value.values()))
    return kind is feel.Function


class ForeignScriptError(WorkflowError):
    """Something asked SpiffWorkflow to run Python."""

    def __init__(self) -> None:
        super().__init__("scripts of diagrams are FEEL; nothing else is executed")


class NoPython(BasePythonScriptEngineEnvironment):
    """The environment behind SpiffWorkflow's engine: whatever reaches it is refused."""

    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> NoReturn:
        raise ForeignScriptError

    def execute(self, script: str, context: Any, external_context: Any = None) -> NoReturn:
        raise ForeignScriptError

    def call_service(self, context: Any, **more: Any) -> NoReturn:
        raise ForeignScriptError


class FeelEngine(PythonScriptEngine):
    """What every instance carries; our specs ask their token, never this."""

    def __init__(self) -> None:
        super().__init__(environment=NoPython())

    def validate(self, expression: str) -> NoReturn:
        raise ForeignScriptError


ENGINE = FeelEngine()
