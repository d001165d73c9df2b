"""Files that tell of customers leave a trace: who took which, narrowed by what, with names or pseudonyms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app import audit
from app.accounts.actor import Actor
from app.database import transaction
from app.wording import worded

NAMES, PSEUDONYMS = worded("with names"), worded("with pseudonyms")


def note(
    actor: Actor, file: str, *, hidden: bool, asked: Mapping[str, Any] | None = None, **more: Any
) -> None:
    """Enter into the record that a file is taken, before its first line is.

    `asked` is what its rows are narrowed by. Words that were searched for are not said, only that there were
    some: they may be a name, which an erasure could never take out of the record.
    """
    narrowed = {name: value for name, value in (asked or {}).items() if _narrows(name, value)}
    if "search" in narrowed:
        narrowed["search"] = True
    if "theme" in narrowed:
        narrowed["need_theme"] = narrowed.pop("theme")
    detail = {"file": file, "persons": str(PSEUDONYMS if hidden else NAMES), "narrowed": narrowed, **more}
    with transaction(actor.org_id) as tx:
        audit.write(tx, "downloads", actor.person_id, "file.downloaded", detail)


def _narrows(name: str, value: Any) -> bool:
    """Say whether a filter leaves anything out; active or not is asked by yes and no."""
    return name != "pseudonyms" and (bool(value) or (name == "is_active" and value is False))
