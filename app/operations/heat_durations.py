"""Lengths of time counted in buckets: many days add up, and a median is found without keeping each length.

A bucket is a twentieth wider than the one before, so what is read from it is right to 2.5 percent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from math import exp, floor, log

_WIDTH = log(1.05)
AT_ONCE = -1  # below a second: nobody waited


def bucket_of(seconds: float) -> int:
    return AT_ONCE if seconds < 1 else floor(log(seconds) / _WIDTH)


def seconds_of(bucket: int) -> float:
    """Return the middle of a bucket."""
    return 0.0 if bucket == AT_ONCE else exp((bucket + 0.5) * _WIDTH)


def added(some: Mapping[str, int], more: Counter[int]) -> dict[str, int]:
    """Return kept buckets, whose names are texts as JSON's are, with more visits counted."""
    total = Counter({int(bucket): count for bucket, count in some.items()}) + more
    return {str(bucket): total[bucket] for bucket in sorted(total)}


def quantile(buckets: Mapping[int, int], share: float) -> float | None:
    """Return the length that this share of all visits does not exceed; None where there are none."""
    total = sum(buckets.values())
    if not total:
        return None
    wanted, seen = max(share * total, 1), 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return seconds_of(bucket)
    raise AssertionError("a share is at most one")
