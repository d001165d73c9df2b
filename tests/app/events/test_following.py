"""Changes are read in order and none is missed, though a lower number may be committed later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from app.database import Transaction, across_organisations, transaction
from app.events.commands import forget_old
from app.events.following import MOST_AT_ONCE, Follower, missed
from app.events.models import Change
from app.moments import utc_now
from tests.builders import Firm


def _write(tx: Transaction, subject_id: UUID, hours_ago: int = 0) -> None:
    at = utc_now() - timedelta(hours=hours_ago)
    row = {"org_id": tx.organisation, "at": at, "kind": "instance", "subject_id": subject_id}
    tx.execute(insert(Change), {**row, "principals": ["t:finance"]})


@contextmanager
def _changing(firm: Firm, subject_id: UUID, hours_ago: int = 0) -> Iterator[None]:
    """Write a change; it is committed when the block ends."""
    with transaction(firm.org_id) as tx:
        _write(tx, subject_id, hours_ago)
        yield


def _change(firm: Firm, hours_ago: int = 0) -> UUID:
    subject_id = uuid4()
    with _changing(firm, subject_id, hours_ago):
        pass
    return subject_id


def _subjects(follower: Follower) -> list[UUID | None]:
    return [news.subject_id for news in follower.news()]


def test_a_follower_begins_with_what_comes_next(firm: Firm, app: Flask) -> None:
    _change(firm)
    follower = Follower()
    later = _change(firm)

    assert _subjects(follower) == [later]
    assert _subjects(follower) == []


def test_a_follower_reads_every_organisation(firm: Firm, stranger: Firm) -> None:
    follower = Follower()
    changed = [_change(firm), _change(stranger)]

    assert _subjects(follower) == changed


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_change_that_was_committed_late_is_not_missed(firm: Firm) -> None:
    follower, late = Follower(), uuid4()
    with _changing(firm, late):
        early = _change(firm)
        first = _subjects(follower)

    second, third = _subjects(follower), _subjects(follower)

    assert (first, second, third) == ([early], [late], [])


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_number_that_was_rolled_back_is_forgotten(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower()
    with pytest.raises(RuntimeError), _changing(firm, uuid4()):
        raise RuntimeError
    _change(firm)
    follower.news()

    monkeypatch.setattr("app.events.following.LONGEST_COMMIT", timedelta(0))

    assert follower.news() == []
    assert follower._gaps == {}


def test_a_listener_that_was_away_is_told_what_it_missed(firm: Firm, stranger: Firm) -> None:
    follower = Follower()
    mine, _ = _change(firm), _change(stranger)

    found = missed(firm.org_id, follower.last)

    assert found is not None
    assert found[-1].subject_id == mine
    assert {news.org_id for news in found} == {firm.org_id}


def test_a_listener_that_was_away_for_long_must_load_anew(firm: Firm) -> None:
    before = Follower().last
    with transaction(firm.org_id) as tx:
        for _ in range(MOST_AT_ONCE + 1):
            _write(tx, uuid4())

    assert missed(firm.org_id, before) is None


def test_old_changes_are_forgotten_but_never_the_newest(firm: Firm) -> None:
    for _ in range(3):
        _change(firm, hours_ago=30)
    newest = Follower().last

    forget_old()

    with across_organisations() as tx:
        cutoff = utc_now() - timedelta(hours=25)
        old = select(func.max(Change.seq), func.count()).where(Change.at < cutoff)
        assert tuple(tx.session.execute(old).one()) == (newest, 1)
