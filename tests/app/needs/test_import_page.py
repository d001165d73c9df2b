"""The page of an import tells what became of the file."""

from __future__ import annotations

import io
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.accounts.models import Role
from app.database import db
from app.needs.importing import BATCH
from tests.builders import Firm
from tests.signing_in import form_token, signed_in


def test_the_page_tells_what_was_kept_of_an_import_that_stopped(app: Flask, firm: Firm) -> None:
    rows = "need_type,text,colour\n" + "x,Lamp,red\n" * (BATCH + 1)
    inserts = 0

    def second_fails(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        nonlocal inserts
        inserts += statement.startswith("INSERT INTO needs")
        if inserts > 1:
            raise OperationalError(statement, {}, Exception("the disk is full"))

    client = signed_in(app, firm, Role.SALES)
    file = {
        "file": (io.BytesIO(rows.encode()), "needs.csv"),
        "csrf_token": form_token(client, "/needs/import"),
    }
    event.listen(db.engine, "before_cursor_execute", second_fails)
    try:
        answer = client.post("/needs/import", data=file)
    finally:
        event.remove(db.engine, "before_cursor_execute", second_fails)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert f"line {BATCH + 2}; needs kept before it: {BATCH}." in text
    assert "Nothing was saved" not in text
    assert "left out: colour." in text
