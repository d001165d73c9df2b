"""Runs the engine's quick tests against a copy of the tree in which one place is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from tests.mutants.table import Mutant

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("workflows", "rules", "tests/workflows")
FILES = ("pyproject.toml", "tests/__init__.py")
SECONDS = 600
"""What takes longer hangs, which is as good as a failure."""
COMMAND = [
    *(sys.executable, "-m", "pytest", "-x", "-q", "-n0", "--no-cov", "-p", "no:cacheprovider"),
    *("--confcutdir=tests/workflows", "--timeout=60", "-m", "not long", "-k", "not reread"),
]
"""Files that are reread before every step prove nothing that a loaded state does not."""
SLOW = ("test_migrating_walks.py", "test_long_stories.py", "test_without_end.py", "test_shared_diagrams.py")
LAST = [f"tests/workflows/{name}" for name in SLOW]
WHOLE = [*(f"--ignore=tests/workflows/{name}" for name in SLOW), "tests/workflows"]


def survivors(mutants: list[Mutant], workers: int | None = None) -> Iterator[tuple[Mutant, bool]]:
    """Try each; yields it with whether it survived, as soon as that is known."""
    workers = workers or os.cpu_count() or 1
    with trees(workers) as free, ThreadPoolExecutor(workers) as pool:
        if failed := why_whole_fails(free):
            raise RuntimeError(f"the tests fail without any mutant:\n{failed}")
        tried = {pool.submit(survives, mutant, free): mutant for mutant in mutants}
        for future in as_completed(tried):
            yield tried[future], future.result()


@contextmanager
def trees(number: int) -> Iterator[SimpleQueue[Path]]:
    """Yield copies of the tree, one for each worker, to take and to put back."""
    free: SimpleQueue[Path] = SimpleQueue()
    with TemporaryDirectory(prefix="placet-mutants-") as folder:
        for each in range(number):
            tree = Path(folder) / str(each)
            for part in PARTS:
                shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
            for file in FILES:
                shutil.copy(ROOT / file, tree / file)
            free.put(tree)
        yield free


def survives(mutant: Mutant, free: SimpleQueue[Path]) -> bool:
    tree = free.get()
    broken = tree / mutant.file
    whole = broken.read_text("utf-8")
    try:
        broken.write_text(mutant.applied_to(whole), "utf-8")
        near = [f"tests/workflows/{name}.py" for name in mutant.near]
        return not any(_why_failing(tree, tests) for tests in (near, WHOLE, LAST))
    finally:
        broken.write_text(whole, "utf-8")
        free.put(tree)


def why_whole_fails(free: SimpleQueue[Path]) -> str:
    tree = free.get()
    try:
        return _why_failing(tree, WHOLE) or _why_failing(tree, LAST)
    finally:
        free.put(tree)


def _why_failing(tree: Path, tests: list[str]) -> str:
    """Return how these tests fail there, and nothing where they pass.

    Never written bytecode is never mistaken for another's.
    """
    environ = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*COMMAND, *tests], cwd=tree, env=environ, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    return (done.stdout[-4_000:] or done.stderr[-4_000:] or "failed") if done.returncode else ""
