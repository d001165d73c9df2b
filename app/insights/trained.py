"""What passes between those who train and those who learn: plain values, so that neither loads the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Row = tuple[Any, ...]


class TooLittleError(Exception):
    """There is not enough to learn from; `code` and `values` say what is missing (`app/insights/said.py`)."""

    def __init__(self, code: str = "too_few_rows", **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True, slots=True)
class Distribution:
    """How an input or a score is spread: the count in each bin. Bins are words, or end at these edges.

    n edges make n + 1 bins: up to the first, between each two, above the last.
    """

    counts: tuple[int, ...]
    edges: tuple[float, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InUse:
    """The model in use, to be measured on the same held-back rows; it learned from rows up to `until`."""

    version: int
    artefact: bytes
    trusted: tuple[str, ...]
    weights: Mapping[str, Any]
    reference: Mapping[str, Distribution]
    until: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """One training: its seed and moment, the model in use, and `progress(percent, doing)`, 0 to 100.

    `secret` is the organisation's: what is kept of customers' words is digested under it. `progress` raises
    where somebody else has taken the training over: let that through.
    """

    now: datetime
    seed: int
    in_use: InUse | None
    progress: Callable[[int, str], None]
    secret: bytes = b""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """Metrics by name of the candidate, the baseline and the model in use, all on the same held-back rows."""

    candidate: Mapping[str, float]
    baseline: Mapping[str, float]
    in_use: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What a training leaves: the candidate as it was measured, and what it was measured on.

    `since` and `until` bound the rows learned from, `held_since` begins those held back. `reference` holds
    distributions of what was learned from; `recent` those of the held-back rows, in the bins of the model in
    use (`Job.in_use.reference`), and left empty where there is none.
    `tables` are rows computed beforehand for each of "candidate", "in_use" and "baseline".
    """

    artefact: bytes
    trusted: tuple[str, ...]
    weights: Mapping[str, Any]
    features: tuple[str, ...]
    rows: int
    held_back: int
    since: datetime
    until: datetime
    held_since: datetime
    measured: Measured
    reference: Mapping[str, Distribution] = field(default_factory=dict)
    recent: Mapping[str, Distribution] = field(default_factory=dict)
    tables: Mapping[str, Iterable[Row]] = field(default_factory=dict)
    notes: Sequence[tuple[str, Mapping[str, Any]]] = ()


class Learner(Protocol):
    """A function in `app.insights.learning`; rows come as a stream that can be read once."""

    def __call__(self, rows: Iterable[Row], job: Job) -> Learned: ...
