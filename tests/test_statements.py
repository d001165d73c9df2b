"""Core statements are filtered by nobody but themselves: each binds the organisation, wherever it stands.

What goes through the ORM's session is filtered there. PostgreSQL would enforce the rest; SQLite and MariaDB
have this law alone.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from sqlalchemy import Delete, Select, Update
from sqlalchemy.sql import visitors

from app.migrating import owned_tables
from tests.conftest import ROOT

# What serves all organisations at once, under the one setting that lets it.
CROSSING = {
    "app.accounts.queries._BY_TOKEN": "a token tells whose it is",
    "app.accounts.queries._BY_SESSION": "a session tells whose it is",
    "app.audit.sealing._organisations": "the sealer serves all",
    "app.inbox.due._DUE": "the relay serves all",
    "app.outbox.commands._ANY_DUE": "the relay serves all",
    "app.outbox.commands._DUE": "the relay serves all",
    "app.outbox.commands._PUBLISHED": "the relay serves all",
    "app.outbox.commands._WHOSE": "a worker asks whose its call is",
    "app.processes.commands._CALL_OWNER": "a worker reports without saying whose",
    "app.processes.due._DUE": "the relay serves all",
    "app.processes.keeping_messages._AWAITED_AFTER_ALL": "the relay serves all",
    "app.processes.start_timers._DUE": "the relay serves all",
}
# What runs a statement that others hand to it.
HANDED_ON = {
    "app.audit.verifying._rows": "each of its statements is over one organisation's entries, heads or leaves",
    "app.catalogue.stock._settle": "one of the constants above it",
}
CORE = ("execute", "first")


@dataclass(frozen=True)
class Execution:
    """A statement that goes past the session."""

    module: str
    function: ast.FunctionDef
    statement: ast.expr

    @property
    def name(self) -> str:
        """The constant that is run, else the function that runs something of its own."""
        node = _root(self.statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            return f"app.processes.{node.value.id}.{node.attr}"
        if isinstance(node, ast.Name) and hasattr(importlib.import_module(self.module), node.id):
            return f"{self.module}.{node.id}"
        return f"{self.module}.{self.function.name}"

    @property
    def constant(self) -> Any:
        module, _, name = self.name.rpartition(".")
        found = getattr(importlib.import_module(module), name, None)
        return found if isinstance(found, Select | Update | Delete) else None

    @property
    def is_insert(self) -> bool:
        """A new row says whose it is, since its column must not be null."""
        return ast.unparse(self.statement).startswith("insert(") or "INSERT" in self.name

    @property
    def own_text(self) -> str:
        """What the function itself writes down of the statement."""
        node = _root(self.statement)
        texts = [
            ast.unparse(each.value)
            for each in ast.walk(self.function)
            if isinstance(each, ast.Assign) and isinstance(node, ast.Name)
            if node.id in [ast.unparse(target) for target in each.targets]
        ]
        return " ".join(texts or [ast.unparse(self.statement)])


def _root(node: ast.expr) -> ast.expr:
    """`_X` of `_X.limit(3)`: what a statement is made from, where that has a name."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node


@cache
def _executions() -> tuple[Execution, ...]:
    return tuple(_found())


def _found() -> Iterator[Execution]:
    for file in sorted((ROOT / "app").rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if module.startswith("app.migrat") or module == "app.database":
            continue
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if _is_core(call):
                        yield Execution(module, function, call.args[0])


def _is_core(node: ast.AST) -> Any:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CORE
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "tx"
    )


def _binds(statement: Any) -> bool:
    """Say whether the statement compares a table's organisation with a value given when it runs."""
    return any(
        each.__visit_name__ == "binary"
        and getattr(each.left, "name", "") == "org_id"
        and each.left.table.name in owned_tables()
        and each.right.__visit_name__ == "bindparam"
        for each in visitors.iterate(statement)
    )


def _is_bound(execution: Execution) -> bool:
    if execution.is_insert or execution.own_text == "text('select 1')":
        return True
    if execution.constant is not None:
        return _binds(execution.constant)
    return "org_id ==" in execution.own_text


def test_core_statements_are_found_at_all() -> None:
    names = {execution.name for execution in _executions()}

    assert {"app.processes.statements.LOCK_INSTANCE", "app.orders.idempotency._keep"} <= names
    assert len(names) > 40


def test_every_core_statement_binds_the_organisation_or_says_why_it_serves_all() -> None:
    unbound = {execution.name for execution in _executions() if not _is_bound(execution)}

    assert unbound == set(CROSSING) | set(HANDED_ON)


@pytest.mark.parametrize("name", CROSSING)
def test_what_serves_all_organisations_runs_in_a_transaction_that_says_so(name: str) -> None:
    functions = {ast.unparse(execution.function) for execution in _executions() if execution.name == name}

    assert functions
    assert all("across_organisations() as tx" in each for each in functions)
