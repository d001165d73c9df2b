"""Reminding whoever looks after a need."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.accounts.models import Person
from app.database import reading, transaction
from app.errors import NotFoundError
from app.needs import commands, queries
from app.needs.models import Need
from app.orders.models import SentMail
from tests.builders import Firm
from tests.performing import a_call, run


def _a_need(shop: Firm) -> UUID:
    given = {"need_type": "lamps", "text": "Twenty", "next_step": "Call Ada"}
    return commands.create(shop["sales"], given).id


def _mails(shop: Firm, call: UUID) -> list[SentMail]:
    with reading(shop.org_id) as tx:
        return list(tx.session.scalars(select(SentMail).where(SentMail.id == call)))


def _reminders(shop: Firm, need_id: UUID) -> int:
    with reading(shop.org_id) as tx:
        return [event.kind for event in queries.get_need(tx, need_id).events].count("reminded")


def test_an_owner_is_reminded_once_of_what_comes_next(shop: Firm) -> None:
    need_id = _a_need(shop)
    with transaction(shop.org_id) as tx:
        tx.session.get_one(Need, need_id).due_on = date(2030, 5, 1)
    call = a_call(shop, "need.remind", need_id=need_id)

    run(shop, call)
    run(shop, call)

    (mail,) = _mails(shop, call)
    assert mail.recipients == [shop.email("sales")]
    assert "Call Ada" in mail.body
    assert "May 1, 2030" in mail.body
    assert _reminders(shop, need_id) == 1


@pytest.mark.parametrize(("locale", "subject"), [("en", "waits for you"), ("zh_Hans_CN", "等待您处理")])
def test_an_owner_is_reminded_in_their_language_and_no_fact_is_left_out(
    shop: Firm, locale: str, subject: str
) -> None:
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Person).where(Person.id == shop["sales"].person_id).values(locale=locale))
    call = a_call(shop, "need.remind", need_id=_a_need(shop))

    run(shop, call)

    (mail,) = _mails(shop, call)
    assert subject in mail.subject
    assert "$" not in mail.subject + mail.body


def test_a_need_of_nobody_is_noted_and_one_that_is_closed_is_left(shop: Firm) -> None:
    nobodys, closed = _a_need(shop), _a_need(shop)
    commands.move(shop["sales"], closed, "lost", "Gone")
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Need).where(Need.id == nobodys).values(owner_id=None))
    calls = [a_call(shop, "need.remind", need_id=each) for each in (nobodys, closed)]

    for call in calls:
        run(shop, call)

    (mail,) = _mails(shop, calls[0])
    assert "has no owner" in str(mail.error)
    assert _mails(shop, calls[1]) == []
    assert (_reminders(shop, nobodys), _reminders(shop, closed)) == (1, 0)


def test_an_unknown_need_is_named(shop: Firm) -> None:
    call = a_call(shop, "need.remind", need_id=UUID(int=7))

    with pytest.raises(NotFoundError):
        run(shop, call)
