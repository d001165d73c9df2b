"""Who listens, and what of all that happens concerns them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import orjson

OPERATORS = frozenset({"operator", "administrator"})


@dataclass(frozen=True, slots=True)
class Listener:
    """A person in front of a page; `principals` are the names under which work reaches them."""

    org_id: UUID
    person_id: UUID
    principals: frozenset[str]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class News:
    """A change as the follower read it."""

    seq: int
    org_id: UUID
    kind: str
    subject_id: UUID | None
    principals: frozenset[str]


def concerns(listener: Listener, news: News) -> bool:
    """Say whether somebody should look anew: at orders, at their inbox, at incidents if they tend them."""
    if news.org_id != listener.org_id:
        return False
    if news.kind == "item":
        return bool(news.principals & listener.principals)
    if news.kind == "incident":
        return bool(listener.roles & OPERATORS)
    return True


def messages(listener: Listener, batch: Iterable[News], last_id: int) -> list[bytes]:
    """Return what this listener is sent of a batch: each subject once, however often it changed.

    All carry `last_id`, which never falls: a change that was committed late has a lower number.
    """
    found: dict[tuple[str, UUID | None], bool] = {}
    for news in batch:
        if concerns(listener, news):
            key = (news.kind, news.subject_id)
            found[key] = found.get(key, False) or bool(news.principals & listener.principals)
    return [
        message("change", {"kind": kind, "subject": subject, "mine": mine}, last_id)
        for (kind, subject), mine in found.items()
    ]


def message(event: str, data: object, last_id: int | None = None) -> bytes:
    """Return one event in the words of the protocol (HTML standard, server-sent events)."""
    head = f"id: {last_id}\n" if last_id is not None else ""
    return f"{head}event: {event}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
