"""Which function performs which service call: handlers sign up under the name that a diagram says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Call:
    """One service call to be performed. It may come twice: `key` is the idempotency key of its effect."""

    key: UUID
    org_id: UUID
    inputs: Mapping[str, Any]
    now: datetime


Handler = Callable[[Call], Mapping[str, Any]]
_HANDLERS: dict[str, Handler] = {}


class BusinessError(Exception):
    """An answer that the diagram must deal with (out of stock, declined); never tried again."""

    def __init__(self, code: str, message: str, variables: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.variables = dict(variables or {})


class UnknownHandlerError(Exception):
    """No function has signed up under this name; an operator must look."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no handler {name}; known are {', '.join(sorted(_HANDLERS))}")
        self.name = name


class InputError(Exception):
    """The diagram gave the call something that its handler cannot use."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"the input {name} is not {expected}")
        self.name = name


class HopelessError(Exception):
    """Trying again would change nothing; an operator must look."""


def handles(name: str) -> Callable[[Handler], Handler]:
    """Sign a function up for the service calls of this name; a name is taken once."""

    def sign_up(handler: Handler) -> Handler:
        if _HANDLERS.get(name, handler) is not handler:
            raise AssertionError(f"two handlers for {name}")
        _HANDLERS[name] = handler
        return handler

    return sign_up


def handler_of(name: str) -> Handler:
    """Return who performs calls of this name; raise UnknownHandlerError."""
    try:
        return _HANDLERS[name]
    except KeyError:
        raise UnknownHandlerError(name) from None


def known() -> frozenset[str]:
    return frozenset(_HANDLERS)


def id_input(call: Call, name: str) -> UUID:
    """Return an id among the inputs; raise InputError where there is none."""
    try:
        return UUID(str(call.inputs[name]))
    except (KeyError, ValueError):
        raise InputError(name, "an id") from None
