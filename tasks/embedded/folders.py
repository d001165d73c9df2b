"""Folders that a server may use when it cannot run as us: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import stat
import tempfile
from pathlib import Path
from typing import TypedDict

from tasks.errors import UnreachableFolderError

STAND_IN = "nobody"


class RunAs(TypedDict, total=False):
    """The arguments of subprocess that change who runs it."""

    user: int
    group: int
    extra_groups: list[int]


def stand_in() -> RunAs:
    """Return whom to run PostgreSQL as: nobody when we are root, ourselves otherwise."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(STAND_IN)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def give_to_stand_in(path: Path) -> None:
    """Let the user that PostgreSQL runs as own this file or folder."""
    if found := stand_in():
        os.chown(path, found["user"], found["group"])


def is_open(folder: Path) -> bool:
    """Say whether anybody may enter this folder and all above it."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (folder, *folder.parents))


def require_open(folder: Path) -> None:
    """Raise where the folder is closed to the user that PostgreSQL runs as."""
    if stand_in() and not is_open(folder):
        raise UnreachableFolderError(folder, STAND_IN)


def open_folder(prefix: str) -> Path:
    """Make a new folder for throw-away data, with a path short enough for sockets, that servers can enter."""
    for parent in (Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")):  # noqa: S108 # a new name in it
        if parent.is_dir() and is_open(parent.resolve()):
            break
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent)).resolve()
    folder.chmod(0o711)
    return folder
