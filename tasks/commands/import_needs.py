"""`placet import-needs FILE.csv --org ORG`: needs from a file of any length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.accounts import queries as accounts
from app.database import reading
from app.needs.imports import at_once
from tasks.commands.people import organisation


def run(file: Path, org: str, say: Callable[[str], None]) -> bool:
    """Import; say what was not kept, or not as meant; False where a row was not kept."""
    org_id = organisation(org)
    with reading(org_id) as tx:
        currency = accounts.currency_of(tx)
    with file.open("rb") as stream:
        report = at_once.import_needs(org_id, None, stream, currency)
    for column in report.ignored_columns:
        say(f"{file.name}:1: {column} is no column of ours: nothing of it was kept")
    remarks = report.problems + report.notices + report.repeats
    for remark in sorted(remarks, key=lambda remark: remark.line):
        say(f"{file.name}:{remark.line}: {remark.column} {remark.message}")
    known = f", {report.known} known already" if report.known else ""
    say(f"{report.kept} needs kept of {report.read} rows, {report.bad} refused{known}")
    return report.bad == 0
