"""Random walks through random diagrams, in three engines at once: 500 here, 10,000 in `make test-long`."""

from __future__ import annotations

import pytest

from tests.workflows.walking import Walk


@pytest.mark.untraced
@pytest.mark.parametrize("first", range(0, 500, 50))
def test_an_instance_moves_as_the_standard_says_and_as_if_it_were_never_saved(first: int) -> None:
    _walk(range(first, first + 50))


@pytest.mark.long
@pytest.mark.parametrize("first", range(500, 10_500, 500))
def test_it_does_so_in_ten_thousand_walks(first: int) -> None:
    _walk(range(first, first + 500))


def _walk(seeds: range) -> None:
    for seed in seeds:
        found = Walk(seed).differences()
        assert not found, "\n".join([f"seed {seed}", *found])
