"""A file is kept slice by slice, and nothing of it twice, whoever is killed in between."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.exc import OperationalError

from app.database import db, reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.moments import utc_now
from app.needs.imports import choices, commands, occurrences, queries, running
from app.needs.imports.batches import BATCH
from app.needs.imports.models import ImportPart, ImportRemark, ImportSeen, NeedImport
from app.outbox.models import ServiceCall
from tests.app.needs.imports.giving import found, give, texts
from tests.builders import Firm, a_firm


@pytest.fixture
def fresh(firm: Firm) -> Firm:
    return a_firm()


def _count(firm: Firm, model: Any) -> int:
    with reading(firm.org_id) as tx:
        return tx.session.scalar(select(func.count()).select_from(model)) or 0


def _asked(firm: Firm) -> list[str]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(ServiceCall.handler).order_by(ServiceCall.created_at)))


def _long(rows: int) -> str:
    lines = (f"lamps,Lamp {number % 300}" if number % 7 else "lamps," for number in range(rows))
    return "type,text\n" + "\n".join(lines) + "\n"


def test_a_short_file_is_kept_at_once_and_then_forgotten(fresh: Firm) -> None:
    import_id = give(fresh, "type,text,value\nlamps,Ten,5\nlamps,,x\nlamps,Two,1\n")

    commands.start(fresh["sales"], import_id)

    done = found(fresh, import_id)
    assert (done.status, done.read, done.kept, done.bad) == ("done", 3, 2, 1)
    assert texts(fresh) == ["Ten", "Two"]
    assert _count(fresh, ImportPart) == 0


def test_a_long_file_waits_for_a_worker_which_keeps_it_in_slices(fresh: Firm) -> None:
    import_id = give(fresh, _long(1_400))
    commands.start(fresh["sales"], import_id)
    assert (found(fresh, import_id).status, texts(fresh)) == ("running", [])
    assert "needs.import" in _asked(fresh)

    slices = 1
    while not running.advance(fresh.org_id, import_id, 0):
        slices += 1
        between = found(fresh, import_id)
        assert 0 < queries.percent(between) <= 100

    done = found(fresh, import_id)
    assert slices == 1_400 // BATCH + 2  # the last but one forgets what was counted
    assert (done.status, done.read, done.kept, done.bad) == ("done", 1_400, 1_200, 200)
    assert _count(fresh, ImportRemark) == 200


def test_what_was_counted_is_forgotten_some_at_a_time(fresh: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "FORGOTTEN_AT_ONCE", 100)
    import_id = give(fresh, _long(1_400))
    commands.start(fresh["sales"], import_id)

    slices = 1
    while not running.advance(fresh.org_id, import_id, 0):
        slices += 1

    assert slices > 1_400 // BATCH + 2
    assert (found(fresh, import_id).status, _count(fresh, ImportSeen)) == ("done", 0)


def test_equal_rows_are_told_apart_across_slices(fresh: Firm) -> None:
    rows = "type,text\n" + "lamps,Lamp\n" * 1_100
    for kept, known in ((1_100, 0), (0, 1_100)):
        import_id = give(fresh, rows)
        commands.start(fresh["sales"], import_id)

        while not running.advance(fresh.org_id, import_id, 0):
            pass

        done = found(fresh, import_id)
        assert (done.kept, done.known) == (kept, known)


def test_a_worker_that_dies_in_the_middle_of_a_batch_doubles_nothing(fresh: Firm) -> None:
    import_id = give(fresh, _long(1_400))
    commands.start(fresh["sales"], import_id)
    running.advance(fresh.org_id, import_id, 0)

    def dies(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO need_import_seen"):
            raise OperationalError(statement, {}, Exception("killed"))

    event.listen(db.engine, "before_cursor_execute", dies)
    try:
        with pytest.raises(OperationalError):
            running.advance(fresh.org_id, import_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", dies)
    assert found(fresh, import_id).read == BATCH

    assert running.advance(fresh.org_id, import_id)

    assert (found(fresh, import_id).kept, len(texts(fresh))) == (1_200, 1_200)


def test_who_is_overtaken_keeps_nothing_more(fresh: Firm) -> None:
    import_id = give(fresh, _long(1_400))
    commands.start(fresh["sales"], import_id)
    with reading(fresh.org_id) as tx:
        late = running.Run(tx.session.get_one(NeedImport, import_id), "EUR", 0)
    running.advance(fresh.org_id, import_id, 0)
    before = len(texts(fresh))

    with pytest.raises(running.OvertakenError):
        late.go(None)

    assert len(texts(fresh)) == before


def test_an_import_that_was_discarded_meanwhile_is_over(fresh: Firm) -> None:
    import_id = give(fresh, _long(1_400))
    commands.start(fresh["sales"], import_id)
    running.advance(fresh.org_id, import_id, 0)

    commands.discard(fresh["sales"], import_id)

    assert running.advance(fresh.org_id, import_id)
    assert len(texts(fresh)) > 0
    with pytest.raises(NotFoundError):
        commands.start(fresh["sales"], import_id)


def test_how_a_file_was_read_is_remembered_for_the_next_with_its_columns(fresh: Firm) -> None:
    first = give(fresh, "Was,Wovon,Wert\nLampen,Zwei,1.310\n")
    chosen = choices.of(found(fresh, first).choices)
    assert chosen.mapping == ["", "", ""]
    mapping = ["need_type", "text", "value"]
    commands.choose(fresh["sales"], first, replace(chosen, mapping=mapping, decimal_mark=","))
    commands.start(fresh["sales"], first)

    second = choices.of(found(fresh, give(fresh, "Wert;WAS;Wovon\n2;Lampen;Drei\n")).choices)

    assert second.mapping == ["value", "need_type", "text"]
    assert (second.decimal_mark, second.separator) == (",", ";")


def test_what_a_file_shows_counts_more_than_how_the_last_one_was_written(fresh: Firm) -> None:
    commas = "type;text;value;date\nlamps;one;1,50;31/01/2026\n"
    commands.start(fresh["sales"], give(fresh, commas))

    points = choices.of(
        found(fresh, give(fresh, "type,text,value,date\nlamps,two,1.50,01/31/2026\n")).choices
    )
    unsaid = choices.of(found(fresh, give(fresh, "type;text;value;date\nlamps;three;2;01/02/2026\n")).choices)

    assert (points.decimal_mark, points.day_order) == (".", "mdy")
    assert (unsaid.decimal_mark, unsaid.day_order) == (",", "dmy")


def test_a_column_that_turns_out_to_hold_numbers_shows_how_they_are_written(fresh: Firm) -> None:
    import_id = give(fresh, "type;text;Wert;Tag\nlamps;one;1.310,50;31/01/2026\nlamps;two;1.310;01/02/2026\n")
    chosen = choices.of(found(fresh, import_id).choices)
    mapping = ["need_type", "text", "value", "created_on"]

    commands.choose(fresh["sales"], import_id, replace(chosen, mapping=mapping))

    after = choices.of(found(fresh, import_id).choices)
    assert (chosen.decimal_mark, chosen.day_order) == ("", "")
    assert (after.decimal_mark, after.day_order) == (",", "dmy")


def test_one_type_may_be_said_for_rows_that_name_none(fresh: Firm) -> None:
    import_id = give(fresh, "text\nTen lamps\n")
    chosen = choices.of(found(fresh, import_id).choices)
    with pytest.raises(InvalidError) as refused:
        commands.start(fresh["sales"], import_id)

    commands.choose(fresh["sales"], import_id, replace(chosen, need_type="lamps"))
    commands.start(fresh["sales"], import_id)

    assert "which column is the type" in refused.value.fields["mapping"][0]
    assert texts(fresh) == ["Ten lamps"]


def test_another_encoding_or_separator_reads_the_columns_anew(fresh: Firm) -> None:
    import_id = give(fresh, "type,a;b,text\nlamps,1;2,Größe\n".encode("cp1252"))
    chosen = choices.of(found(fresh, import_id).choices)

    commands.choose(fresh["sales"], import_id, replace(chosen, separator=";"))

    assert choices.of(found(fresh, import_id).choices).header == ["type,a", "b,text"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoding", "utf-7"),
        ("separator", "x"),
        ("day_order", "ymd"),
        ("decimal_mark", ";"),
        ("need_type", "x" * 81),
    ],
)
def test_a_way_to_read_that_there_is_not_is_refused(fresh: Firm, name: str, value: str) -> None:
    import_id = give(fresh, "type,text\na,b\n")
    chosen = choices.of(found(fresh, import_id).choices)

    with pytest.raises(InvalidError) as refused:
        commands.choose(fresh["sales"], import_id, replace(chosen, **{name: value}))  # type: ignore[arg-type] # on purpose

    assert list(refused.value.fields) == [name]


def test_two_columns_are_never_the_same(fresh: Firm) -> None:
    import_id = give(fresh, "type,text,more\na,b,c\n")
    chosen = choices.of(found(fresh, import_id).choices)
    commands.choose(fresh["sales"], import_id, replace(chosen, mapping=["need_type", "text", "text"]))

    with pytest.raises(InvalidError, match="not imported"):
        commands.start(fresh["sales"], import_id)


def test_an_import_begins_once(fresh: Firm) -> None:
    import_id = give(fresh, "type,text\na,b\n")
    chosen = choices.of(found(fresh, import_id).choices)
    commands.start(fresh["sales"], import_id)

    for again in (
        lambda: commands.start(fresh["sales"], import_id),
        lambda: commands.choose(fresh["sales"], import_id, chosen),
    ):
        with pytest.raises(ConflictError):
            again()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(b"", "no line with the names", id="nothing"),
        pytest.param(b"\n\n", "no line with the names", id="empty lines"),
        pytest.param(b"\xd0\xcf\x11\xe0old", "Excel 97", id="an old workbook"),
        pytest.param(",".join("abc" * 200).encode(), "more than 500 columns", id="too many columns"),
    ],
)
def test_a_file_that_is_none_is_not_kept(fresh: Firm, content: bytes, why: str) -> None:
    with pytest.raises(InvalidError) as refused:
        give(fresh, content)

    assert why in refused.value.fields["file"][0]
    assert (_count(fresh, NeedImport), _count(fresh, ImportPart)) == (0, 0)


def test_a_file_that_is_too_long_is_not_kept(fresh: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_BYTES", 600_000)

    with pytest.raises(InvalidError):
        give(fresh, b"type,text\n" + b"lamps,Lamp\n" * 120_000)

    assert _count(fresh, ImportPart) == 0


def test_only_sales_give_files(fresh: Firm) -> None:
    with pytest.raises(RefusedError):
        commands.receive(fresh["auditor"], "x.csv", io.BytesIO(b"a,b\n"))


def test_what_was_said_of_imports_is_forgotten_after_a_month_and_unused_files_sooner(fresh: Firm) -> None:
    done, unused, young = (give(fresh, "type,text\na,b\n") for _ in range(3))
    commands.start(fresh["sales"], done)
    ages = {done: commands.KEPT_FOR, unused: commands.UNUSED_FOR, young: timedelta(days=1)}
    with transaction(fresh.org_id) as tx:
        for import_id, age in ages.items():
            at = utc_now() - age - timedelta(hours=1)
            tx.session.execute(update(NeedImport).where(NeedImport.id == import_id).values(created_at=at))

    commands.forget_old()

    with reading(fresh.org_id) as tx:
        assert list(tx.session.scalars(select(NeedImport.id))) == [young]
    assert texts(fresh) == ["b"]


def test_the_refused_rows_come_back_with_their_reasons_and_cannot_run_anything(
    app: Flask, fresh: Firm
) -> None:
    import_id = give(fresh, b"type,text,value\nlamps,=1+1,many\nlamps,ok,1\nlamps,broken \xff,1\n")
    commands.start(fresh["sales"], import_id)

    with app.test_request_context():
        lines = "".join(queries.refused_rows(found(fresh, import_id))).splitlines()

    assert lines[0].lstrip("\ufeff") == "line,reason,type,text,value"
    assert lines[1].startswith("2,value: 'many' is not a number")
    assert lines[1].endswith(",lamps,'=1+1,many")
    assert len(lines) == 2


def test_refused_rows_that_were_put_right_are_read_as_the_file_they_come_from(
    app: Flask, fresh: Firm
) -> None:
    given = give(fresh, "Sparte,Wunsch,Preis\nlamps,- ten of them for the hall please,many\n")
    chosen = choices.of(found(fresh, given).choices)
    commands.choose(
        fresh["sales"], given, replace(chosen, mapping=["need_type", "text", "value"], decimal_mark=",")
    )
    commands.start(fresh["sales"], given)
    with app.test_request_context():
        refused = "".join(queries.refused_rows(found(fresh, given)))

    again = give(fresh, refused.replace(",many", ",5"))
    chosen = choices.of(found(fresh, again).choices)
    commands.start(fresh["sales"], again)

    assert chosen.mapping == ["", "", "need_type", "text", "value"]
    assert texts(fresh) == ["- ten of them for the hall please"]


def test_why_a_row_was_refused_is_never_guessed_to_be_what_a_customer_said(fresh: Firm) -> None:
    given = give(
        fresh, "line,reason,Sparte,Wunsch\n2,value: is not a number of that many digits,a,Ten lamps\n"
    )

    assert choices.of(found(fresh, given).choices).mapping == ["", "", "", ""]


def test_one_business_does_not_see_the_files_of_another(fresh: Firm, stranger: Firm) -> None:
    import_id = give(fresh, "type,text\na,b\n")

    with pytest.raises(NotFoundError):
        commands.start(stranger["sales"], import_id)
    with reading(stranger.org_id) as tx, pytest.raises(NotFoundError):
        queries.get_import(tx, import_id)
    assert running.advance(fresh.org_id, uuid4())
