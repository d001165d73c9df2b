"""`placet insights evaluate` measures what it is given, and says what it could not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.insights.learning.errors import MisshapenFileError
from app.insights.learning.evaluation import Comparison, Files, Report, Say, Subject
from app.wording import worded
from tasks.cli import placet
from tasks.commands.insights import evaluate
from tasks.errors import InsightsError


def _counted(files: Files, seed: int, say: Say) -> Report:
    """Measure how many lines there are: training counts for the baseline."""
    train, test = files.parts or (files.needed(), files.needed())
    say(f"reading {test.name}")
    lines = [float(len(each.read_text().splitlines())) for each in (train, test)]
    if not lines[1]:
        raise MisshapenFileError(test, worded("is not there"), column="text")
    rows = (Comparison("lines", lines[1], lines[0], "lines of training"),)
    return Report({"lines.count": lines[1], "lines.seed": float(seed)}, rows, ("counted once",))


LINES = Subject("lines", "texts", "lines*.txt", _counted)
OTHERS = Subject("others", "log", "others*.txt", _counted)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lines_1.txt").write_text("a\nb\n")
    return tmp_path


def test_figures_are_printed_and_written_and_a_subject_without_a_file_is_named(folder: Path) -> None:
    said: list[str] = []
    noted: list[str] = []

    evaluate(
        folder, {}, (), 7, folder / "out.json", said.append, noted.append, (LINES, OTHERS), folder / "no"
    )

    assert said == ["lines.count 2.0000", "lines.seed 7.0000"]
    written = json.loads((folder / "out.json").read_text())
    assert written["figures"] == {"lines.count": 2.0, "lines.seed": 7.0}
    assert written["comparisons"]["lines"][0]["baseline_is"] == "lines of training"
    assert "--log" in written["not_measured"]["others"]
    assert any(line.startswith("others: not measured: no others*.txt in") for line in noted)
    assert "lines: reading lines_1.txt" in noted


def test_training_and_test_may_be_given_apart(folder: Path) -> None:
    (folder / "more.txt").write_text("c\n")
    given = {"texts": Files(train=folder / "lines_1.txt", test=folder / "more.txt")}

    evaluate(None, given, (), 1, folder / "out.json", str, str, (LINES,), folder / "no")

    (row,) = json.loads((folder / "out.json").read_text())["comparisons"]["lines"]
    assert (row["value"], row["baseline"]) == (1.0, 2.0)


def test_what_a_library_cannot_take_costs_its_subject_and_no_other(folder: Path) -> None:
    def odd(files: Files, seed: int, say: Say) -> Report:
        raise ValueError("Found array with 0 features")

    subjects = (Subject("odd", "log", "lines*.txt", odd), LINES)

    with pytest.raises(InsightsError, match="odd: could not be measured: Found array with 0 features"):
        evaluate(folder, {}, (), 1, folder / "out.json", str, str, subjects, folder / "no")

    written = json.loads((folder / "out.json").read_text())
    assert written["figures"]["lines.count"] == 2
    assert list(written["not_measured"]) == ["odd"]


def test_a_misshapen_file_is_named_with_its_column_after_the_others_were_measured(folder: Path) -> None:
    (folder / "empty.txt").write_text("")
    given = {"log": Files(whole=folder / "empty.txt")}
    said: list[str] = []

    with pytest.raises(InsightsError, match=r"others: empty\.txt: text: is not there"):
        evaluate(folder, given, (), 1, None, said.append, str, (OTHERS, LINES), folder / "no")

    assert said == ["lines.count 2.0000", "lines.seed 1.0000"]


def test_two_files_of_one_name_are_too_many_to_choose_from(folder: Path) -> None:
    (folder / "lines_2.txt").write_text("a\n")

    with pytest.raises(InsightsError, match=r"lines_1\.txt, lines_2\.txt; name one of them"):
        evaluate(folder, {}, (), 1, None, str, str, (LINES,), folder / "no")


@pytest.mark.parametrize(
    ("only", "out", "message"),
    [
        pytest.param(("risky",), None, "there is no subject risky; there are lines", id="a strange subject"),
        pytest.param((), Path("/nowhere/at/all.json"), "there is no such folder", id="a strange folder"),
        pytest.param((), None, "no subject has a file", id="nothing to measure"),
    ],
)
def test_what_cannot_come_to_anything_is_refused(
    tmp_path: Path, only: tuple[str, ...], out: Path | None, message: str
) -> None:
    with pytest.raises(InsightsError, match=message):
        evaluate(tmp_path, {}, only, 1, out, str, str, (LINES,), tmp_path / "no")


def test_the_documents_table_is_replaced_and_the_rest_of_it_stays(folder: Path) -> None:
    document = folder / "insights.md"
    document.write_text("before\n<!-- measured: lines -->\nold\n<!-- end of measured: lines -->\nafter\n")

    for _ in range(2):
        evaluate(folder, {}, (), 1, None, str, str, (LINES,), document)

    text = document.read_text()
    assert (text[:7], text[-7:]) == ("before\n", "\nafter\n")
    assert "old" not in text
    assert text.count("| lines | 2 | 2 | lines of training |") == 1
    assert "- counted once" in text


def test_a_document_without_the_subjects_lines_is_left_alone(folder: Path) -> None:
    document = folder / "insights.md"
    document.write_text("before\n")

    with pytest.raises(InsightsError, match="has no lines <!-- measured: lines -->"):
        evaluate(folder, {}, (), 1, None, str, str, (LINES,), document)

    assert document.read_text() == "before\n"


def test_other_files_do_not_touch_the_document(folder: Path) -> None:
    document = folder / "insights.md"
    document.write_text("before\n")

    evaluate(
        folder, {"texts": Files(whole=folder / "lines_1.txt")}, (), 1, None, str, str, (LINES,), document
    )

    assert document.read_text() == "before\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "give --data, or a subject's file", id="nothing given"),
        pytest.param(
            ["--log-train", __file__], "give --log, or --log-train with --log-test", id="half given"
        ),
        pytest.param(["--log", __file__, "--log-test", __file__], "give --log, or", id="too much given"),
        pytest.param(["--log", "nowhere.xes"], "nowhere.xes", id="no such file"),
    ],
)
def test_a_wrong_call_says_how_it_is_called(arguments: list[str], message: str) -> None:
    called = CliRunner().invoke(placet, ["insights", "evaluate", *arguments])

    assert called.exit_code == 2
    assert message in called.output
