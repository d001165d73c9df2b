"""Workbooks become rows, and what is made to harm does not."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from flask import Flask

from app.needs.imports import commands, queries
from app.needs.imports.words import words_of
from tasks import workbooks
from tasks.worker import load_handlers
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm, a_firm
from tests.performing import a_call, run


@pytest.fixture
def firm(app: Flask) -> Firm:
    load_handlers()
    return a_firm()


def _book(rows: list[list[Any]], hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    if hidden:
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("shown")
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _unpack(firm: Firm, content: bytes) -> UUID:
    import_id = give(firm, content, "needs.xlsx")
    run(firm, a_call(firm, "needs.unpack", import_id=import_id))
    return import_id


def test_the_first_visible_sheet_of_a_workbook_is_read_row_by_row(app: Flask, firm: Firm) -> None:
    rows: list[list[Any]] = [
        ["Type", "Text", "Value", "Created\non"],
        ["lamps", "Ten\nlamps", 1310.5, datetime(2026, 1, 31)],  # noqa: DTZ001 # a workbook's days have no zone
        [],
        ["lamps", "Two", 0.1 + 0.2, date(2026, 2, 1)],
        ["lamps", "Three", "many", None],
        ["lamps", True, 7, datetime(2026, 1, 31, 9, 30)],  # noqa: DTZ001 # nor its moments
    ]
    import_id = _unpack(firm, _book(rows, hidden=True))

    commands.start(firm["sales"], import_id)

    done = found(firm, import_id)
    assert (done.status, done.kept, done.bad) == ("done", 3, 1)
    assert texts(firm) == ["Ten\nlamps", "Two", "TRUE"]
    with app.test_request_context():
        lines = "".join(queries.refused_rows(done)).splitlines()
    assert lines[1].startswith("5,value: 'many' is not a number")


def test_a_formula_that_was_never_computed_is_refused_and_an_empty_text_is_none(firm: Firm) -> None:
    made, given = (
        io.BytesIO(),
        io.BytesIO(
            _book([["type", "text", "value"], ["lamps", "Two", "=1+1"], ["lamps", "Three", "=IF(1,A1,A1)"]])
        ),
    )
    with ZipFile(given) as source, ZipFile(made, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert b'<c r="C3"><f>' in content
                content = content.replace(b'<c r="C3"><f>', b'<c r="C3" t="str"><f>')
            target.writestr(part, content)

    import_id = _unpack(firm, made.getvalue())
    commands.start(firm["sales"], import_id)

    assert (found(firm, import_id).kept, found(firm, import_id).bad) == (1, 1)
    assert texts(firm) == ["Three"]


def test_a_workbook_is_unpacked_once_however_often_it_is_asked(firm: Firm) -> None:
    import_id = _unpack(firm, _book([["type", "text"], ["a", "b"]]))

    run(firm, a_call(firm, "needs.unpack", import_id=import_id))

    commands.start(firm["sales"], import_id)
    assert texts(firm) == ["b"]


def _bomb(name: str, size: int) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * size)
    return made.getvalue()


def _laughing() -> bytes:
    """A workbook whose XML declares entities within entities."""
    made, given = io.BytesIO(), io.BytesIO(_book([["type", "text"], ["a", "b"]]))
    lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    with ZipFile(given) as source, ZipFile(made, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = lol + content.replace(b"<v>0</v>", b"<v>&b;</v>")
            target.writestr(part, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"PK\x03\x04 nothing", "cannot be read as a workbook", id="no archive"),
        pytest.param(_bomb("x", 100), "cannot be read as a workbook", id="an archive of something else"),
        pytest.param(_bomb("xl/a.xml", 60_000_000), "unpacks to more", id="zeros"),
        pytest.param(_laughing(), "cannot be read as a workbook", id="entities"),
        pytest.param(_book([]), "has no line with the names", id="an empty sheet"),
        pytest.param(_book([["x"] * 501]), "more than 500 columns", id="too many columns"),
    ],
)
def test_a_workbook_that_cannot_be_read_is_told_to_the_person(firm: Firm, content: bytes, why: str) -> None:
    import_id = _unpack(firm, content)

    failed = found(firm, import_id)
    assert failed.status == "failed"
    assert failed.error
    assert why in words_of(failed.error)


def test_a_sheet_with_too_many_rows_is_refused(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)

    assert found(firm, _unpack(firm, _book([["type", "text"], ["a", "b"], ["a", "c"]]))).status == "failed"


def test_a_long_file_asks_for_one_slice_after_the_other(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.needs.imports.running.SLICE_SECONDS", 0.0)
    import_id = give(firm, "type,text\n" + "".join(f"lamps,Lamp {n}\n" for n in range(1_100)))
    commands.start(firm["sales"], import_id)

    answers = [run(firm, a_call(firm, "needs.import", import_id=import_id)) for _ in range(8)]

    assert found(firm, import_id).status == "done"
    assert answers[-1] != answers[0]


def test_a_web_worker_loads_neither_openpyxl_nor_numpy() -> None:
    ask = "import sys, tasks.web, app.wiring; print([m for m in ('openpyxl', 'numpy') if m in sys.modules])"

    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
