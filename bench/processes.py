"""What the operating system says of a process and all below it: CPU time and memory."""

from __future__ import annotations

import os
from pathlib import Path

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
# Positions in /proc/PID/stat, counted behind the program's name.
_PARENT, _USER, _SYSTEM, _WAITED_USER, _WAITED_SYSTEM = 1, 11, 12, 13, 14


def tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            parents.setdefault(int(fields[_PARENT]), []).append(int(entry.name))
    found, unseen = [], [root]
    while unseen:
        process = unseen.pop()
        found.append(process)
        unseen += parents.get(process, [])
    return found


def cpu_ms(root: int) -> float:
    """Return the CPU time that a process, its living and its ended descendants used so far."""
    ticks = 0
    for process in tree(root):
        if fields := _fields(process):
            ticks += sum(int(fields[each]) for each in (_USER, _SYSTEM, _WAITED_USER, _WAITED_SYSTEM))
    return ticks * _TICK_MS


def resident_mib(process: int) -> float:
    """Return how much memory a process holds, shared pages included."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(process)


def _fields(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
