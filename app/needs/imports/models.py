"""A file of needs on its way: its parts, how it is to be read, how far it was read, what was not kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.columns import new_id
from app.database import Model, Owned


class ImportStatus(StrEnum):
    UPLOADING = "uploading"
    UNPACKING = "unpacking"  # a worker makes rows of a workbook
    MAPPING = "mapping"  # a person says which column is what
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # `error` says why nothing can be read


class NeedImport(Owned, Model):
    """One file that a person gave us; `offset` and `line` are how far it was read and kept."""

    __tablename__ = "need_imports"
    __table_args__ = (Index("ix_need_imports_org_created", "org_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(String(190))
    kind: Mapped[str] = mapped_column(String(10))  # file: rows of text | sheet: rows out of a workbook
    status: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    lines: Mapped[int] = mapped_column(default=0)
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    line: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    noticed: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    cleared: Mapped[int] = mapped_column(default=0)  # how often a customer was erased from the waiting file
    error: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportPart(Owned, Model):
    """A part of a file; gone when the import is done."""

    __tablename__ = "need_import_parts"
    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("need_imports.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # file | sheet
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # where it begins
    content: Mapped[bytes]


class ImportSeen(Owned, Model):
    """How often a content came so far in a file that is being read; gone when the import is done."""

    __tablename__ = "need_import_seen"
    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("need_imports.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    times: Mapped[int]


class ImportRemark(Owned, Model):
    """What is to be said of a row: why it was refused (all of those), or that it is known or in doubt."""

    __tablename__ = "need_import_remarks"
    import_id: Mapped[UUID] = mapped_column(
        ForeignKey("need_imports.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # bad | known | kept (in doubt)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    said: Mapped[list[Any]]
    cells: Mapped[list[Any]]


class RememberedMapping(Owned, Model):
    """How files with these columns were read the last time, for the next one that has them."""

    __tablename__ = "remembered_mappings"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    known_by: Mapped[str] = mapped_column(String(64), primary_key=True)
    choices: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]
