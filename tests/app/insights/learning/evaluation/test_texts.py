"""Texts are measured by folds or on a test file given apart, and a bad file is named with column and row."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import pytest

from app.insights.learning.errors import MisshapenFileError, TooLittleDataError
from app.insights.learning.evaluation import Files, Report
from app.insights.learning.evaluation.texts import evaluate
from tests.app.insights.learning.texts.saying import STRANGE, some


def _write(file: Path, count: int, seed: int = 0) -> Path:
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "category"])
        texts, types = some(count, seed)
        writer.writerows(
            (f"{text} {number}", kind) for number, (text, kind) in enumerate(zip(texts, types, strict=True))
        )
    return file


def _measure(files: Files) -> Report:
    return evaluate(files, 1, lambda line: None)


def test_one_file_is_measured_by_folds_with_strangers_beside_it(tmp_path: Path) -> None:
    foreign = tmp_path / "nlupp_hotels"
    foreign.mkdir()
    (foreign / "fold0.json").write_text(json.dumps([{"text": text} for text in STRANGE]))

    report = _measure(Files(whole=_write(tmp_path / "texts.csv", 80)))

    assert report.figures["need.accuracy"] > 0.6
    assert report.figures["need.foreign_auroc"] > 0.6
    assert report.figures["need.milliseconds"] < 500
    assert report.figures["need.accuracy_5_per_type"] <= 1
    assert {"need.nmi", "need.nmi_chosen", "need.oos_auroc", "need.confidence_ece"} <= set(report.figures)
    assert [each.what.split(",")[0] for each in report.comparisons] == ["type of a text", "themes", "themes"]


def test_training_and_test_may_be_given_apart(tmp_path: Path) -> None:
    train, test = _write(tmp_path / "train.csv", 70), _write(tmp_path / "test.csv", 30, seed=3)

    report = _measure(Files(train=train, test=test))

    assert report.figures["need.accuracy"] > 0.6
    assert "need.foreign_auroc" not in report.figures
    assert "given apart" in report.notes[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("text,kind\na,b\n", "category: there is no such column", id="no category"),
        pytest.param("text,category\na,b\n ,b\n", "text: row 2 is empty", id="an empty text"),
        pytest.param("", "cannot be read as CSV", id="nothing"),
        pytest.param("text,category\n", "has no rows", id="no rows"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "texts.csv"
    file.write_text(text)

    with pytest.raises(MisshapenFileError, match=problem):
        _measure(Files(whole=file))


def test_a_test_of_few_types_says_nothing_of_those_that_it_does_not_have(tmp_path: Path) -> None:
    train, test = _write(tmp_path / "train.csv", 70), tmp_path / "test.csv"
    rows = train.read_text().splitlines()
    kinds = sorted({row.rsplit(",", 1)[1] for row in rows[1:]})
    reports = []
    for kind in kinds:
        test.write_text("\n".join([rows[0], *(row for row in rows if row.endswith(f",{kind}"))]) + "\n")
        reports.append(_measure(Files(train=train, test=test)))

    assert all(math.isfinite(value) for report in reports for value in report.figures.values())
    assert any("need.oos_auroc" not in report.figures for report in reports)
    assert any("The test has no text of theirs" in report.notes[1] for report in reports)


def test_texts_of_one_type_are_refused_whole_or_apart(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,category\n" + "a word,b\n" * 30)

    for files in (Files(whole=file), Files(train=file, test=file)):
        with pytest.raises(TooLittleDataError, match="too few types of texts: 1, and 2 are needed"):
            _measure(files)


def test_a_type_of_too_few_texts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "texts.csv"
    file.write_text("text,category\n" + "a,b\n" * 5 + "c,d\n" * 4)

    with pytest.raises(TooLittleDataError) as caught:
        _measure(Files(whole=file))

    assert (caught.value.there, caught.value.needed) == (4, 5)
