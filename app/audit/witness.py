"""The witness outside the database: a folder that remembers each organisation's newest anchor.

Whoever can write in the database could cut the record back together with its newest anchors; not here.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson

LOCK_SECONDS = 2.0
_PAUSE_SECONDS = 0.01
_LOCK = ".lock"
_HELD = "another relay holds its lock"
_MAC_BYTES = 32
# A file of ours has about a hundred bytes; what is longer is not read to its end.
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Seen:
    """An anchor as the witness saw it."""

    n: int
    mac: bytes


class Witness:
    """One file for each organisation; all of it may raise OSError, and ValueError for what is in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def organisations(self) -> list[UUID] | None:
        """Return whose anchors it saw; None where there is no folder, so that nobody can be asked."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return None
        found = (_organisation(Path(name)) for name in sorted(names))
        return [org_id for org_id in found if org_id]

    def seen(self, org_id: UUID) -> Seen | None:
        """Return the anchor that it keeps, None where it never saw one."""
        try:
            with self._file(org_id).open("rb") as file:
                text = file.read(_LONGEST)
        except FileNotFoundError:
            return None
        return _seen(text)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other relays out between asking and keeping; made at its first use."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
            yield
        finally:
            os.close(handle)

    def keep(self, org_id: UUID, seen: Seen) -> None:
        """Write down an anchor, whole or not at all; only while `locked`."""
        file = self._file(org_id)
        # Its name is always the same: what an aborted write left behind is overwritten by the next.
        part = file.with_suffix(".part")
        try:
            with part.open("wb") as fresh:
                fresh.write(orjson.dumps({"n": seen.n, "mac": seen.mac.hex()}))
                fresh.flush()
                # The folder need not reach the disk too: after a crash the older anchor is as true.
                os.fsync(fresh.fileno())
            os.replace(part, file)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _file(self, org_id: UUID) -> Path:
        return self.folder / f"{org_id}.json"


def _organisation(file: Path) -> UUID | None:
    """Return whose file this is; None for all that is none of ours."""
    try:
        org_id = UUID(file.stem)
    except ValueError:
        return None
    return org_id if file.name == f"{org_id}.json" else None


def _seen(text: bytes) -> Seen:
    found = orjson.loads(text)
    match found:
        case {"n": int(n), "mac": str(mac)} if n > 0 and not isinstance(n, bool):
            seen = Seen(n, bytes.fromhex(mac))
            if len(seen.mac) == _MAC_BYTES:
                return seen
    raise ValueError("it holds no anchor")


def _lock(handle: int) -> None:
    """Wait a little for the other relay; one that hangs must not stop this one's clock."""
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise TimeoutError(_HELD) from None
        time.sleep(_PAUSE_SECONDS)
