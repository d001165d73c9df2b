"""How large a pattern becomes: its repetitions are written out before it runs, which can take all memory."""

import re
from typing import Final

_REPETITION: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}", re.ASCII)
_CATEGORY: Final = 100
"""A category such as `\\p{L}` is hundreds of ranges of characters."""
_SUBTRACTION: Final = 2_000
"""A class taken from a class, such as `[\\w-[\\d]]`, is computed character by character."""


def weigh(pattern: str) -> int:
    """Count the characters, classes and groups of a pattern, each as often as its repetitions ask for it."""
    return _Weighing(pattern).total()


class _Weighing:
    """Walks a pattern once; it need not be a right one."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.groups = [0]
        self.last = 0

    def total(self) -> int:
        position = 0
        while position < len(self.pattern):
            position = self._step(position)
        return sum(self.groups)

    def _step(self, position: int) -> int:
        """Weigh what stands at a position, and return the position behind it."""
        character = self.pattern[position]
        repetition = _REPETITION.match(self.pattern, position)
        if repetition:
            count = max(int(repetition[1]), int(repetition[2] or 0), 1)
            self.groups[-1] += self.last * (count - 1)
            self.last *= count
            return repetition.end()
        if character == "[":
            return self._class(position)
        if character == "(":
            self.groups.append(0)
        elif character == ")" and len(self.groups) > 1:
            self._add(self.groups.pop() + 1)
        elif character not in "*+?|":
            self._add(self._single(position))
        return position + 1 + (character == "\\")

    def _class(self, start: int) -> int:
        depth, weight, position = 0, 0, start
        while position < len(self.pattern):
            character = self.pattern[position]
            depth += (character == "[") - (character == "]")
            if character == "[":
                weight += _SUBTRACTION if position > start else 0
            elif character != "]":
                weight += self._single(position)
            position += 1 + (character == "\\")
            if depth == 0:
                break
        self._add(weight)
        return position

    def _single(self, position: int) -> int:
        return _CATEGORY if self.pattern[position : position + 2] in {"\\p", "\\P"} else 1

    def _add(self, weight: int) -> None:
        self.last = weight
        self.groups[-1] += weight
