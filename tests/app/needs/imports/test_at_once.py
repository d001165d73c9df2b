"""Needs from a file: good rows are kept, bad ones are named by their line."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.audit.queries import list_entries
from app.audit.verifying import verify
from app.config import settings
from app.database import db, reading
from app.errors import InvalidError
from app.needs import queries
from app.needs.imports.at_once import ImportReport, StoppedError, import_needs
from app.needs.imports.batches import BATCH
from app.needs.models import Need
from app.processes.queries import HEADS
from tests.builders import Firm, a_firm
from tests.selling import a_customer


@pytest.fixture
def fresh(firm: Firm) -> Firm:
    return a_firm()


def _import(firm: Firm, text: str | bytes) -> ImportReport:
    content = text.encode() if isinstance(text, str) else text
    return import_needs(firm.org_id, firm["sales"].person_id, io.BytesIO(content), "EUR")


def _kept(firm: Firm) -> list[Need]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need).order_by(Need.number)))


def test_every_column_finds_its_place(fresh: Firm) -> None:
    customer_id = a_customer(fresh, "Northwind")
    header = "need_type,customer,text,channel,quantity,value,currency,created_on\n"

    report = _import(fresh, header + "lighting,Northwind,Twenty lamps,fair,20,970.00,usd,2026-01-31\n")

    need = _kept(fresh)[0]
    assert (report.read, report.kept, report.bad) == (1, 1, 0)
    assert (need.need_type, need.customer_id, need.customer_name) == ("lighting", customer_id, "Northwind")
    assert (need.channel, need.quantity, need.value, need.currency) == ("fair", 20, Decimal("970"), "USD")
    assert need.created_at.date().isoformat() == "2026-01-31"


def test_what_is_left_out_is_one_of_no_known_worth_in_the_business_currency(fresh: Firm) -> None:
    _import(fresh, "type,need\nlighting,A lamp\n")

    need = _kept(fresh)[0]
    assert (need.quantity, need.value, need.currency, need.channel) == (1, 0, "EUR", "import")


def test_bad_rows_are_named_and_the_good_ones_around_them_kept(fresh: Firm) -> None:
    report = _import(
        fresh,
        "need_type,text,value,currency,created_on\n"
        "lighting,First,1,EUR,\n"
        ",No type,1,EUR,\n"
        "lighting,,1,EUR,\n"
        "lighting,No number,many,EUR,\n"
        "lighting,Too little,-1,EUR,\n"
        "lighting,No money,1,euro,\n"
        "lighting,No day,1,EUR,31.13.2026\n"
        "lighting,Last,2,EUR,2026-02-01T10:00:00\n",
    )

    assert [need.text for need in _kept(fresh)] == ["First", "Last"]
    assert (report.read, report.kept, report.bad) == (8, 2, 6)
    assert [(problem.line, problem.column) for problem in report.problems] == [
        (3, "need_type"),
        (4, "text"),
        (5, "value"),
        (6, "value"),
        (7, "currency"),
        (8, "created_on"),
    ]


def test_a_row_of_several_lines_is_named_by_its_first(fresh: Firm) -> None:
    report = _import(fresh, 'need_type,text,value\nlighting,"two\nlines",1\nlighting,"three\n\nlines",x\n')

    assert [need.text for need in _kept(fresh)] == ["two\nlines"]
    assert [problem.line for problem in report.problems] == [4]


def test_a_text_cut_by_its_own_comma_is_refused_not_shortened(fresh: Firm) -> None:
    report = _import(fresh, "need_type,text\nlighting,Lamps, but only cheap ones\nlighting,Fine,,\n")

    assert [need.text for need in _kept(fresh)] == ["Fine"]
    assert [(problem.line, problem.column) for problem in report.problems] == [(2, "row")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("need_type,text\nlighting,灯\n".encode("utf-8-sig"), id="a byte order mark"),
        pytest.param("need_type;text\nlighting;灯\n".encode(), id="semicolons"),
        pytest.param("需求类型,描述\nlighting,灯\n".encode(), id="Chinese headers"),
        pytest.param(" Type , DESCRIPTION \r\nlighting,灯\r\n".encode(), id="spaces, capitals, CRLF"),
        pytest.param("need_type,text,colour\nlighting,灯,red\n".encode(), id="a column of theirs"),
        pytest.param("需求类型,描述\nlighting,灯\n".encode("gb18030"), id="GB18030"),
        pytest.param("\ufeffneed_type\ttext\nlighting\t灯\n".encode("utf-16-le"), id="Excel's Unicode text"),
        pytest.param(
            "\ufeffneed_type,text\r\nlighting,灯\r\n".encode("utf-16-be"), id="UTF-16, big end first"
        ),
        pytest.param("sep=;\nneed_type;text\nlighting;灯\n".encode(), id="Excel's separator line"),
        pytest.param("\n\nneed_type\ttext\nlighting\t灯\n".encode(), id="tabs, after empty lines"),
        pytest.param("need_type,text\rlighting,灯\r".encode(), id="ends of line of old Macintoshes"),
        pytest.param("Need-Type|Text\nlighting|灯\n".encode(), id="bars"),
        pytest.param("need_type,text\n\n  ,\nlighting,灯\n".encode(), id="empty rows"),
    ],
)
def test_files_are_taken_as_people_write_them(fresh: Firm, content: bytes) -> None:
    report = _import(fresh, content)

    assert (report.kept, report.bad) == (1, 0)
    assert _kept(fresh)[0].text == "灯"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("need_type,text\n".encode("utf-16-le"), "is in no encoding", id="UTF-16 without a mark"),
        pytest.param(b"", "no column need_type", id="nothing"),
        pytest.param(b"a,b\n1,2\n", "no column need_type", id="other columns"),
        pytest.param(b"need_type,type,text\n", "two columns are need_type", id="the same column twice"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(fresh: Firm, content: bytes, why: str) -> None:
    with pytest.raises(InvalidError) as refused:
        _import(fresh, content)

    assert why in " ".join(refused.value.fields["file"])
    assert _kept(fresh) == []


def test_a_row_in_another_encoding_costs_itself_and_not_the_file(fresh: Firm) -> None:
    rows = f"need_type,text,channel\nlighting,First,{'灯' * 20}\n".encode()
    rows += b"lighting,Stra\xdfe,fair\nlighting,Last,fair\n"

    report = _import(fresh, rows)

    assert [need.text for need in _kept(fresh)] == ["First", "Last"]
    assert [(problem.line, problem.message) for problem in report.problems] == [(3, "is not UTF-8")]


def test_a_cell_without_end_costs_itself_and_not_the_file(fresh: Firm) -> None:
    rows = b"need_type,text\nlighting,First\nlighting," + b"x" * 140_000 + b"\nlighting,Last\n"

    report = _import(fresh, rows)

    assert [need.text for need in _kept(fresh)] == ["First", "Last"]
    assert [problem.line for problem in report.problems] == [3]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1310", "1310"),
        ("1310.50", "1310.50"),
        ("1310,50", "1310.50"),
        ("1,310", "1310"),
        ("1,310.50", "1310.50"),
        ("1.310,50", "1310.50"),
        ("1 310,5", "1310.5"),
        ("12.345.678,9", "12345678.9"),
    ],
)
def test_amounts_are_read_as_people_write_them(fresh: Firm, written: str, value: str) -> None:
    _import(fresh, f"need_type;text;value\nlighting;Lamps;{written}\n")

    assert _kept(fresh)[0].value == Decimal(value)


@pytest.mark.parametrize("written", ["NaN", "1e6", "1_000", "10000000000000", "1.23456", "1,2,3", "--1"])
def test_an_amount_that_cannot_be_kept_is_refused_not_rounded(fresh: Firm, written: str) -> None:
    report = _import(fresh, f"need_type;text;value\nlighting;Lamps;{written}\n")

    assert [problem.column for problem in report.problems] == ["value"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("text", "x" * 4001),
        ("need_type", "x" * 81),
        ("customer", "x" * 191),
        ("channel", "x" * 41),
        ("text", "bell\a"),
    ],
)
def test_a_cell_that_fits_no_column_is_named(fresh: Firm, column: str, cell: str) -> None:
    row = {"need_type": "lighting", "text": "Lamps", "customer": "", "channel": "", column: cell}

    report = _import(fresh, f"{','.join(row)}\n{','.join(row.values())}\n")

    assert [(problem.line, problem.column) for problem in report.problems] == [(2, column)]


def test_a_customer_is_known_by_number_address_or_name_and_kept_as_written_else(fresh: Firm) -> None:
    first, second = a_customer(fresh, "Twice"), a_customer(fresh, "Once")
    a_customer(fresh, "Twice")

    report = _import(fresh, "need_type,text,customer\nx,a,Once\nx,b,Twice\nx,c,Somebody\nx,d,\n")

    assert [(need.customer_id, need.customer_name) for need in _kept(fresh)] == [
        (second, "Once"),
        (None, "Twice"),
        (None, "Somebody"),
        (None, ""),
    ]
    assert [(notice.line, notice.column, notice.message) for notice in report.notices] == [
        (3, "customer", "“Twice” names several customers; the need keeps the name as text"),
        (4, "customer", "“Somebody” is not known; the need keeps the name as text"),
    ]
    assert (report.kept, report.bad, report.noticed) == (4, 0, 2)
    assert first


def test_a_row_that_is_refused_is_not_told_to_be_kept(fresh: Firm) -> None:
    report = _import(
        fresh, "need_type,text,customer,value\nx,a,Somebody,-1\nx,b,Somebody,many\n,c,Somebody,1\n"
    )

    assert (report.kept, report.bad, report.noticed, report.notices) == (0, 3, 0, [])


def test_a_row_with_two_faults_is_one_row(fresh: Firm) -> None:
    report = _import(fresh, "need_type,text,value\n,,1\nx,a,1\n")

    assert (report.read, report.kept, report.bad) == (2, 1, 1)
    assert [(problem.line, problem.column) for problem in report.problems] == [(2, "need_type"), (2, "text")]


def test_an_import_gives_the_database_no_cause_to_warn(fresh: Firm) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        report = _import(fresh, "need_type,text,value\nx,a,-1\nx,b,1\n,c,1\nx,d,1\n")

    assert [need.text for need in _kept(fresh)] == ["b", "d"]
    assert report.bad == 2


class _Stream(io.RawIOBase):
    """A file of any length that is nowhere whole."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override] # what the reader gives
        line = next(self._lines, b"")
        buffer[: len(line)] = line
        return len(line)


