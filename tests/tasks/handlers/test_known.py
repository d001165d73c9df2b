"""What a diagram may ask for is what workers can do."""

from __future__ import annotations

import re
from pathlib import Path

from app.outbox.handlers import HANDLERS, INTERNAL
from tasks import handlers
from tasks.handlers import http, mail, processes

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "handlers.md"
ALL = (handlers, http, mail, processes)  # importing them signs their functions up


def test_workers_perform_what_diagrams_and_placet_ask_for() -> None:
    assert ALL
    assert handlers.known() == HANDLERS.keys() | INTERNAL
    assert not HANDLERS.keys() & INTERNAL


def _first_table() -> str:
    return REFERENCE.read_text().partition("Placet itself")[0]


def test_the_reference_lists_each_with_what_it_needs() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]*) \|", _first_table(), re.MULTILINE)
    told = {name: set(re.findall(r"`(\w+)`", inputs)) for name, inputs in rows}

    assert told.keys() == HANDLERS.keys()
    assert all(needed <= told[name] for name, needed in HANDLERS.items())
