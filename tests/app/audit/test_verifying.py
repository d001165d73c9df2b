"""What the record proves, and what no tampering gets past."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, func, insert, select, update

from app import audit
from app.audit import verifying
from app.audit.models import AuditAnchor, AuditEntry, AuditLeaf, AuditStream
from app.audit.sealing import Sealer, seal_organisation
from app.audit.verifying import Problem, Proof
from app.columns import new_id
from app.config import settings
from app.database import Transaction, transaction
from app.processes.queries import HEADS
from tests.builders import Firm, a_firm

SHORTENED = "missing, or other than anchor 1 sealed it"


@pytest.fixture
def business(app: Flask) -> Firm:
    """A business of its own for each test: what is broken in it stays broken."""
    return a_firm()


def _problems(business: Firm) -> list[Problem]:
    return list(verifying.verify(business.org_id, settings().audit_key, [HEADS]))


def _write(business: Firm, stream: str, count: int) -> UUID:
    with transaction(business.org_id) as tx:
        for number in range(count):
            audit.write(tx, stream, None, "tested", {"number": number})
        found = tx.session.scalar(select(AuditStream.id).where(AuditStream.name == stream))
    assert found is not None
    return found


def _seq_of_last(tx: Transaction, stream_id: UUID) -> int:
    return tx.session.scalar(select(func.max(AuditEntry.seq)).where(AuditEntry.stream_id == stream_id)) or 0


def test_an_untouched_record_is_proved_and_counted(business: Firm) -> None:
    _write(business, "products", 3)
    seal_organisation(business.org_id)
    proof = Proof()

    problems = list(verifying.verify(business.org_id, settings().audit_key, [HEADS], proof))

    assert problems == []
    assert proof.streams == 2  # accounts, from making the business, and products
    assert proof.entries > 3


def test_another_key_proves_nothing(business: Firm) -> None:
    _write(business, "products", 1)

    problems = list(verifying.verify(business.org_id, b"another key", [HEADS]))

    assert "was changed" in {problem.reason for problem in problems}


def _change(tx: Transaction, stream: UUID) -> None:
    where = (AuditEntry.stream_id == stream, AuditEntry.seq == 3)
    tx.session.execute(update(AuditEntry).where(*where).values(detail='{"number":99}'))


def _change_author(tx: Transaction, stream: UUID) -> None:
    where = (AuditEntry.stream_id == stream, AuditEntry.seq == 3)
    tx.session.execute(update(AuditEntry).where(*where).values(person_id=new_id()))


def _remove(tx: Transaction, stream: UUID) -> None:
    tx.session.execute(delete(AuditEntry).where(AuditEntry.stream_id == stream, AuditEntry.seq == 3))


def _swap(tx: Transaction, stream: UUID) -> None:
    for old, new in ((3, 1000), (4, 3), (1000, 4)):
        where = (AuditEntry.stream_id == stream, AuditEntry.seq == old)
        tx.session.execute(update(AuditEntry).where(*where).values(seq=new))


def _insert(tx: Transaction, stream: UUID) -> None:
    """Move the later entries up and put a copy of entry 2 into the gap."""
    for seq in range(_seq_of_last(tx, stream), 2, -1):
        where = (AuditEntry.stream_id == stream, AuditEntry.seq == seq)
        tx.session.execute(update(AuditEntry).where(*where).values(seq=seq + 1))
    _copy(tx, stream, 2, 3)


def _copy(tx: Transaction, stream: UUID, seq: int, to: int) -> None:
    row = tx.session.get_one(AuditEntry, (stream, seq))
    values = {column.key: getattr(row, column.key) for column in AuditEntry.__table__.columns}
    tx.execute(insert(AuditEntry), {**values, "seq": to})


def _cut_tail(tx: Transaction, stream: UUID) -> None:
    tx.session.execute(delete(AuditEntry).where(AuditEntry.stream_id == stream, AuditEntry.seq >= 3))


def _empty(tx: Transaction, stream: UUID) -> None:
    tx.session.execute(delete(AuditEntry).where(AuditEntry.stream_id == stream))


def _move_head(tx: Transaction, stream: UUID) -> None:
    tx.session.execute(update(AuditStream).where(AuditStream.id == stream).values(head=b"0" * 32))


def _forget_head(tx: Transaction, stream: UUID) -> None:
    tx.session.execute(delete(AuditStream).where(AuditStream.id == stream))


def _add_behind(tx: Transaction, stream: UUID) -> None:
    _copy(tx, stream, 5, 6)


@pytest.mark.parametrize(
    ("tamper", "seq", "reason"),
    [
        pytest.param(_change, 3, "was changed", id="an entry's text"),
        pytest.param(_change_author, 3, "was changed", id="an entry's author"),
        pytest.param(_remove, 3, "missing", id="an entry taken out"),
        pytest.param(_swap, 3, "does not follow from the entry before it", id="two entries swapped"),
        pytest.param(_insert, 3, "does not follow from the entry before it", id="an entry put in"),
        pytest.param(_cut_tail, 3, "missing: the head stands at 5", id="the tail, with the head left"),
        pytest.param(_empty, 1, "missing: the head stands at 5", id="all entries"),
        pytest.param(_move_head, 5, "the head is not the last entry's digest", id="the head"),
        pytest.param(_forget_head, 5, "nothing holds the head of this chain", id="the head's row"),
        pytest.param(_add_behind, 6, "does not follow from the entry before it", id="an entry put behind"),
    ],
)
def test_tampering_is_found_and_named(
    business: Firm, tamper: Callable[[Transaction, UUID], None], seq: int, reason: str
) -> None:
    stream = _write(business, "products", 5)
    with transaction(business.org_id) as tx:
        tamper(tx, stream)

    problems = _problems(business)

    assert problems[0] == Problem(str(stream), seq, reason)


def test_a_tail_cut_off_with_its_head_is_found_once_it_was_sealed(business: Firm) -> None:
    stream = _write(business, "products", 5)
    seal_organisation(business.org_id)
    with transaction(business.org_id) as tx:
        _cut_tail(tx, stream)
        last = tx.session.get_one(AuditEntry, (stream, 2))
        head = {"seq": 2, "head": last.digest}
        tx.session.execute(update(AuditStream).where(AuditStream.id == stream).values(**head))

    problems = _problems(business)

    assert problems == [Problem(str(stream), 5, SHORTENED)]


def test_a_chain_that_vanished_altogether_is_found_once_it_was_sealed(business: Firm) -> None:
    stream = _write(business, "products", 2)
    seal_organisation(business.org_id)
    with transaction(business.org_id) as tx:
        _empty(tx, stream)
        _forget_head(tx, stream)

    problems = _problems(business)

    assert problems == [Problem(str(stream), 2, SHORTENED)]


def _change_anchor(tx: Transaction) -> None:
    tx.session.execute(update(AuditAnchor).where(AuditAnchor.n == 2).values(count=7))


def _remove_anchor(tx: Transaction) -> None:
    tx.session.execute(delete(AuditAnchor).where(AuditAnchor.n == 2))
    tx.session.execute(delete(AuditLeaf).where(AuditLeaf.n == 2))


def _change_leaf(tx: Transaction) -> None:
    tx.session.execute(delete(AuditLeaf).where(AuditLeaf.n == 2))


def _remove_last_anchor(tx: Transaction) -> None:
    tx.session.execute(delete(AuditAnchor).where(AuditAnchor.n == 3))


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        pytest.param(_change_anchor, Problem("anchors", 2, "was changed"), id="an anchor's count"),
        pytest.param(_remove_anchor, Problem("anchors", 2, "missing"), id="an anchor taken out"),
        pytest.param(
            _change_leaf, Problem("anchors", 2, "the heads under it were changed"), id="a head under it"
        ),
        pytest.param(
            _remove_last_anchor,
            Problem("anchors", 3, "missing: the heads that it sealed are still there"),
            id="the last anchor",
        ),
    ],
)
def test_a_tampered_anchor_is_found_and_named(
    business: Firm, tamper: Callable[[Transaction], None], problem: Problem
) -> None:
    for _ in range(3):
        _write(business, "products", 1)
        assert seal_organisation(business.org_id) == 1
    with transaction(business.org_id) as tx:
        tamper(tx)

    assert _problems(business) == [problem]


def test_an_anchor_holds_only_what_moved_since_the_last(business: Firm) -> None:
    _write(business, "products", 1)
    seal_organisation(business.org_id)
    stream = _write(business, "customers", 4)

    written = seal_organisation(business.org_id)

    assert written == 1
    with transaction(business.org_id) as tx:
        leaves = tx.session.scalars(select(AuditLeaf).where(AuditLeaf.n == 2)).all()
        assert [(leaf.stream_id, leaf.seq) for leaf in leaves] == [(stream, 4)]


def test_nothing_is_sealed_where_nothing_moved(business: Firm) -> None:
    seal_organisation(business.org_id)

    assert seal_organisation(business.org_id) == 0


def test_the_sealer_serves_every_business(business: Firm) -> None:
    sealer = Sealer()
    sealer.seal()
    _write(business, "products", 1)
    other = a_firm()

    sealer.seal()

    for firm in (business, other):
        with transaction(firm.org_id) as tx:
            assert tx.session.scalar(select(func.count()).select_from(AuditAnchor)) in (1, 2)
            assert _problems(firm) == []


def test_more_heads_than_one_anchor_takes_get_several(
    business: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.audit.sealing.MOST_LEAVES", 2)
    for name in ("a", "b", "c", "d"):
        _write(business, name, 1)

    written = seal_organisation(business.org_id)

    assert written == 3  # four streams, and the accounts of the business
    assert _problems(business) == []
