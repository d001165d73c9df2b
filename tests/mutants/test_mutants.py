"""The table of mutants cannot rot: each still breaks exactly one place of the engine as it is."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from tests.mutants.running import ROOT
from tests.mutants.table import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_breaks_one_place_and_is_still_python(mutant: Mutant) -> None:
    text = (ROOT / mutant.file).read_text("utf-8")

    assert text.count(mutant.old) == 1
    broken = mutant.applied_to(text)
    assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(text))


def test_there_are_enough_of_them_and_none_stands_twice() -> None:
    assert len(MUTANTS) >= 60
    assert max(Counter((each.file, each.old, each.new) for each in MUTANTS).values()) == 1
    assert len({str(each) for each in MUTANTS}) == len(MUTANTS)