def test_a_long_file_is_kept_batch_by_batch_and_tells_a_thousand_problems(fresh: Firm) -> None:
    def lines() -> Iterator[bytes]:
        yield b"need_type,text,value\n"
        for number in range(1500):
            yield b"lighting,Lamp,x\n" if number % 10 else b"lighting,Lamp,1\n"

    stream: IO[bytes] = io.BufferedReader(_Stream(lines()))

    report = import_needs(fresh.org_id, None, stream, "EUR")

    assert (report.read, report.kept, report.bad) == (1500, 150, 1350)
    assert len(report.problems) == 1000
    assert report.problems[-1].line > report.problems[0].line


def test_a_long_file_of_strangers_tells_a_thousand_of_them_and_counts_all(fresh: Firm) -> None:
    rows = "".join(f"x,Lamp,Stranger {number}\n" for number in range(1010))

    report = _import(fresh, "need_type,text,customer\n" + rows)

    assert (report.kept, report.noticed, len(report.notices)) == (1010, 1010, 1000)


def test_a_file_imported_again_doubles_nothing(fresh: Firm) -> None:
    text = "need_type,text,customer,value,created_on\nx,a,Somebody,1310.50,2026-01-31\nx,b,,1,\n"
    _import(fresh, text)

    again = _import(fresh, text.replace("1310.50", '"1,310.5"') + "x,c,,1,\n")

    assert [need.text for need in _kept(fresh)] == ["a", "b", "c"]
    assert (again.read, again.kept, again.bad, again.known, again.noticed) == (3, 1, 0, 2, 0)
    assert [(repeat.line, repeat.message) for repeat in again.repeats] == [
        (2, "is kept already, as N-1001"),
        (3, "is kept already, as N-1002"),
    ]


