"""Taking a customer out of a file that still waits or is being read, each byte staying where it was."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.needs.imports.models import ImportPart
from app.needs.imports.shape import ENCODINGS

MASK = b"*"
LONGEST_SHORT = 4


def mask(tx: Transaction, import_id: UUID, kind: str, words: Collection[str]) -> int:
    """Write stars over these words in all parts of a file; return how often they were found.

    How the file is written may not be said yet, so they are looked for in each way that files are read in.
    """
    if not words:
        return 0
    wanted = _pattern(words)
    keep = max((len(word.encode(name, "ignore")) for word in words for name in ENCODINGS), default=0)
    found, tail, before = 0, b"", None
    parts = select(ImportPart.seq).where(ImportPart.import_id == import_id, ImportPart.kind == kind)
    for seq in list(tx.session.scalars(parts.order_by(ImportPart.seq))):
        part = tx.session.get_one(ImportPart, (import_id, kind, seq))
        # A word may begin in one part and end in the next.
        content, count = wanted.subn(_stars, tail + part.content)
        if count:
            found += count
            part.content = content[len(tail) :]
            if before is not None and tail:
                before.content = before.content[: -len(tail)] + content[: len(tail)]
        tx.flush()
        if before is not None:
            tx.session.expunge(before)
        before, tail = part, part.content[-keep:] if keep else b""
    return found


def is_masked(cell: str) -> bool:
    """Say whether nothing but stars is left of a cell; whoever stood there was erased."""
    return bool(cell) and not cell.strip(MASK.decode())


def _pattern(words: Collection[str]) -> re.Pattern[bytes]:
    """Return what finds each word in any encoding, in any case of its Latin letters and as quotes double."""
    written = {
        form.encode(name)
        for word in words
        for form in (word, word.lower(), word.upper(), word.replace('"', '""'))
        for name in ENCODINGS
        if _fits(form, name)
    }
    return re.compile(b"|".join(map(_bounded, sorted(written, key=len, reverse=True))), re.IGNORECASE)


def _bounded(written: bytes) -> bytes:
    """A short name is found as a word of its own only: many others hold its letters."""
    escaped = re.escape(written)
    if len(written) > LONGEST_SHORT or not written.isalnum():
        return escaped
    return b"(?<![A-Za-z0-9])" + escaped + b"(?![A-Za-z0-9])"


def _fits(word: str, encoding: str) -> bool:
    try:
        word.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _stars(found: re.Match[bytes]) -> bytes:
    return MASK * len(found[0])
