"""`python -m tests.conformance.corpus DIR [--sample N] [--list]`: diagrams of others, imported and run.

Each file is imported alone, in a child process: one that hangs or dies costs that file only.
Prints what became of them, and last
`N imported, N refused with element, N refused without, N crashed, N timed out`; exits 1 unless the last three
are 0 and every process of an imported file runs to an end, a first wait or an incident that names an element.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import select
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO, Any

OUTCOMES = ("imported", "refused with element", "refused without", "crashed", "timed out")
LOST = ("stand still", "stand at an incident that names nothing")
"""What running an imported process never comes to: an end, a wait, or an incident at an element."""
SECONDS = 20.0
"""Of the processor, for one file: what a busy machine keeps waiting is not timed out."""
PATIENCE = 15
"""How many times as long, by the clock, a file may take that does nothing."""
SEED = 4
CHILD = (sys.executable, "-m", "tests.conformance.corpus_child")
_SUFFIXES = (".bpmn", ".bpmn20.xml", ".bpmn2")
_BPMN = b"http://www.omg.org/spec/BPMN/20100524/MODEL"


@dataclass(frozen=True)
class Result:
    """What became of one file."""

    path: str
    outcome: str
    executable: bool = False
    apart: str = ""
    """What is refused by name for good, where it is that."""
    publishable: bool = False
    """Whether nothing in it would keep it from being published."""
    reasons: tuple[tuple[str, str], ...] = ()
    """Element and sentence of each refusal."""
    ran: tuple[tuple[str, str], ...] = field(default=())
    """For each process, what running it came to, and where."""


def files_under(folder: Path, sample: int | None = None) -> list[Path]:
    """Return the diagrams of a folder, or as many of them, always the same ones."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and _is_diagram(path))
    if sample is None or sample >= len(found):
        return found
    return sorted(random.Random(SEED).sample(found, sample))


def _is_diagram(path: Path) -> bool:
    if path.name.lower().endswith(_SUFFIXES):
        return True
    return path.suffix.lower() == ".xml" and _BPMN in path.read_bytes()


def run(
    files: Iterable[Path],
    children: int = 2,
    seconds: float = SECONDS,
    command: Sequence[str] = CHILD,
    patience: float = PATIENCE,
) -> list[Result]:
    """Import every file, in so many children at a time."""
    asked, until = (*command, str(seconds)), patience * seconds
    waiting: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for path in files:
        waiting.put(path)
    results: list[Result] = []
    threads = [Thread(target=_work, args=(waiting, results, until, asked)) for _ in range(children)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(results, key=lambda result: result.path)


def _work(
    waiting: queue.SimpleQueue[Path], results: list[Result], until: float, command: Sequence[str]
) -> None:
    """Give one file after another to a child, and to a new one where the last one was lost."""
    child: Child | None = None
    while True:
        try:
            path = waiting.get_nowait()
        except queue.Empty:
            break
        child = child or Child(command)
        results.append(child.ask(path, until))
        if child.is_lost:
            child.end()
            child = None
    if child is not None:
        child.end()


class Child:
    """A process that imports what it is told, one file at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
        )
        self.is_lost = False

    def ask(self, path: Path, until: float) -> Result:
        """Return what the child says of a file within `until` seconds, or that it hangs or has died."""
        told, heard = _pipe(self.process.stdin), _pipe(self.process.stdout)
        try:
            told.write(os.fsencode(path.absolute()) + b"\n")
            told.flush()
        except BrokenPipeError:
            return self._lost(path, "crashed")
        if not select.select([heard], [], [], until)[0]:
            return self._lost(path, "timed out")
        # A child writes its line at once: what begins to come is there in a moment.
        line = heard.readline()
        return _read(path, line) if line else self._lost(path, self._end())

    def _end(self) -> str:
        """Say how a child has ended that says no more."""
        return "timed out" if self.process.wait() == -signal.SIGPROF else "crashed"

    def _lost(self, path: Path, outcome: str) -> Result:
        self.is_lost = True
        return Result(str(path), outcome, reasons=((path.name, f"importing it {outcome}"),))

    def end(self) -> None:
        if self.is_lost:
            self.process.kill()
        _pipe(self.process.stdin).close()
        self.process.wait()
        _pipe(self.process.stdout).close()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None
    return stream


def _read(path: Path, line: bytes) -> Result:
    told: dict[str, Any] = json.loads(line)
    told["reasons"] = tuple(tuple(each) for each in told["reasons"])
    told["ran"] = tuple(tuple(each) for each in told["ran"])
    return Result(path=str(path), **told)


def report(results: list[Result]) -> Iterator[str]:
    """Tell what became of the files, line by line."""
    for result in results:
        if result.outcome in OUTCOMES[2:]:
            yield f"{result.outcome}: {result.path}: {'; '.join(': '.join(each) for each in result.reasons)}"
    yield from _of_running(results)
    yield from _of_executable(results)
    counts = Counter(result.outcome for result in results)
    yield ", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES)


def _of_running(results: list[Result]) -> Iterator[str]:
    came_to = Counter(how for result in results for how, _ in result.ran)
    yield f"of {came_to.total()} processes of the imported files, when run:"
    for how, count in came_to.most_common():
        yield f"  {count} {how}"
    for result in results:
        for how, where in result.ran:
            if how in LOST:
                yield f"{how}: {result.path}: {where}"


def _of_executable(results: list[Result]) -> Iterator[str]:
    executable = [result for result in results if result.executable]
    apart = Counter(result.apart for result in executable if result.apart)
    rest = [result for result in executable if not result.apart]
    imported = sum(result.outcome == "imported" for result in rest)
    yield f"of {len(executable)} files with an executable process, {apart.total()} are refused by name:"
    for why, count in apart.most_common():
        yield f"  {count} {why}"
    whole = sum(result.publishable for result in rest)
    yield f"of the {imported} others that import, {whole} could be published as they are"
    share = 100 * imported / len(rest) if rest else 100.0
    yield f"of the other {len(rest)}, {imported} import: {share:.1f} %"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("dir", type=Path)
    parser.add_argument("--sample", type=int, help="take so many files only, always the same ones")
    parser.add_argument("--list", action="store_true", help="tell every refusal, and every incident")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of the processor, for one file")
    options = parser.parse_args(arguments)
    results = run(files_under(options.dir, options.sample), min(os.cpu_count() or 1, 8), options.seconds)
    if options.list:
        _list(results)
    for line in report(results):
        print(line)
    return 1 if any(_is_wrong(result) for result in results) else 0


def _is_wrong(result: Result) -> bool:
    return result.outcome in OUTCOMES[2:] or any(how in LOST for how, _ in result.ran)


def _list(results: list[Result]) -> None:
    for result in results:
        mark = "apart" if result.apart else "rest" if result.executable else "not executable"
        for element, reason in result.reasons:
            print(f"{mark}: {result.path}: {element}: {reason}")
        for how, where in result.ran:
            if how.startswith("stand"):
                print(f"{how}: {result.path}: {where}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
