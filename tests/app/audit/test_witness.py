"""The witness outside the database: what it keeps, and what nothing makes it forget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from structlog.testing import capture_logs

from app import audit
from app.audit import sealing, verifying
from app.audit.models import AuditAnchor, AuditEntry, AuditLeaf, AuditStream
from app.audit.sealing import Sealer, seal_organisation
from app.audit.verifying import Problem, Proof
from app.audit.witness import Seen, Witness
from app.audit.witnessing import Teller
from app.columns import new_id
from app.config import settings
from app.database import Model, transaction
from app.moments import utc_now
from app.processes.queries import HEADS
from tasks.commands.audit import run
from tests.builders import Firm, a_firm


@pytest.fixture
def business(app: Flask) -> Firm:
    return a_firm()


@pytest.fixture
def witness(app: Flask, tmp_path: Path) -> Iterator[Witness]:
    """A witness of this test's own, in a folder that is not there yet."""
    before = settings()
    folder = tmp_path / "audit"
    app.extensions["placet.settings"] = replace(before, audit_witness=folder)
    yield Witness(folder)
    app.extensions["placet.settings"] = before


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sealer look only where something moved since its last look, or where its witness is behind."""
    monkeypatch.setattr(sealing, "TELL_AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(sealing, "LONGEST_COMMAND", timedelta(0))


def _seal_once(business: Firm) -> None:
    with transaction(business.org_id) as tx:
        audit.write(tx, "products", None, "tested", {})
    assert seal_organisation(business.org_id) == 1


def _newest(business: Firm) -> Seen:
    with transaction(business.org_id) as tx:
        anchors = tx.session.scalars(select(AuditAnchor).order_by(AuditAnchor.n.desc())).all()
        return Seen(anchors[0].n, anchors[0].mac)


def _cut_back_to(business: Firm, n: int) -> None:
    """Make the record an older one that is whole in itself: anchors, heads under them, entries and heads."""
    with transaction(business.org_id) as tx:
        tx.session.execute(delete(AuditAnchor).where(AuditAnchor.n > n))
        tx.session.execute(delete(AuditLeaf).where(AuditLeaf.n > n))
        for stream in tx.session.scalars(select(AuditStream)).all():
            leaves = select(AuditLeaf).where(AuditLeaf.stream_id == stream.id)
            leaf = tx.session.scalars(leaves.order_by(AuditLeaf.seq.desc())).first()
            seq, head = (leaf.seq, leaf.head) if leaf else (0, b"")
            beyond = (AuditEntry.stream_id == stream.id, AuditEntry.seq > seq)
            tx.session.execute(delete(AuditEntry).where(*beyond))
            set_back = update(AuditStream).where(AuditStream.id == stream.id)
            tx.session.execute(set_back.values(seq=seq, head=head))


def _forget_organisation(business: Firm) -> None:
    """Remove every row of an organisation, itself last."""
    with transaction(business.org_id) as tx:
        for table in reversed(Model.metadata.sorted_tables):
            whose = table.c.id if table.name == "organisations" else table.c.org_id
            tx.session.connection().execute(delete(table).where(whose == business.org_id))


def _cut(business: Firm, n: int, saw: int) -> Problem:
    return Problem("anchors", n, f"missing: the witness saw anchor {saw} {_may_be(business)}")


def _other(business: Firm, n: int, _: int) -> Problem:
    return Problem("anchors", n, f"other than the witness saw it {_may_be(business)}")


def _may_be(business: Firm) -> str:
    return f"({business.org_id}.json): the end was cut off, or an older backup restored"


def _problems(business: Firm, witness: Witness | None, proof: Proof | None = None) -> list[Problem]:
    return list(verifying.verify(business.org_id, settings().audit_key, [HEADS], proof, witness))


def test_the_witness_keeps_the_newest_anchor(business: Firm, witness: Witness) -> None:
    _seal_once(business)
    _seal_once(business)

    assert witness.seen(business.org_id) == _newest(business)
    assert orjson.loads((witness.folder / f"{business.org_id}.json").read_bytes()) == {
        "n": 2,
        "mac": _newest(business).mac.hex(),
    }
    assert _problems(business, witness) == []


def test_a_record_cut_back_with_its_newest_anchors_is_found_and_named(
    business: Firm, witness: Witness
) -> None:
    for _ in range(4):
        _seal_once(business)

    _cut_back_to(business, 2)

    assert _problems(business, None) == []  # nothing else tells
    assert _problems(business, witness) == [_cut(business, 3, 4)]


def test_a_record_cut_back_to_nothing_is_found(business: Firm, witness: Witness) -> None:
    for _ in range(4):
        _seal_once(business)

    _cut_back_to(business, 0)

    assert _problems(business, witness) == [_cut(business, 1, 4)]


@pytest.mark.parametrize(
    ("grown", "named"),
    [
        pytest.param(1, _cut, id="not as far as it was"),
        pytest.param(2, _other, id="to the number that was seen"),
        pytest.param(5, _other, id="beyond it"),
    ],
)
def test_a_cut_is_not_forgotten_when_the_numbers_grow_back(
    business: Firm, witness: Witness, grown: int, named: Callable[[Firm, int, int], Problem]
) -> None:
    for _ in range(4):
        _seal_once(business)
    seen = witness.seen(business.org_id)
    _cut_back_to(business, 2)

    with capture_logs() as logs:
        for _ in range(grown):
            _seal_once(business)

    assert witness.seen(business.org_id) == seen
    assert _problems(business, witness) == [named(business, 4, 4)]
    cuts = [each for each in logs if each["event"].startswith("audit record cut")]
    assert [(each["log_level"], each["n"]) for each in cuts] == [("error", 4)] * grown


def test_a_cut_is_logged_once_by_one_relay_and_over_when_the_operator_removes_the_file(
    business: Firm, witness: Witness, impatient: None
) -> None:
    for _ in range(3):
        _seal_once(business)
    _cut_back_to(business, 2)
    sealer = Sealer()

    with capture_logs() as logs:
        for _ in range(3):
            sealer.seal()
    cuts = [each for each in logs if each.get("organisation") == str(business.org_id)]
    (witness.folder / f"{business.org_id}.json").unlink()
    sealer.seal()

    assert [each["log_level"] for each in cuts] == ["error"]
    assert witness.seen(business.org_id) == _newest(business)
    assert _problems(business, witness) == []


def test_the_witness_never_goes_back(business: Firm, witness: Witness) -> None:
    _seal_once(business)
    older = _newest(business)
    _seal_once(business)
    teller = Teller()

    teller.tell(business.org_id, older)  # a relay that was slower than another

    assert witness.seen(business.org_id) == _newest(business)
    assert not teller.behind


def test_an_organisation_that_only_the_witness_knows_is_broken(app: Flask, witness: Witness) -> None:
    business, other = a_firm(), a_firm()
    for firm in (business, other):
        _seal_once(firm)
    _forget_organisation(business)
    said: list[str] = []

    whole = run(settings(), None, said.append)
    one = run(settings(), other.slug, lambda _: None)

    reason = f"missing: the witness saw anchor 1 of organisation {business.org_id}, which is gone"
    assert (whole, one) == (False, True)
    assert f"{business.org_id}: anchors 1 {reason}" in said
    assert said[-1] == f"audit broken: anchors 1 {reason}"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b'{"n":0,"mac":"' + b"00" * 32 + b'"}',
        b'{"n":true,"mac":"' + b"00" * 32 + b'"}',
        b'{"n":1,"mac":"00"}',
        b'{"n":1,"mac":"' + b"zz" * 32 + b'"}',
        b"\xff" * 9000,
        b"[" * 4000,
    ],
)
def test_what_is_no_anchor_in_a_file_is_broken_and_left_alone(
    business: Firm, witness: Witness, text: bytes
) -> None:
    _seal_once(business)
    file = witness.folder / f"{business.org_id}.json"
    file.write_bytes(text)

    with capture_logs() as logs:
        _seal_once(business)
    (problem,) = _problems(business, witness)

    assert file.read_bytes() == text
    assert (problem.stream, problem.seq) == ("anchors", 0)
    assert problem.reason.startswith(f"the witness's file {business.org_id}.json cannot be read: ")
    assert [each["log_level"] for each in logs] == ["warning"]


def test_files_of_others_are_nobodys_witness(witness: Witness) -> None:
    ours = new_id()
    witness.folder.mkdir()
    for name in ("notes.json", f"{ours}.json", f"{new_id()}.part", f"{new_id().hex}.json", ".lock"):
        (witness.folder / name).write_text("{}")

    assert witness.organisations() == [ours]


def test_a_folder_that_takes_no_files_breaks_no_seal_and_is_tried_again(
    business: Firm, witness: Witness, impatient: None
) -> None:
    witness.folder.write_text("a file where the folder should be")
    sealer = Sealer()

    with capture_logs() as logs:
        sealed = sealer.seal()
        for _ in range(3):
            sealer.seal()
    witness.folder.unlink()
    sealer.seal()  # nothing moved since

    assert sealed >= 1
    assert _newest(business).n == 1
    assert [(each["log_level"], each["folder"]) for each in logs] == [("warning", str(witness.folder))]
    assert witness.seen(business.org_id) == _newest(business)


def test_a_write_that_failed_leaves_what_was_kept(
    business: Firm, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    _seal_once(business)
    seen = _newest(business)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr("app.audit.witness.os.fsync", full)
        _seal_once(business)

    assert witness.seen(business.org_id) == seen
    assert sorted(each.name for each in witness.folder.iterdir()) == [".lock", f"{business.org_id}.json"]
    assert len(logs) == 1
    assert _problems(business, witness) == []


def test_what_an_aborted_write_left_behind_is_cleaned_by_the_next(business: Firm, witness: Witness) -> None:
    _seal_once(business)
    (witness.folder / f"{business.org_id}.part").write_text('{"n": 9999999999999999999, "mac": "half a')

    _seal_once(business)

    assert witness.seen(business.org_id) == _newest(business)
    assert list(witness.folder.glob("*.part")) == []


def test_a_relay_that_ended_between_seal_and_witness_makes_up_for_it(
    app: Flask, business: Firm, witness: Witness
) -> None:
    app.extensions["placet.settings"] = replace(settings(), audit_witness=None)
    _seal_once(business)
    app.extensions["placet.settings"] = replace(settings(), audit_witness=witness.folder)
    proof = Proof()
    assert (_problems(business, witness, proof), proof.unwitnessed) == ([], 1)

    Sealer().seal()

    assert witness.seen(business.org_id) == _newest(business)


def test_where_nothing_moved_the_file_is_not_touched(business: Firm, witness: Witness) -> None:
    sealer = Sealer()
    sealer.seal()
    file = witness.folder / f"{business.org_id}.json"
    before = file.stat()

    for _ in range(3):
        sealer.seal()

    after = file.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_two_relays_agree(app: Flask, business: Firm, witness: Witness) -> None:
    errors: list[BaseException] = []
    stopping = threading.Event()

    def relay() -> None:
        try:
            with app.app_context():
                sealer = Sealer()
                while not stopping.is_set():
                    sealer.seal()
        except Exception as error:
            errors.append(error)

    relays = [threading.Thread(target=relay) for _ in range(2)]
    with capture_logs() as logs:
        for each in relays:
            each.start()
        for _ in range(15):
            with transaction(business.org_id) as tx:
                audit.write(tx, "products", None, "tested", {})
            stopping.wait(0.02)
        stopping.set()
        for each in relays:
            each.join(60)
        Sealer().seal()

    assert errors == []
    assert logs == []
    assert witness.seen(business.org_id) == _newest(business)
    assert _problems(business, witness) == []


def test_an_anchor_that_another_relay_wrote_first_holds_up_no_other_business(
    app: Flask, business: Firm, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    _seal_once(business)
    with transaction(business.org_id) as tx:
        audit.write(tx, "products", None, "tested", {})
    other = a_firm()
    nothing = sealing._Last(0, None, b"")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_last_anchor", lambda tx: nothing)
        Sealer().seal()
    before = _newest(business).n
    Sealer().seal()

    assert (before, _newest(business).n) == (1, 2)
    assert _newest(other).n == 1


def test_a_relay_that_hangs_with_the_lock_stops_no_other(
    business: Firm, witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.audit.witness.LOCK_SECONDS", 0.05)

    with witness.locked(), capture_logs() as logs:
        _seal_once(business)

    assert [each["error"] for each in logs] == ["TimeoutError: another relay holds its lock"]
    assert witness.seen(business.org_id) is None


@pytest.mark.parametrize(
    ("prepare", "note"),
    [
        pytest.param(lambda app: None, "no witness was asked: there is no folder {folder}", id="no folder"),
        pytest.param(
            lambda app: settings().audit_witness.mkdir(),
            "no witness was asked: nothing is in {folder}",
            id="an empty folder",
        ),
        pytest.param(
            lambda app: app.extensions.update(
                {"placet.settings": replace(app.extensions["placet.settings"], audit_witness=None)}
            ),
            "no witness was asked: PLACET_AUDIT_WITNESS is off",
            id="switched off",
        ),
    ],
)
def test_without_a_witness_the_record_is_proved_and_that_is_said(
    app: Flask, business: Firm, witness: Witness, prepare: Callable[[Flask], None], note: str
) -> None:
    prepare(app)
    said: list[str] = []

    assert run(settings(), business.slug, said.append)

    assert said[-2] == note.format(folder=witness.folder)
    assert said[-1].startswith("audit ok: ")
    assert not list(witness.folder.glob("*"))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        pytest.param(1, "1 entry older than a minute under no anchor: does a relay run?", id="one"),
        pytest.param(3, "3 entries older than a minute under no anchor: does a relay run?", id="several"),
    ],
)
def test_entries_that_wait_too_long_for_an_anchor_are_counted(
    business: Firm, witness: Witness, monkeypatch: pytest.MonkeyPatch, count: int, said: str
) -> None:
    _seal_once(business)
    with transaction(business.org_id) as tx:
        for _ in range(count - 1):
            audit.write(tx, "products", None, "tested", {})
        audit.write(tx, "a new stream", None, "tested", {})
    lines: list[str] = []

    fresh = run(settings(), business.slug, lines.append)
    monkeypatch.setattr(verifying, "utc_now", lambda: utc_now() + timedelta(minutes=2))
    waiting = run(settings(), business.slug, lines.append)

    assert (fresh, waiting) == (True, True)
    assert [line for line in lines if "anchor" in line] == [said]
    assert lines[-2] == said
