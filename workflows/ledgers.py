"""What can be undone, in the words of another version: each completed activity, and what undoes it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.compensation import Entry
from workflows.errors import Reason


def carried(
    entries: list[Entry],
    process: str,
    around: Any,
    specs: Mapping[str, Any],
    names: Mapping[tuple[str, str], str],
    reasons: list[Reason],
) -> list[Entry]:
    """Return a ledger as the scope `around` of the new version has it; tell reasons where it cannot be."""
    found = []
    for entry in entries:
        there = around.task_specs.get(names.get((process, entry["activity"])))
        why = _problem(entry, there)
        if why is not None:
            reasons.append(Reason(process, entry["activity"], why))
        elif "again" in entry:
            inner = carried(entry["again"], process, specs[there.spec], specs, names, reasons)
            found.append({**entry, "activity": there.name, "again": inner})
        else:
            found.append({**entry, "activity": there.name, "handler": there.undone_by})
    return found


def _problem(entry: Entry, there: Any) -> str | None:
    if there is None:
        return "was completed and can be undone; nothing stands for it there"
    if "again" in entry:
        is_alike = there.opens_scope and not there.calls_process
        return None if is_alike else f"was completed and can be undone; {there.name} is no subprocess"
    if getattr(there, "undone_by", None) is None:
        return f"was completed and can be undone; nothing undoes {there.name}"
    return None
