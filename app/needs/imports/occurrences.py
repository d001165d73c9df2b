"""How often each content came before in a file, in some thirty bytes a row at most."""

from __future__ import annotations

from array import array

FIRST_SLOTS = 1 << 12


class Occurrences:
    """Counts contents by eight bytes of their digests.

    Two contents that agree in those (one pair in a billion files of a million rows) count as one: the second
    is then known by another number, which is as good.
    """

    def __init__(self) -> None:
        self._resize(FIRST_SLOTS)

    def _resize(self, slots: int) -> None:
        self._mask, self._used = slots - 1, 0
        self._keys, self._counts = array("Q", bytes(8 * slots)), array("I", bytes(4 * slots))

    def count(self, key: int) -> int:
        """Count one more of this key; return how many there are now."""
        if 3 * self._used > 2 * self._mask:
            self._grow()
        at = self._slot(key)
        if not self._counts[at]:
            self._keys[at] = key
            self._used += 1
        self._counts[at] += 1
        return self._counts[at]

    def _slot(self, key: int) -> int:
        at = key & self._mask
        while self._counts[at] and self._keys[at] != key:
            at = (at + 1) & self._mask
        return at

    def _grow(self) -> None:
        keys, counts = self._keys, self._counts
        self._resize(2 * len(keys))
        for key, count in zip(keys, counts, strict=True):
            if count:
                at = self._slot(key)
                self._keys[at], self._counts[at] = key, count
                self._used += 1
