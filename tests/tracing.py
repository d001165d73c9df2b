"""Which tests count for coverage: not those that do again, on a server somebody named, what others did.

A traced test takes about twice the processor's time of one that is not. The repeats on servers that the
environment names reach no line that our own databases and brokers leave out (a run without any server must
reach 95% too); what browsers and whole installations run through is covered in the tests of its parts.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import coverage
import pytest

# What makes a process that a test starts measure itself (coverage's patch "subprocess").
_PROCESSES = "COVERAGE_PROCESS_CONFIG"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if not repeats(item):
        return (yield)
    with untraced():
        return (yield)


def repeats(item: pytest.Item) -> bool:
    """Whether what the item runs is counted elsewhere."""
    call = getattr(item, "callspec", None)  # only parametrized functions have one
    kinds = str(list(call.params.values())) if call else ""
    marked = any(item.get_closest_marker(each) for each in ("untraced", "browser"))
    return marked or "-server'" in kinds


@contextmanager
def untraced() -> Iterator[None]:
    """Measure neither this process nor those it starts for a while, if anything is measured."""
    measured = coverage.Coverage.current()
    if measured is None:
        yield
        return
    processes = os.environ.pop(_PROCESSES, None)
    measured.stop()
    try:
        yield
    finally:
        measured.start()
        if processes is not None:
            os.environ[_PROCESSES] = processes
