"""Random walks through random diagrams, in several engines at once: some here, more in `make test-long`."""

from __future__ import annotations

import pytest

from tests.workflows.walking import Walk
from tests.workflows.walking_all import Story


@pytest.mark.untraced
@pytest.mark.parametrize("first", range(0, 500, 50))
def test_an_instance_moves_as_the_standard_says_and_as_if_it_were_never_saved(first: int) -> None:
    _walk(Walk, range(first, first + 50))


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", range(500, 10_500, 500))
def test_it_does_so_in_ten_thousand_walks(first: int) -> None:
    _walk(Walk, range(first, first + 500))


@pytest.mark.untraced
@pytest.mark.parametrize("first", range(0, 100, 20))
def test_whatever_is_drawn_an_instance_moves_as_if_it_were_never_saved(first: int) -> None:
    _walk(Story, range(first, first + 20))


@pytest.mark.long
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("first", range(100, 3_100, 250))
def test_whatever_is_drawn_it_does_so_in_three_thousand_stories(first: int) -> None:
    _walk(Story, range(first, first + 250))


def _walk(kind: type[Walk] | type[Story], seeds: range) -> None:
    for seed in seeds:
        found = kind(seed).differences()
        assert not found, "\n".join([f"seed {seed}", *found])
