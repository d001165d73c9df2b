"""Which cases no rule covers: rules are boxes in the space of the inputs, and what is left over is searched.

After Calvanese et al., "Semantics and Analysis of DMN Decision Tables" (BPM 2016, arXiv 1603.07466): the
space is gone through column by column, keeping the rules that are still possible.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from rules.dmn.analysis.domains import bits

Box: TypeAlias = tuple[int, ...]
"""A set of segments for each column."""

WORK: Final = 200_000
"""Segments that one search may look at, some tenths of a second."""

COLUMNS: Final = 150
"""Columns that a search goes through, each with calls of its own."""


class Cover:
    """Boxes, ready to be asked what they leave uncovered."""

    def __init__(self, boxes: Sequence[Box], columns: int) -> None:
        self._boxes = boxes
        self._holding = [_holding([box[column] for box in boxes]) for column in range(columns)]

    def uncovered(self, space: Box, wanted: int, chosen: Sequence[int]) -> "Uncovered":
        """Look for what none of the boxes with these numbers covers.

        Fewer than `wanted` boxes are all there are, if the work was enough.
        """
        if len(space) > COLUMNS:
            return Uncovered((), False)
        search = _Search(space, self._holding, self._filling(space, chosen), wanted, WORK)
        found = search.uncovered(0, sum(1 << number for number in chosen))[:wanted]
        return Uncovered(found, search.work >= 0)

    def _filling(self, space: Box, chosen: Sequence[int]) -> list[int]:
        """Return for each column the boxes that hold all of the space from that column on."""
        left, filling = chosen, [0] * len(space)
        for column in reversed(range(len(space))):
            left = [number for number in left if not space[column] & ~self._boxes[number][column]]
            filling[column] = sum(1 << number for number in left)
        return filling


@dataclass(frozen=True, slots=True)
class Uncovered:
    """What a search found, and whether its work was enough to find all that was wanted."""

    boxes: tuple[Box, ...]
    whole: bool


@dataclass(slots=True)
class _Search:
    """One search: how it is cut, what it has already answered, and how much work is left to it."""

    space: Box
    holding: Sequence[Mapping[int, int]]
    """For each column and segment, the boxes that hold it, as bits."""
    filling: Sequence[int]
    wanted: int
    """With so many boxes found, wherever, the search goes no further there."""
    work: int
    known: dict[tuple[int, int], tuple[Box, ...]] = field(default_factory=dict)

    def uncovered(self, column: int, possible: int) -> tuple[Box, ...]:
        if column == len(self.space):
            return () if possible else ((),)
        if possible & self.filling[column]:
            return ()
        if not possible:
            return (self.space[column:],)
        found = self.known.get((column, possible))
        if found is None:
            found = self.known[column, possible] = self._cut(column, possible)
        return found

    def _cut(self, column: int, possible: int) -> tuple[Box, ...]:
        """Search what lies behind each segment; segments behind which the same is missing stay together."""
        alike: dict[int, int] = {}
        self.work -= self.space[column].bit_count()
        for index in bits(self.space[column]):
            left = possible & self.holding[column][index]
            alike[left] = alike.get(left, 0) | 1 << index
        missing: dict[Box, int] = {}
        for left, together in alike.items():
            if self.work < 0 or len(missing) >= self.wanted:
                break
            for rest in self.uncovered(column + 1, left):
                missing[rest] = missing.get(rest, 0) | together
        return tuple((together, *rest) for rest, together in missing.items())


def meeting(one: Box, other: Box) -> Box | None:
    """Return what two boxes share."""
    shared = tuple(left & right for left, right in zip(one, other, strict=True))
    return shared if all(shared) else None


def _holding(masks: Sequence[int]) -> defaultdict[int, int]:
    """Return for each segment the boxes that hold it, as bits."""
    holding: defaultdict[int, int] = defaultdict(int)
    for number, mask in enumerate(masks):
        for index in bits(mask):
            holding[index] |= 1 << number
    return holding
