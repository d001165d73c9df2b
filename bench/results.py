"""Where figures are kept: one file, into which a partial run merges what it measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).resolve().parent / "results.json"


def record(figures: Mapping[str, float], file: Path = FILE) -> None:
    """Print the figures and merge them into the file."""
    for name, value in sorted(figures.items()):
        print(f"{name:<28}{value:>14,.3f}", flush=True)
    kept = json.loads(file.read_text()) if file.exists() else {}
    merged = {**kept.get("figures", {}), **{name: round(value, 4) for name, value in figures.items()}}
    written = {
        "machine": machine(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": dict(sorted(merged.items())),
    }
    file.write_text(json.dumps(written, indent=2) + "\n")


def machine() -> str:
    """Describe what the figures were measured on, without naming it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} x {_processor()}, {memory:.0f} GiB, {platform.system()}, {python}"


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
