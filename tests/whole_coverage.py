"""Packages whose every branch must be covered: `--cov-whole rules --cov-whole workflows`, beside `--cov`."""

from __future__ import annotations

import io
from collections.abc import Generator

import coverage
import pytest

OPTION = "--cov-whole"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="append", default=[], metavar="PACKAGE", help="fail below 100% of it")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Judge when pytest-cov, whose own wrapper is inside this one, has put the workers' data together."""
    result = yield
    packages: list[str] = session.config.getoption(OPTION)
    is_worker = hasattr(session.config, "workerinput")
    if packages and not is_worker and not session.testsfailed:
        for package in packages:
            _judge(session, package)
    return result


def _judge(session: pytest.Session, package: str) -> None:
    report = io.StringIO()
    measured = coverage.Coverage()
    measured.load()
    total = measured.report(
        include=[f"{package}/*"], file=report, show_missing=True, skip_covered=True, precision=2
    )
    if total < 100:
        terminal = session.config.pluginmanager.getplugin("terminalreporter")
        terminal.write(f"\nERROR: {package} is not covered whole\n{report.getvalue()}", red=True)
        session.testsfailed += 1
