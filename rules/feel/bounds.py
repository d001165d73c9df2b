"""How much one text or one evaluation may ask for, so that no rule can stop a worker."""

from typing import Final

TEXT: Final = 10_000
DEPTH: Final = 60
CHAIN: Final = 100
"""Operators of one kind in a row, such as `a + b + c`; `and` and `or` are flat and have no such bound."""
NODES: Final = 5_000
STEPS: Final = 100_000
RANGE: Final = 10_000
LIST: Final = 50_000
PARTS: Final = 200_000
"""Of one value, counted all the way down."""
STRING: Final = 100_000
CALLS: Final = 100
YEAR: Final = 999_999_999
PATTERN: Final = 200
PATTERN_INPUT: Final = 10_000
PATTERN_CATEGORIES: Final = 10
"""Of characters, such as `\\p{L}`, in one pattern: each is hundreds of ranges."""
PATTERN_WEIGHT: Final = 20_000
"""Characters, classes and groups of a pattern once its repetitions are written out."""
PATTERN_SECONDS: Final = 0.1
"""Of all patterns in one evaluation together."""
COMPILED: Final = 4_096
"""Compiled expressions that one process keeps."""
