"""A table is given, and what came of it: sums by type, and groups by the numbers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import whole_number
from app.errors import InvalidError
from app.insights.tables import commands
from app.insights.tables.models import TableStatus
from app.needs.imports.words import words_of
from app.web import go, page, signed_in

MOST_BARS = 30
USUAL = {"k": "3"}


@signed_in()
def tables_page() -> Response:
    return _give(None)


def _give(error: InvalidError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        recent = commands.list_recent(tx)
    status = error.status if error else 200
    given = request.form if error else USUAL
    return page("insights/tables.html", status, error=error, given=given, recent=recent)


@signed_in(Role.SALES, Role.PROCESS_OWNER)
def give() -> BaseResponse:
    """Take a file, or the needs that are here, and hand it to a worker."""
    form, upload = request.form, request.files.get("file")
    name, content = "", None
    try:
        if form.get("source") != "needs":
            if upload is None or not upload.filename:
                raise InvalidError("the table was not grouped", {"file": [gettext("choose a CSV file")]})
            name, content = upload.filename, upload.stream.read(commands.MOST_BYTES + 1)
        k = whole_number(form.get("k", ""))
        table_id = commands.give(current_actor(), name, content, k, scaled=bool(form.get("scaled")))
    except InvalidError as error:
        return _give(error)
    return go(f"/tables/{table_id}")


@signed_in()
def table_page(table_id: UUID) -> Response:
    with reading(current_actor().org_id) as tx:
        found = commands.get(tx, table_id)
    result, error = found.result, found.error
    return page(
        "insights/table.html",
        found=found,
        is_waiting=found.status == TableStatus.WAITING,
        result=result,
        at=_column(result),
        bars=_bars(result),
        where=error["column"] if error else "",
        why=words_of(error) if error else None,
    )


def _column(result: dict[str, Any] | None) -> int:
    """Return which column the chart shows: the last, where no other is asked for."""
    columns = result["columns"] if result else []
    asked = request.args.get("column", "")
    return columns.index(asked) if asked in columns else len(columns) - 1


def _bars(result: dict[str, Any] | None) -> list[tuple[str, float, int]]:
    """Return the largest types with their sum, and the length of their bar in thousandths."""
    if not result:
        return []
    at = _column(result)
    rows = sorted(result["sums"], key=lambda row: -row[1][at])[:MOST_BARS]
    longest = max([abs(row[1][at]) for row in rows], default=0) or 1
    return [(name, values[at], int(1000 * max(values[at], 0) / longest)) for name, values in rows]


RULES = (
    ("/tables", tables_page, ["GET"]),
    ("/tables", give, ["POST"]),
    ("/tables/<uuid:table_id>", table_page, ["GET"]),
)
