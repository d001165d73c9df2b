"""A column's values, cut at every value that a cell names: inside a segment no cell tells values apart.

A set of segments is the bits of an int, so that intersections and unions cost one operation.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rules.dmn.analysis.kinds import ORDERED, Interval, key_of, literal
from rules.feel.types import BOOLEAN, Simple

OTHER: Final = "another value"


@dataclass(frozen=True, slots=True)
class Domain:
    """The segments of one column.

    Of an ordered kind with points p1 < p2 < … they are: below p1, p1, between p1 and p2, p2, …, above the
    last. Of strings: each point, and all others. Of booleans: false and true. Of a kind that is not known
    there is one segment. Null, where a cell asks for it, is the last.
    """

    kind: Simple | None
    points: tuple[Any, ...]
    has_null: bool
    keys: tuple[Any, ...]
    everything: int = field(init=False, default=0)
    """All segments that hold a value, null among them."""

    def __post_init__(self) -> None:
        found = (1 << self._count) - 1
        if self.ordered:
            for index in range(0, self._count, 2):
                if self._interval(index).is_empty:
                    found &= ~(1 << index)
        object.__setattr__(self, "everything", found | self.null)

    @property
    def ordered(self) -> bool:
        return self.kind in ORDERED

    @property
    def null(self) -> int:
        return 1 << self._count if self.has_null else 0

    def matching(self, symbol: str, value: Any) -> int:
        """Return the segments whose values compare so with a point."""
        if not self.ordered:
            same = 1 << self.points.index(value)
            return same if symbol == "=" else self.everything & ~same
        here = 2 * bisect_left(self.keys, key_of(value)) + 1
        below, same = (1 << here) - 1, 1 << here
        above = ((1 << self._count) - 1) & ~(below | same)
        chosen = {
            "<": below,
            "<=": below | same,
            ">": above,
            ">=": above | same,
            "=": same,
            "!=": below | above | self.null,
        }
        return chosen[symbol] & self.everything

    def segment_of(self, value: Any) -> int:
        """Return the segment of an ordered domain that a value lies in."""
        key = key_of(value)
        place = bisect_left(self.keys, key)
        return 1 << 2 * place + (place < len(self.keys) and self.keys[place] == key)

    def edges(self, segments: int) -> Iterator[Any]:
        """Go through the points of an ordered domain at which a set of segments begins or ends."""
        for place, point in enumerate(self.points):
            if segments >> 2 * place & 0b111 not in {0b000, 0b111}:
                yield point

    def sample(self, segments: int) -> Any:
        """Return one value out of a set of segments: a named one where there is one."""
        indexes = list(bits(segments))
        named = [index for index in indexes if self._point(index) is not None]
        index = named[0] if named else indexes[0]
        if self.has_null and index == self._count:
            return None
        point = self._point(index)
        if point is not None:
            return point
        return self._interval(index).sample() if self.ordered else OTHER

    def probes(self, segments: int) -> Iterator[Any]:
        """Go through some values of a set of segments, several out of each range."""
        for index in bits(segments):
            point = self._point(index)
            if point is not None:
                yield point
            elif self.ordered and index < self._count:
                yield from self._interval(index).probes()

    def text(self, segments: int) -> str:
        """Write some of a known kind's segments, not all, as the cell that would accept them."""
        if self.ordered:
            parts = [
                self._range_text(first, last) for first, last in _runs(segments & ~self.null, self._gaps)
            ]
        else:
            named = [index for index in bits(segments & ~self.null) if self._point(index) is not None]
            if len(named) < (segments & ~self.null).bit_count():
                missing = bits(self.everything & ~segments)
                return f"not({','.join(literal(self._point(index)) for index in missing)})"
            parts = [literal(self._point(index)) for index in named]
        return ",".join([*parts, *(["null"] if segments & self.null else [])])

    @property
    def _count(self) -> int:
        """Return how many segments hold something else than null."""
        if self.kind is None:
            return 1
        if self.ordered:
            return 2 * len(self.points) + 1
        return len(self.points) + (self.kind is not BOOLEAN)

    @property
    def _gaps(self) -> int:
        """Return the segments that hold nothing, over which a range may run."""
        return ((1 << self._count) - 1) & ~self.everything

    def _point(self, index: int) -> Any | None:
        if self.ordered:
            return self.points[index // 2] if index % 2 and index < self._count else None
        return self.points[index] if index < len(self.points) else None

    def _interval(self, index: int) -> Interval:
        place = index // 2
        low = self.points[place - 1] if place else None
        high = self.points[place] if place < len(self.points) else None
        return Interval(self.kind, low, high)  # type: ignore[arg-type] # an ordered domain has a kind

    def _range_text(self, first: int, last: int) -> str:
        low, high = self._interval(first).low, self._interval(last).high
        if first % 2:
            low = self._point(first)
        if last % 2:
            high = self._point(last)
        if first == last and first % 2:
            return literal(low)
        if low is None:
            return f"{'<=' if last % 2 else '<'} {literal(high)}"
        if high is None:
            return f"{'>=' if first % 2 else '>'} {literal(low)}"
        opening, closing = "[" if first % 2 else "(", "]" if last % 2 else ")"
        return f"{opening}{literal(low)}..{literal(high)}{closing}"


def domain(kind: Simple | None, points: Iterable[Any], has_null: bool) -> Domain:
    """Cut a kind at its points; equal ones, such as 1 and 1.0, are one."""
    if kind is BOOLEAN:
        return Domain(kind, (False, True), has_null, ())
    if kind in ORDERED:
        by_key = {key_of(point): point for point in points}
        keys = tuple(sorted(by_key))
        return Domain(kind, tuple(by_key[key] for key in keys), has_null, keys)
    return Domain(kind, tuple(sorted(set(points))), has_null, ())


def bits(segments: int) -> Iterator[int]:
    """Go through a set of segments by their indexes."""
    while segments:
        lowest = segments & -segments
        yield lowest.bit_length() - 1
        segments ^= lowest


def _runs(segments: int, passable: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of each run of neighbours, over passable ones between them."""
    run: tuple[int, int] | None = None
    for index in bits(segments):
        if run is not None and all(passable >> between & 1 for between in range(run[1] + 1, index)):
            run = run[0], index
            continue
        if run is not None:
            yield run
        run = index, index
    if run is not None:
        yield run
