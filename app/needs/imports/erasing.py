"""What files of needs hold of a customer who is erased: the cells of rows that were not kept."""

from __future__ import annotations

from sqlalchemy import Text, cast, delete, or_, select

from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.imports.models import ImportRemark
from app.needs.imports.words import kept_words
from app.searching import in_json
from app.wording import worded


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear the refused rows that name them, and what was said of the others; the lines stay counted."""
    said, cells = cast(ImportRemark.said, Text), cast(ImportRemark.cells, Text)
    named = or_(
        *(
            column.ilike(in_json(word), escape="\\")
            for word in (whom.name, whom.email)
            if word
            for column in (said, cells)
        )
    )
    tx.session.execute(
        delete(ImportRemark)
        .where(ImportRemark.kind != "bad", named)
        .execution_options(synchronize_session=False)
    )
    found = tx.session.scalars(select(ImportRemark).where(ImportRemark.kind == "bad", named)).all()
    gone = kept_words(worded("its customer was erased"))
    for row in found:
        row.cells, row.said = [], [{"column": "row", **gone}]
    return len(found)
