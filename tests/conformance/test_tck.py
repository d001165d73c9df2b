"""The DMN Technology Compatibility Kit, as a promise that is kept with every change."""

from pathlib import Path

import pytest

from tests.conformance.shared import shared
from tests.conformance.tck import Result, folders_in, run_folder

EXTERNAL = "0076-feel-external-java"
"""Its cases want Java run from a model; here that is null with a warning, by design."""


def failures(root: Path, level: str) -> list[Result]:
    folders = [folder for found, folder in folders_in(root) if found == level and folder.name != EXTERNAL]
    assert folders
    return [result for folder in folders for result in run_folder(folder) if not result.passed]


@pytest.mark.shared
def test_level_2_passes_whole() -> None:
    assert [result.case.name for result in failures(shared("tck"), "2")] == []


@pytest.mark.shared
@pytest.mark.timeout(60)
def test_level_3_passes_save_functions_in_java() -> None:
    assert [result.case.name for result in failures(shared("tck"), "3")] == []


@pytest.mark.shared
def test_functions_in_java_are_null_with_a_reason() -> None:
    (folder,) = [folder for _, folder in folders_in(shared("tck"), [EXTERNAL])]

    for result in run_folder(folder):
        assert result.passed or (result.got.value is None and result.got.warnings), result.case.name
