"""A file's first bytes tell how it is written."""

from __future__ import annotations

import io
import random
from collections import Counter

import pytest

from app.errors import InvalidError
from app.needs.imports import beginning, columns
from app.needs.imports.occurrences import Occurrences
from app.needs.imports.rows import rows_of

CHINESE = "需求类型,客户,描述\n办公家具,北京星河科技,需要十二把人体工学椅，三月前送到\n"
GERMAN = "Typ;Kunde;Größe\nMöbel;Müller & Söhne;Stühle für 12 Plätze, früh geliefert\n"


@pytest.mark.parametrize(
    ("content", "encoding", "separator"),
    [
        pytest.param(CHINESE.encode(), "utf-8", ",", id="Chinese in UTF-8"),
        pytest.param(CHINESE.encode("utf-8-sig"), "utf-8", ",", id="with a byte order mark"),
        pytest.param(CHINESE.encode("gb18030"), "gb18030", ",", id="Chinese as Excel writes it in China"),
        pytest.param(GERMAN.encode("cp1252"), "cp1252", ";", id="German as Excel writes it in Germany"),
        pytest.param(GERMAN.encode(), "utf-8", ";", id="German in UTF-8"),
        pytest.param(b"type\ttext\nx\ty, z; w\n", "utf-8", "\t", id="tabs"),
    ],
)
def test_encoding_and_separator_are_found_out(content: bytes, encoding: str, separator: str) -> None:
    found = beginning.read(content).shape

    assert (found.encoding, found.separator) == (encoding, separator)


def test_a_character_cut_at_the_end_of_the_sample_makes_no_other_encoding() -> None:
    assert beginning.read(CHINESE.encode()[:-3]).shape.encoding == "utf-8"


@pytest.mark.parametrize("content", ["a,b\n".encode("utf-16"), b"a,b\x00\n"], ids=["UTF-16", "NUL"])
def test_what_is_no_text_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidError) as refused:
        beginning.read(content)

    assert "save it as" in refused.value.fields["file"][0]


def test_columns_are_guessed_once_each_whatever_their_spelling() -> None:
    assert columns.guess(["Created At", "客户", "Customer-Name", "TEXT", "colour"]) == [
        "created_on",
        "customer",
        "",
        "text",
        "",
    ]
    assert columns.known_by(["A b", "c"]) == columns.known_by(["C", "a_B"]) != columns.known_by(["a"])


@pytest.mark.parametrize(
    ("content", "mapping"),
    [
        pytest.param(
            "Type,Town,What they said\nlamps,New York,Ten lamps for the hall by May\n",
            ["need_type", "", "text"],
            id="sentences",
        ),
        pytest.param(
            "类型,城市,客户原话\n灯具,上海,五月前要十盏灯\n", ["need_type", "", "text"], id="Chinese"
        ),
        pytest.param(
            "text,remark\nTen lamps,the customer called twice about it\n", ["text", ""], id="named already"
        ),
        pytest.param("Type,Town\nlamps,New York\n", ["need_type", ""], id="no sentences"),
        pytest.param("Type\n", ["need_type"], id="no rows"),
    ],
)
def test_the_text_is_found_by_what_a_column_holds(content: str, mapping: list[str]) -> None:
    assert beginning.read(content.encode()).guessed() == mapping


@pytest.mark.parametrize(
    ("content", "separator", "header", "line"),
    [
        pytest.param("Needs of 2026\n\nType,Text\na,b\n", ",", ["Type", "Text"], 3, id="a title"),
        pytest.param("Needs of 2026,,\n,,\nSorte,Wunsch\na,b\n", ",", ["Sorte", "Wunsch"], 3, id="foreign"),
        pytest.param("Needs; July\nType;Text\na;b, c, d, e\n", ";", ["Type", "Text"], 2, id="in two cells"),
        pytest.param("Needs, July\nType;Text\na;b\n", ";", ["Type", "Text"], 2, id="with another separator"),
        pytest.param("Text\nten lamps\ntwo, or three\n", ",", ["Text"], 1, id="one column"),
        pytest.param("Wish\nten lamps\ntwo, or three\n", ",", ["Wish"], 1, id="one foreign column"),
        pytest.param("a,b\nc,d\n", ",", ["a", "b"], 1, id="nothing known"),
        pytest.param("", ",", [], 0, id="nothing"),
    ],
)
def test_the_header_is_found_below_a_title(
    content: str, separator: str, header: list[str], line: int
) -> None:
    found = beginning.read(content.encode())

    assert (found.shape.separator, found.header, found.line) == (separator, header, line)
    assert not any(row.error for row in found.rows if header == ["Type", "Text"])


