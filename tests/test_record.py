"""Whatever changes something goes into the record, or says here why it need not.

A function that opens a transaction must come to `audit.write` or `audit.append` through what it calls.
Whether it does so on every way through is for the tests of what it does (`tests/app/audit`).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from werkzeug.local import LocalProxy

import app
import tasks
from app import audit, database

OPENERS = (database.transaction, database.transaction_across_organisations)
RECORDERS = frozenset({audit.write, audit.write_all, audit.append})

_CALL = "what a service call did is recorded with its report, in its instance's chain"
_ON_THE_WAY = "where a call is on its way changes nothing of the business"
_INCIDENT = "an incident is a question to an operator; what they do is recorded"
_FILE = "a file on its way; that it was given, imported and discarded is recorded"
_PLANNED = "what a simulator will say is recorded when it says it"
WITHOUT = {
    "app.audit.sealing.seal_organisation": "the record itself",
    "app.events.commands.forget_old": "news that every page has seen",
    "app.inbox.due.postpone_decision": _INCIDENT,
    "app.insights.training.beat": "a sign of life; how a training ends is recorded",
    "app.insights.training.begin": "only says which worker does it; how it ends is recorded",
    "app.insights.training.hand_out": "only says when a worker does it",
    "app.inbox.due.take_due_decisions": "only says which relay does it",
    "app.needs.reminding.note": _CALL,
    "app.needs.imports.commands._ask_to_unpack": _FILE,
    "app.needs.imports.commands.begin_unpacking": _FILE,
    "app.needs.imports.commands.choose": _FILE,
    "app.needs.imports.commands.fail": _FILE,
    "app.needs.imports.commands.forget_old": _FILE,
    "app.insights.tables.commands.finish": "what a worker makes of a table; that it was given is recorded",
    "app.insights.tables.commands.forget_old": "a file on its way; that it was given is recorded",
    "app.needs.imports.commands.propose": _FILE,
    "app.needs.imports.occurrences.forget": _FILE,
    "app.needs.imports.running.go_on": _FILE,
    "app.needs.imports.storing.keep_part": _FILE,
    "app.orders.arrivals.shipment_delivered": "what it makes its instance do is recorded there",
    "app.orders.arrivals.stock_received": "what it makes its instance do is recorded there",
    "app.orders.closing.archive": _CALL,
    "app.orders.closing.evaluate": _CALL,
    "app.orders.feedback.expect_answer": _PLANNED,
    "app.orders.feedback.request": _CALL,
    "app.orders.fulfilment.keep_purchase": _CALL,
    "app.orders.fulfilment.keep_shipment": _CALL,
    "app.orders.fulfilment.note_tracking": _CALL,
    "app.orders.fulfilment.release": _CALL,
    "app.orders.fulfilment.reserve": _CALL,
    "app.orders.idempotency.answer_once": "what it answers for is recorded by itself",
    "app.orders.invoicing.expect_payment": _PLANNED,
    "app.orders.invoicing.issue": _CALL,
    "app.orders.mails.keep": _CALL,
    "app.orders.mails.note": _CALL,
    "app.orders.payments.begin_collection": _CALL,
    "app.orders.payments.begin_refund": _CALL,
    "app.orders.payments.drop": _CALL,
    "app.orders.payments.settle": _CALL,
    "app.outbox.commands.begin": _ON_THE_WAY,
    "app.outbox.commands.publish_due": _ON_THE_WAY,
    "app.outbox.commands.try_later": _ON_THE_WAY,
    "app.processes.commands.postpone_timer": _INCIDENT,
    "app.processes.due.take_due_timers": "only says which relay does it",
    "app.needs.surveys.commands.keep_estimate": "worked out of answers that are recorded",
    "app.needs.experiments.assigning.assign": "who takes part is counted; plan and looks are recorded",
    "app.needs.experiments.assigning.record": "a measurement, which changes nothing by itself",
    "app.needs.experiments.commands.ask_look": "the look is recorded when it is taken",
    "app.needs.experiments.commands.ask_planned_looks": "the looks are recorded when they are taken",
    "app.operations.heat_counting.count_some": "a summary of the history, which can be counted anew",
    "app.operations.moving._forget_what_went_on": "former states that nothing can bring back any more",
    "app.processes.beginning.postpone": "the same moment is tried again later",
    "app.processes.start_timers.take_due": "only says which relay does it",
}


def _functions() -> Iterator[FunctionType]:
    for package in (app, tasks):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                yield from _functions_of(importlib.import_module(found.name))


def _functions_of(holder: ModuleType | type, module: str = "") -> Iterator[FunctionType]:
    module = module or holder.__name__
    for each in vars(holder).values():
        if type(each) is LocalProxy:  # there is no request behind it
            continue
        if isinstance(each, type) and each.__module__ == module and each is not holder:
            yield from _functions_of(each, module)
        function = _plain(each)
        if function is not None and function.__module__ == module:
            yield function


def _plain(value: Any) -> FunctionType | None:
    """The function as it was written, without what decorators put around it."""
    if type(value) is LocalProxy:
        return None
    value = getattr(value, "__func__", value)
    value = inspect.unwrap(value) if callable(value) and not isinstance(value, type) else value
    return value if isinstance(value, FunctionType) else None


@cache
def _used_by(function: FunctionType) -> frozenset[FunctionType]:
    """The functions of ours that it names."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except OSError:
        return frozenset()  # made by a dataclass
    named = (_value(function, node) for node in ast.walk(tree) if isinstance(node, ast.Name | ast.Attribute))
    plain = (_plain(value) for value in named if value is not None)
    return frozenset(each for each in plain if each and each.__module__.partition(".")[0] in ("app", "tasks"))


def _value(function: FunctionType, node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute):
        holder = _value(function, node.value)
        return getattr(holder, node.attr, None) if isinstance(holder, ModuleType | type) else None
    return None


def _comes_to(function: FunctionType, ends: frozenset[Callable[..., Any] | None]) -> bool:
    seen: set[FunctionType] = set()
    ahead = [function]
    while ahead:
        each = ahead.pop()
        if each in ends:
            return True
        if each not in seen:
            seen.add(each)
            ahead += _used_by(each)
    return False


def _changing() -> set[FunctionType]:
    openers = {_plain(each) for each in OPENERS}
    return {each for each in _functions() if _used_by(each) & openers}


def _name(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def test_what_changes_something_is_found_at_all() -> None:
    names = {_name(each) for each in _changing()}

    assert {
        "app.orders.commands.place",
        "app.inbox.commands.decide",
        "app.processes.commands.report",
    } <= names
    assert len(names) > 60


def test_whatever_changes_something_is_recorded_or_says_why_not() -> None:
    unrecorded = {_name(each) for each in _changing() if not _comes_to(each, RECORDERS)}

    assert unrecorded == set(WITHOUT)
