"""`python -m bench`: all benchmarks, or those that are named: `python -m bench limit inbox`."""

from __future__ import annotations

import sys
from importlib import import_module

from bench import results

ALL = ("complete", "inbox", "heat", "handler", "rss", "rules", "engine")


def main(names: list[str]) -> None:
    for name in names or ALL:
        if name not in ALL:
            sys.exit(f"there is no benchmark {name}: choose from {', '.join(ALL)}")
        print(f"bench: {name}", flush=True)
        results.record(import_module(f"bench.{name}").measure())


if __name__ == "__main__":
    main(sys.argv[1:])
