"""`placet insights clusters` adds a table up by type and groups its rows, or says where the file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tasks.cli import placet
from tasks.errors import InsightsError

GOOD = """need_type,quantity,amount,note
lighting,3,100.10,lamps
lighting,4,120.20,
chairs,30,1000,"two
lines"
chairs,33,,none
desks,300,10000,x
desks,290,9000.5,y
"""


def _run(folder: Path, text: str | bytes, *options: str) -> Result:
    file = folder / "customer_need_data.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return CliRunner().invoke(placet, ["insights", "clusters", str(file), *options])


def test_sums_sizes_and_centres_are_shown(tmp_path: Path) -> None:
    result = _run(tmp_path, GOOD, "--k", "3")

    assert result.exit_code == 0
    assert [line.split() for line in result.output.splitlines()[:9]] == [
        ["sums", "by", "need_type"],
        ["need_type", "quantity", "amount"],
        ["chairs", "63", "1000"],
        ["desks", "590", "19000.5"],
        ["lighting", "7", "220.3"],
        [],
        ["clusters"],
        ["cluster", "size", "quantity", "amount"],
        ["1", "2", "295", "9500.25"],
    ]
    assert "1 rows with an empty number are in no cluster (line 6)" in result.output
    assert "amount decides nearly alone" in result.output


def test_scaled_columns_weigh_the_same(tmp_path: Path) -> None:
    assert "decides nearly alone" not in _run(tmp_path, GOOD, "--scaled").output


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "is empty", id="no bytes"),
        pytest.param("need_type,n\n", "holds no rows below line 1", id="only a header"),
        pytest.param("type,n\na,1\n", "need_type: there is no such column in line 1", id="no type"),
        pytest.param("need_type,n,n\na,1,2\n", "n: two columns of line 1", id="a column twice"),
        pytest.param("need_type,n\na,1\n,2\n", "need_type: line 3 is empty", id="a row without type"),
        pytest.param("need_type,n\na,1\nb,2\nc,x\n", "n: line 4: 'x' is not a number", id="a word"),
        pytest.param("need_type,n\na,1\nb,2\nc,inf\n", "n: line 4: 'inf' is not a number", id="infinity"),
        pytest.param("need_type,n\na,1\nb\n", "line 3 has 1 cells, line 1 has 2", id="a short row"),
        pytest.param("need_type,n\na,b\n", "no column of numbers", id="only words"),
        pytest.param(b"need_type,n\na,1\n\xff,2\n", "line 3 is not UTF-8", id="foreign bytes"),
        pytest.param('need_type,n\na,"1\n', "cannot be read as CSV", id="an open quote"),
        pytest.param("need_type,n\na,1\nb,1\nc,2\n", "too few different rows", id="fewer than k"),
    ],
)
def test_a_bad_file_is_told_by_column_and_line(tmp_path: Path, text: str | bytes, problem: str) -> None:
    result = _run(tmp_path, text)

    assert result.exit_code == 1
    assert isinstance(result.exception, InsightsError)
    assert problem in str(result.exception)


def test_a_file_with_semicolons_and_a_mark_of_order_is_read(tmp_path: Path) -> None:
    result = _run(tmp_path, "\ufeffneed_type;n\na;1\nb;2\n\nc;3\n")

    assert result.exit_code == 0
    assert "cluster  size  n" in result.output
