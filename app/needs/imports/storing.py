"""The parts of a file in the database: written in short transactions, read one after the other."""

from __future__ import annotations

import io
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, select

from app.database import Transaction, reading, transaction
from app.needs.imports.models import ImportPart

# Far below what MariaDB takes in one packet.
PART_BYTES = 512 * 1024


class PartWriter(io.RawIOBase):
    """Writes what it is given as parts of a file, each in a transaction of its own."""

    def __init__(self, org_id: UUID, import_id: UUID, kind: str) -> None:
        self._org_id, self._import_id, self._kind = org_id, import_id, kind
        self._waiting = bytearray()
        self.size = self.lines = 0

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        self._waiting += content
        while len(self._waiting) >= PART_BYTES:
            self._keep(bytes(self._waiting[:PART_BYTES]))
            del self._waiting[:PART_BYTES]
        return len(content)

    def finish(self) -> None:
        if self._waiting:
            self._keep(bytes(self._waiting))
            self._waiting.clear()

    def _keep(self, content: bytes) -> None:
        keep_part(self._org_id, self._import_id, self._kind, self.size, content)
        self.size += len(content)
        self.lines += content.count(b"\n") or content.count(b"\r")


def keep_part(org_id: UUID, import_id: UUID, kind: str, seq: int, content: bytes) -> None:
    with transaction(org_id) as tx:
        tx.session.add(ImportPart(org_id=org_id, import_id=import_id, kind=kind, seq=seq, content=content))


class StoredFile(io.RawIOBase):
    """A file out of its parts, from `offset` on; the database is asked for one part at a time."""

    def __init__(self, org_id: UUID, import_id: UUID, kind: str, offset: int = 0) -> None:
        self._org_id, self._import_id, self._kind = org_id, import_id, kind
        self._offset = offset
        self._part, self._begin = b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._begin <= self._offset < self._begin + len(self._part):
            self._load()
        at = self._offset - self._begin
        found = self._part[at : at + len(buffer)]
        buffer[: len(found)] = found
        self._offset += len(found)
        return len(found)

    def _load(self) -> None:
        with reading(self._org_id) as tx:
            found = tx.session.execute(
                select(ImportPart.seq, ImportPart.content)
                .where(
                    ImportPart.import_id == self._import_id,
                    ImportPart.kind == self._kind,
                    ImportPart.seq <= self._offset,
                )
                .order_by(ImportPart.seq.desc())
                .limit(1)
            ).first()
        self._begin, self._part = (found.seq, found.content) if found else (self._offset, b"")
        if self._offset >= self._begin + len(self._part):
            self._begin, self._part = self._offset, b""


def open_parts(org_id: UUID, import_id: UUID, kind: str, offset: int = 0) -> IO[bytes]:
    return io.BufferedReader(StoredFile(org_id, import_id, kind, offset), PART_BYTES)


def size_of(tx: Transaction, import_id: UUID, kind: str) -> int:
    statement = select(func.sum(func.length(ImportPart.content))).where(
        ImportPart.import_id == import_id, ImportPart.kind == kind
    )
    return int(tx.session.scalar(statement) or 0)
