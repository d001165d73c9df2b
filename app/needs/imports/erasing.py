"""What files of needs hold of a customer who is erased: those that wait, and rows that were not kept."""

from __future__ import annotations

from sqlalchemy import Text, cast, delete, false, or_, select

from app.clearing import replaced_in
from app.customers.erasing import Erased
from app.database import Transaction
from app.needs.imports import masking
from app.needs.imports.batches import ERASED
from app.needs.imports.models import ImportPart, ImportRemark, ImportStatus, NeedImport
from app.needs.imports.words import kept_words
from app.searching import in_json, pattern_of
from app.wording import worded

# Not all there yet, or packed: such a file cannot be searched.
_UNREADABLE = (ImportStatus.UPLOADING, ImportStatus.UNPACKING)
LONGEST_NAME = 190
_READABLE = (ImportStatus.MAPPING, ImportStatus.RUNNING)


def erase(tx: Transaction, whom: Erased) -> int:
    """Take them out of files on their way, and clear refused rows that name them; the lines stay counted."""
    _rename(tx, whom)
    return _erase_waiting(tx, whom) + _erase_remarks(tx, whom)


def _rename(tx: Transaction, whom: Erased) -> None:
    """Put their number into the names of files that name them."""
    named = [NeedImport.name.ilike(pattern_of(word), escape="\\") for word in whom.telling]
    for found in tx.session.scalars(select(NeedImport).where(or_(false(), *named))):
        found.name = replaced_in(found.name, whom.telling)[:LONGEST_NAME]


def _erase_waiting(tx: Transaction, whom: Erased) -> int:
    """Write stars over them; who reads such a file now reads it once more. What cannot be searched goes."""
    waiting = select(NeedImport).where(NeedImport.status.in_((*_UNREADABLE, *_READABLE)))
    locked = waiting.order_by(NeedImport.id).with_for_update().execution_options(populate_existing=True)
    cleared = 0
    for found in tx.session.scalars(locked).all():
        if found.status in _READABLE:
            masked = masking.mask(tx, found.id, found.kind, whom.replaced)
            found.cleared += masked > 0
        else:
            masked = 1
            found.status = ImportStatus.FAILED
            found.error = kept_words(worded("a customer was erased meanwhile; give the file again"))
            tx.session.execute(delete(ImportPart).where(ImportPart.import_id == found.id))
        cleared += masked
    return cleared


def _erase_remarks(tx: Transaction, whom: Erased) -> int:
    said, cells = cast(ImportRemark.said, Text), cast(ImportRemark.cells, Text)
    named = or_(
        *(column.ilike(in_json(word), escape="\\") for word in whom.replaced for column in (said, cells))
    )
    tx.session.execute(
        delete(ImportRemark)
        .where(ImportRemark.kind != "bad", named)
        .execution_options(synchronize_session=False)
    )
    found = tx.session.scalars(select(ImportRemark).where(ImportRemark.kind == "bad", named)).all()
    gone = kept_words(ERASED)
    for row in found:
        row.cells, row.said = [], [{"column": "row", **gone}]
    return len(found)