def test_reading_goes_on_where_it_stopped() -> None:
    content = b'type,text\na,"two\nlines"\nb,x\n\nc,y\n'
    began = beginning.read(content)
    rows = [*rows_of(io.BytesIO(content[began.offset :]), began.shape, 2, began.offset, began.line)]

    stream = io.BytesIO(content)
    stream.seek(rows[0].offset)
    rest = [*rows_of(stream, began.shape, 2, rows[0].offset, rows[0].next_line)]

    assert rest == rows[1:]
    assert [row.line for row in rows] == [2, 4, 6]


def test_quotes_that_are_not_closed_cost_the_lines_they_swallowed_and_name_them() -> None:
    content = b'type,text\na,"never closed\n' + b"b,x\n" * 40_000 + b"c,last\n"

    rows = [*rows_of(io.BytesIO(content), beginning.read(content).shape, 2, 0, 0)]

    broken = next(row for row in rows if row.error)
    assert broken.line == 2
    assert broken.error
    assert f"lines 2 to {broken.next_line} are one cell" in broken.error.message
    assert rows[-1].cells == ["c", "last"]


@pytest.mark.parametrize(
    ("end", "last"), [('b,"two\nc,three\nd,four\n', 5), ('b,"two\nc,three', 4), ('b,"two', 3)]
)
def test_quotes_that_the_end_of_the_file_leaves_open_swallow_no_row_silently(end: str, last: int) -> None:
    content = f"type,text\na,one\n{end}".encode()

    began = beginning.read(content)

    assert [row.error is None for row in began.rows] == [True, False]
    assert f"lines 3 to {last} are one cell" in str(began.rows[1].error)


def test_quotes_that_another_cell_closes_lines_later_swallow_no_row_silently() -> None:
    began = beginning.read(b'type,text\na,"never closed\nb,two\nc,"three"\nd,four\ne,"five" or so\n')

    assert [(row.line, row.cells) for row in began.rows if not row.error] == [
        (5, ["d", "four"]),
        (6, ["e", "five or so"]),
    ]
    assert "lines 2 to 4 are one cell" in str(began.rows[0].error)


def test_a_return_within_a_cell_of_the_first_rows_is_part_of_it() -> None:
    began = beginning.read(b'type;text\na;"two\rlines"\nb;un\rquoted\n')

    assert began.header == ["type", "text"]
    assert [row.error is None for row in began.rows] == [True, False]
    assert began.rows[0].cells == ["a", "two\rlines"]


def test_a_quoted_cell_may_end_the_file() -> None:
    rows = beginning.read(b'type,text\na,"one\n\ntwo"\nb,"x ""y"""').rows

    assert [row.error for row in rows] == [None, None]
    assert [row.cells[1] for row in rows] == ["one\n\ntwo", 'x "y"']


def test_a_line_without_end_costs_itself() -> None:
    content = b"type,text\n" + b"x," * 2_000_000 + b"\nc,last\n"

    rows = [*rows_of(io.BytesIO(content), beginning.read(content[:100]).shape, 2, 0, 0)]

    assert [row.error.message if row.error else row.cells[1] for row in rows] == [
        "text",
        "is longer than anything that is read",
        "last",
    ]


def test_occurrences_are_counted_as_a_dictionary_would() -> None:
    numbers = random.Random(7)
    keys = [numbers.randrange(-(1 << 63), 1 << 63) for _ in range(5_000)] + [0, 1 << 12, 0]
    counted, plain = Occurrences(), Counter[int]()

    for key in keys + keys[:100]:
        plain[key] += 1
        before = counted.before([key])
        assert before == {key: plain[key] - 1}
        counted.keep(None, before, {key: plain[key]})
