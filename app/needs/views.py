"""Filters that people keep under a name: for themselves, or shared with all of their organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import func, or_, select

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.moments import utc_now
from app.needs.models import KeptView
from app.wording import worded

LONGEST_NAME, LONGEST_VALUE, MOST = 80, 200, 100
# What may be kept of each page's address.
KEYS: Mapping[str, frozenset[str]] = {
    "list": frozenset(
        {"search", "type", "status", "channel", "since", "until", "mine", "owner", "open", "overdue", "theme"}
        | {"customer_segment"}
    ),
    "explore": frozenset(
        {"rows", "columns", "measure", "by", "type", "channel", "segment", "product", "status", "currency"}
        | {"since", "until", "theme", "customer_segment"}
    ),
}
PATHS: Mapping[str, str] = {"list": "/needs", "explore": "/needs/explore"}


@dataclass(frozen=True, slots=True)
class View:
    """A kept filter; `mine` says whether the reader keeps it, `address` is the page that it opens."""

    id: UUID
    page: str
    name: str
    query: Mapping[str, str]
    shared: bool
    mine: bool
    person: str

    @property
    def address(self) -> str:
        return f"{PATHS[self.page]}?{urlencode(self.query)}"


def list_views(tx: Transaction, actor: Actor, page: str) -> list[View]:
    """Return one's own views of a page and those that others share, by name."""
    statement = (
        select(KeptView)
        .where(KeptView.page == page, or_(KeptView.person_id == actor.person_id, KeptView.shared.is_(True)))
        .order_by(KeptView.name, KeptView.id)
    )
    rows = list(tx.session.scalars(statement))
    names = accounts.names_of(tx, [row.person_id for row in rows])
    return [
        View(
            id=row.id,
            page=row.page,
            name=row.name,
            query=row.query,
            shared=row.shared,
            mine=row.person_id == actor.person_id,
            person=names.get(row.person_id, ""),
        )
        for row in rows
    ]


def keep(actor: Actor, page: str, name: str, query: Mapping[str, str], *, shared: bool) -> UUID:
    """Keep a filter; one of the same name is replaced. Raises InvalidError for what no page understands."""
    wanted = {key: value for key, value in query.items() if value}
    _check(page, name.strip(), wanted)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        own = (
            KeptView.person_id == actor.person_id,
            KeptView.page == page,
        )
        view = tx.session.scalar(select(KeptView).where(*own, KeptView.name == name.strip()))
        if view is None:
            if (tx.session.scalar(select(func.count()).select_from(KeptView).where(*own)) or 0) >= MOST:
                raise ConflictError(worded("nobody keeps more than {most} views of a page", most=MOST))
            view = KeptView(
                id=new_id(),
                org_id=tx.organisation,
                person_id=actor.person_id,
                page=page,
                name=name.strip(),
                created_at=now,
            )
            tx.session.add(view)
        view.query, view.shared = wanted, shared
        tx.flush()
        # No name: people write into it whom they look for, and no erasure reaches the record.
        detail = {"view": view.id, "page": page, "shared": shared}
        audit.write(tx, "needs", actor.person_id, "view.kept", detail, now)
        return view.id


def forget(actor: Actor, view_id: UUID) -> None:
    """Take a view away: one's own, or as an administrator any shared one."""
    now = utc_now()
    with transaction(actor.org_id) as tx:
        view = tx.session.get(KeptView, view_id)
        is_own = view is not None and view.person_id == actor.person_id
        if view is None or not (is_own or view.shared):
            raise NotFoundError("view", view_id)
        if not is_own and Role.ADMINISTRATOR not in actor.roles:
            raise RefusedError("only who keeps it, or an administrator, takes a view away")
        tx.session.delete(view)
        detail = {"view": view_id, "page": view.page}
        audit.write(tx, "needs", actor.person_id, "view.forgotten", detail, now)


def _check(page: str, name: str, query: Mapping[str, str]) -> None:
    wrong: dict[str, list[str]] = {}
    if page not in KEYS:
        raise InvalidError("the view was not kept", {"page": ["is no page with views"]})
    if not name:
        wrong["name"] = ["is empty"]
    elif len(name) > LONGEST_NAME:
        wrong["name"] = [worded("has more than {longest} characters", longest=LONGEST_NAME)]
    for key, value in query.items():
        if key not in KEYS[page]:
            wrong[f"query.{key}"] = ["is no filter of this page"]
        elif len(value) > LONGEST_VALUE:
            wrong[f"query.{key}"] = [worded("has more than {longest} characters", longest=LONGEST_VALUE)]
    if wrong:
        raise InvalidError("the view was not kept", dict(wrong))
