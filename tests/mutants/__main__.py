"""`make mutants`: prints what survives, and last `N mutants, N caught, N survived`; exit 1 below 92 %."""

from __future__ import annotations

import sys

from tests.mutants.running import survivors
from tests.mutants.table import MUTANTS

GOAL = 0.92


def main(words: list[str]) -> int:
    """Try all mutants, or those whose file or description holds one of the words."""
    chosen = [each for each in MUTANTS if not words or any(word in str(each) for word in words)]
    survived = 0
    for mutant, alive in survivors(chosen):
        if alive:
            survived += 1
            print(f"survived: {mutant}", flush=True)
    caught = len(chosen) - survived
    print(f"{len(chosen)} mutants, {caught} caught, {survived} survived")
    return 0 if chosen and caught / len(chosen) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
