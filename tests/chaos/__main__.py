"""`make chaos`: ORDERS orders from need of approval to their ends, under kills drawn from SEED."""

from __future__ import annotations

import os
import shutil
import sys

from tasks.embedded import open_folder
from tests.chaos.running import run


def main() -> int:
    orders, seed = _number("ORDERS", 500), _number("SEED", 1)
    folder = open_folder("placet-chaos-")
    report = run(folder, orders, seed, lambda line: print(line, flush=True))
    if report.holds:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"what the processes said is in {folder}")
    print(report)
    return 0 if report.holds else 1


def _number(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdigit() or int(text) < 1:
        sys.exit(f"chaos: {name} is {text!r}, which is not a number from 1 up")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