def test_equal_rows_of_one_file_are_each_kept_once(fresh: Firm) -> None:
    rows = "need_type,text\n" + "x,Lamp\n" * 3

    first, again, longer = _import(fresh, rows), _import(fresh, rows), _import(fresh, rows + "x,Lamp\n")

    assert [(each.kept, each.known) for each in (first, again, longer)] == [(3, 0), (0, 3), (1, 3)]
    assert len(_kept(fresh)) == 4


def test_what_one_business_imported_another_does_not_know(fresh: Firm) -> None:
    rows = "need_type,text\nx,Lamp\n"
    _import(a_firm(), rows)

    assert _import(fresh, rows).kept == 1


def test_columns_that_are_none_of_ours_are_named(fresh: Firm) -> None:
    report = _import(fresh, "need_type,text,Colour,,priority,\nx,a,red,,high,\n")

    assert report.ignored_columns == ["Colour", "column 4", "priority"]
    assert report.kept == 1


def test_a_cell_under_no_header_is_refused_not_dropped(fresh: Firm) -> None:
    report = _import(fresh, "need_type,text,\nx,a,lost\n")

    assert [(problem.line, problem.column) for problem in report.problems] == [(2, "row")]


def test_an_import_that_stops_says_how_far_it_came_and_goes_on_when_repeated(fresh: Firm) -> None:
    def broken() -> Iterator[bytes]:
        yield b"need_type,text\n"
        yield from (f"x,Lamp {number}\n".encode() for number in range(BATCH + 10))
        raise OSError("the disk is gone")

    with pytest.raises(StoppedError) as stopped:
        import_needs(fresh.org_id, None, io.BufferedReader(_Stream(broken())), "EUR")
    whole = "need_type,text\n" + "".join(f"x,Lamp {number}\n" for number in range(BATCH + 10))
    again = _import(fresh, whole)

    assert (stopped.value.line, stopped.value.report.kept) == (BATCH + 2, BATCH)
    assert f"line {BATCH + 2}; needs kept before it: {BATCH}." in stopped.value.message
    assert (again.kept, again.known) == (10, BATCH)


