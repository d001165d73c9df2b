"""Whatever operators do to instances of whatever diagram: nothing breaks, now or later, and all is told."""

from __future__ import annotations

import pytest

from tests.workflows.meddling import Meddling


@pytest.mark.untraced
@pytest.mark.parametrize(
    "hundred", [0, pytest.param(1, marks=pytest.mark.long), pytest.param(2, marks=pytest.mark.long)]
)
def test_what_is_told_is_what_stands_whatever_an_operator_does(hundred: int) -> None:
    many = 150 if hundred == 0 else 2_000

    for seed in range(hundred * 10_000, hundred * 10_000 + many):
        assert Meddling(seed).faults() == []
