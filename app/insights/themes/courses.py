"""Whether a theme grew or shrank, by more than chance explains; and how many needs themes take."""

from __future__ import annotations

from enum import StrEnum
from math import erfc, sqrt

# Fewer different texts leave too few to find themes in, once the newest are held back.
LEAST_NEEDS = 100
# A share has changed when chance alone would do it less often than this.
SURE = 0.01


class Course(StrEnum):
    NEW = "new"
    GREW = "grew"
    SHRANK = "shrank"
    SAME = "same"
    GONE = "gone"


def course(before: int, after: int, whole_before: int, whole_after: int) -> Course:
    """Compare two shares by the pooled two-proportion z-test, both sides."""
    if not whole_before or not whole_after:
        return Course.SAME
    one, other = before / whole_before, after / whole_after
    pooled = (before + after) / (whole_before + whole_after)
    error = sqrt(pooled * (1 - pooled) * (1 / whole_before + 1 / whole_after))
    if not error or erfc(abs(other - one) / error / sqrt(2)) >= SURE:
        return Course.SAME
    return Course.GREW if other > one else Course.SHRANK