def test_a_row_more_costs_the_database_no_statement_more(fresh: Firm) -> None:
    def statements(rows: int) -> int:
        count = 0

        def counted(*_: Any) -> None:
            nonlocal count
            count += 1

        text = "need_type,text,customer\n" + "".join(f"t{rows},Lamp {n},Nobody {n}\n" for n in range(rows))
        event.listen(db.engine, "before_cursor_execute", counted)
        try:
            assert _import(fresh, text).kept == rows
        finally:
            event.remove(db.engine, "before_cursor_execute", counted)
        return count

    statements(1)

    assert statements(2) == statements(BATCH - 1)


def test_each_imported_need_is_in_its_history_and_on_record(fresh: Firm) -> None:
    _import(fresh, "need_type,text\nx,a\nx,b\n")

    with reading(fresh.org_id) as tx:
        views = [queries.get_need(tx, need.id) for need in _kept(fresh)]
        entries = list_entries(tx, action="need.added")
    assert [[event.kind for event in view.events] for view in views] == [["created"], ["created"]]
    assert {entry.detail["need"] for entry in entries} == {str(view.need.id) for view in views}
    assert list(verify(fresh.org_id, settings().audit_key, [HEADS])) == []


def test_the_api_says_in_the_readers_language_which_customers_are_not_known(
    client: FlaskClient, fresh: Firm
) -> None:
    body = {"csv": "need_type,text,customer\nlighting,Lamps,Nobody Inc\nlighting,,\n"}
    headers = {**fresh.headers("sales"), "Accept-Language": "zh-CN"}

    answer = client.post("/api/v1/needs/import", json=body, headers=headers).get_json()

    assert (answer["read"], answer["kept"], answer["bad"], answer["noticed"]) == (2, 1, 1, 1)
    assert answer["notices"] == [
        {"line": 2, "column": "customer", "message": "没有名为“Nobody Inc”的客户；需求中以文字保留此名称"}
    ]
    assert answer["problems"] == [{"line": 3, "column": "text", "message": "不能为空"}]
