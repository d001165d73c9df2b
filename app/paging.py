"""Lists page by page: a cursor says where the page before ended, so that no row is skipped or read twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from app.api import decode_cursor, encode_cursor
from app.entered import moment_and_id, text_and_id

Row = TypeVar("Row")


def after_moment(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Read the cursor of a list in order of time; raise InvalidError for one that is not ours."""
    return None if cursor is None else moment_and_id(decode_cursor(cursor, 2))


def after_name(cursor: str | None) -> tuple[str, UUID] | None:
    """Read the cursor of a list in order of name; raise InvalidError for one that is not ours."""
    return None if cursor is None else text_and_id(decode_cursor(cursor, 2))


def cut(
    rows: Sequence[Row], most: int, place: Callable[[Row], tuple[Any, ...]]
) -> tuple[list[Row], str | None]:
    """Return a page of rows that were read one too many, and the next page's cursor if there is one."""
    page = list(rows[:most])
    return page, encode_cursor(*place(page[-1])) if len(rows) > most else None
