"""Which cases no rule covers: rules are boxes in the space of the inputs, and what is left over is searched.

After Calvanese et al., "Semantics and Analysis of DMN Decision Tables" (BPM 2016, arXiv 1603.07466): the
space is gone through column by column, keeping the rules that are still possible.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Box: TypeAlias = tuple[int, ...]
"""A set of segments for each column."""

WORK: Final = 400_000
FOUND: Final = 50


@dataclass(slots=True)
class _Search:
    """One search: how it is cut, what it has already answered, and how much work is left to it."""

    space: Box
    holding: Sequence[Sequence[int]]
    """For each column and segment, the boxes that hold it, as bits."""
    filling: Sequence[int]
    """For each column, the boxes that hold all of the space from that column on, as bits."""
    work: int = WORK
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
        segments, holding = self.space[column], self.holding[column]
        self.work -= segments.bit_count()
        while segments:
            lowest = segments & -segments
            segments ^= lowest
            left = possible & holding[lowest.bit_length() - 1]
            alike[left] = alike.get(left, 0) | lowest
        missing: dict[Box, int] = {}
        for left, together in alike.items():
            if self.work < 0:
                break
            for rest in self.uncovered(column + 1, left):
                missing[rest] = missing.get(rest, 0) | together
        return tuple((together, *rest) for rest, together in list(missing.items())[:FOUND])


def uncovered(space: Box, boxes: Sequence[Box]) -> tuple[tuple[Box, ...], bool]:
    """Return boxes of the space that none of these covers, and whether all of the space was gone through."""
    holding = [_holding(segments, [box[column] for box in boxes]) for column, segments in enumerate(space)]
    filling = [0] * len(space)
    full = (1 << len(boxes)) - 1
    for column in reversed(range(len(space))):
        for number, box in enumerate(boxes):
            if space[column] & ~box[column]:
                full &= ~(1 << number)
        filling[column] = full
    search = _Search(space, holding, filling)
    return search.uncovered(0, (1 << len(boxes)) - 1), search.work >= 0


def meeting(one: Box, other: Box) -> Box | None:
    """Return what two boxes share."""
    shared = tuple(left & right for left, right in zip(one, other, strict=True))
    return shared if all(shared) else None


def _holding(space: int, masks: Sequence[int]) -> list[int]:
    holding = [0] * space.bit_length()
    for number, mask in enumerate(masks):
        segments, bit = mask & space, 1 << number
        while segments:
            lowest = segments & -segments
            segments ^= lowest
            holding[lowest.bit_length() - 1] |= bit
    return holding
