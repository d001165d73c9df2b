"""Every operation with what its description allows, and with what it does not: nothing breaks."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import databases
from tests.app.api.things import Things
from tests.builders import Firm
from tests.databases import Database

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# The one that asks acts as an administrator of every role.
WHO = "admin"


def _operations(app: Flask) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


def _with_real_ids(value: Any, things: Things) -> Any:
    """Put ids of what is there in place of made-up ones, wherever a name says of what."""
    if isinstance(value, dict):
        return {
            name: things[name] if name in things and inside is not None else _with_real_ids(inside, things)
            for name, inside in value.items()
        }
    if isinstance(value, list):
        return [_with_real_ids(inside, things) for inside in value]
    return value


def _modes(operation: Any) -> list[GenerationMode]:
    """Only what can be given can be given wrongly; a wrong path is another operation, or none."""
    givable = [*operation.query, *operation.headers, *operation.body]
    return [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if givable else [GenerationMode.POSITIVE]


def _rejection(case: Any, use_real_ids: bool) -> list[Any]:
    """What is wrong is refused; but a right sign-in and a real id were put in place of wrong ones."""
    righted = {ParameterLocation.HEADER}
    if use_real_ids:
        righted.add(ParameterLocation.PATH)
    if not case.query or any(value in (None, [], {}) for value in case.query.values()):
        righted.add(ParameterLocation.QUERY)  # an unknown name with nothing as its value is not sent at all
    wrong = {place for place in case.meta.components if case.meta.is_negative_at(place)} - righted
    return [negative_data_rejection] if wrong else []


def _try(operation: Any, things: Things, headers: dict[str, str], examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), use_real_ids=st.booleans())
    def ask(data: st.DataObject, use_real_ids: bool) -> None:
        mode = data.draw(st.sampled_from(_modes(operation)))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if use_real_ids:
            case.path_parameters = _with_real_ids(case.path_parameters, things)
        if use_real_ids and mode is GenerationMode.POSITIVE:
            case.body = _with_real_ids(case.body, things)
        case.call_and_validate(headers=headers, checks=[*CHECKS, *_rejection(case, use_real_ids)])

    ask()


def _all(app: Flask, shop: Firm, things: Things, examples: int) -> None:
    headers = shop.headers(WHO)
    wrong = []
    for operation in _operations(app):
        try:
            _try(operation, things, headers, examples)
        except (Exception, BaseExceptionGroup) as error:  # one must not hide those of the others
            wrong.append(f"{operation.method.upper()} {operation.path}: {_told(error)}")
    assert not wrong, "\n\n".join(wrong)


def _told(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(_told(inside) for inside in error.exceptions)
    return "\n".join([str(error), *getattr(error, "__notes__", [])])[:1500]


# A second PostgreSQL would refuse the same values as the first.
@pytest.mark.parametrize(
    "database", [kind for kind in databases.kinds(os.environ) if kind != "postgres-server"], indirect=True
)
@pytest.mark.untraced
@pytest.mark.timeout(300)
def test_no_operation_breaks_or_answers_what_it_does_not_say(
    app: Flask, shop: Firm, things: Things, database: Database
) -> None:
    # The rules are the same on all; only what a database itself refuses differs.
    _all(app, shop, things, examples=8 if database.kind == "sqlite" else 3)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_operation_breaks_in_a_long_run(app: Flask, shop: Firm, things: Things) -> None:
    _all(app, shop, things, examples=200)
