"""Tables of needs, added up and grouped; what is wrong with one is told to whoever gave it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.insights.tables import commands
from app.needs.imports.words import kept_words
from tasks.handlers.registry import Call, handles, id_input


@handles(commands.HANDLER)
def group_table(call: Call) -> dict[str, Any]:
    from app.insights.learning.errors import LearningError, MisshapenFileError  # loads what learns:
    from app.insights.learning.texts import tables  # few workers ever need it

    table_id = id_input(call, "table_id")
    taken = commands.take(call.org_id, table_id)
    if taken is None:
        return {"grouped": False}
    table, content = taken
    result, error = None, None
    try:
        read = tables.read(Path(table.name or "needs.csv"), content)
        result = tables.plain(tables.group(read, table.k, 0, table.scaled))
    except MisshapenFileError as wrong:
        error = {"column": wrong.column or "", **kept_words(wrong.problem)}
    except LearningError as wrong:
        error = {"column": "", **kept_words(wrong.message)}
    commands.finish(call.org_id, table_id, result, error)
    return {"grouped": result is not None}
