"""Giving a table to be grouped, and what a worker makes of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.accounts.queries import currency_of
from app.columns import new_id
from app.database import Transaction, reading, transaction, transaction_across_organisations
from app.entered import plain_text
from app.errors import InvalidError, NotFoundError
from app.insights.tables.models import GroupedTable, TableStatus
from app.moments import utc_now
from app.needs.models import Need
from app.outbox.asking import ask
from app.wording import worded

HANDLER = "insights.group_table"
MOST_BYTES, MOST_ROWS, MOST_GROUPS = 4 * 1024 * 1024, 100_000, 50
KEPT_FOR = timedelta(days=30)
RECENT = 10


def give(actor: Actor, name: str, content: bytes | None, k: int | None, *, scaled: bool) -> UUID:
    """Ask a worker to group a CSV file, or the organisation's needs; raise InvalidError."""
    actor.require(Role.SALES, Role.PROCESS_OWNER)
    wrong: dict[str, Any] = {}
    if k is None or not 1 <= k <= MOST_GROUPS:
        wrong["k"] = [worded("is not from 1 to {most}", most=MOST_GROUPS)]
    if content is not None:
        if len(content) > MOST_BYTES:
            wrong["file"] = [worded("has more than {count} MB", count=MOST_BYTES // 1024 // 1024)]
        elif content.count(b"\n") > MOST_ROWS:
            wrong["file"] = [worded("has more than {count} rows", count=MOST_ROWS)]
    if wrong:
        raise InvalidError("the table was not grouped", wrong)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        table = GroupedTable(id=new_id(), org_id=actor.org_id, person_id=actor.person_id)
        table.name = (plain_text(name)[:190] or "CSV") if content is not None else ""
        table.k, table.scaled, table.content = k or 0, scaled, content
        table.status, table.created_at = TableStatus.WAITING, now
        tx.session.add(table)
        tx.flush()
        ask(tx, HANDLER, {"table_id": str(table.id)}, now=now)
        detail = {"table": table.id, "name": table.name, "k": k}
        audit.write(tx, "insights", actor.person_id, "table.given", detail, now)
    return table.id


def get(tx: Transaction, table_id: UUID) -> GroupedTable:
    found = tx.session.get(GroupedTable, table_id)
    if found is None:
        raise NotFoundError("table", table_id)
    return found


def list_recent(tx: Transaction) -> list[GroupedTable]:
    newest = select(GroupedTable).order_by(GroupedTable.created_at.desc(), GroupedTable.id.desc())
    return list(tx.session.scalars(newest.limit(RECENT)))


def take(org_id: UUID, table_id: UUID) -> tuple[GroupedTable, bytes] | None:
    """Return a table that waits, with what is to be read of it; None where nobody waits for it any more."""
    with reading(org_id) as tx:
        waiting = select(GroupedTable).where(
            GroupedTable.id == table_id, GroupedTable.status == TableStatus.WAITING
        )
        found = tx.session.scalars(waiting.options(undefer(GroupedTable.content))).first()
        if found is None:
            return None
        return found, found.content if found.content is not None else _needs(tx)


def _needs(tx: Transaction) -> bytes:
    """Return the newest needs in the organisation's own currency as such a file; no person is in it."""
    rows = tx.session.execute(
        select(Need.need_type, Need.quantity, Need.value)
        .where(Need.merged_into_id.is_(None), Need.currency == currency_of(tx))
        .order_by(Need.created_at.desc(), Need.id.desc())
        .limit(MOST_ROWS)
    )
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["need_type", "quantity", "value"])
    writer.writerows([row.need_type, f"{row.quantity:f}", f"{row.value:f}"] for row in rows)
    return text.getvalue().encode()


def finish(
    org_id: UUID, table_id: UUID, result: Mapping[str, Any] | None, error: Mapping[str, Any] | None
) -> None:
    """Keep what came of a table, and forget its file; a second report changes nothing."""
    now = utc_now()
    with transaction(org_id) as tx:
        found = tx.session.get(GroupedTable, table_id, with_for_update=True)
        if found is None or found.status != TableStatus.WAITING:
            return
        found.status = TableStatus.FAILED if result is None else TableStatus.DONE
        found.result, found.error = dict(result) if result else None, dict(error) if error else None
        found.content, found.finished_at = None, now


def forget_old() -> None:
    """Delete what was given a month ago."""
    with transaction_across_organisations() as tx:
        tx.session.execute(delete(GroupedTable).where(GroupedTable.created_at < utc_now() - KEPT_FOR))
