"""A kind that learns in no time, in place of real ones: what it answers is what a test turns on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import UUID

import pytest

from app.insights import kinds, training
from app.insights.gate import Metric
from app.insights.kind import Kind
from app.insights.trained import Distribution, Job, Learned, Measured, Row
from app.wording import worded
from tasks import training as performing
from tests.builders import Firm

NAME = "guess"
DAY = datetime(2026, 3, 1, tzinfo=UTC)
ANSWERS: list[Learned | BaseException] = []
JOBS: list[Job] = []


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Answer what the test put ready, the next time the next."""
    list(rows)
    JOBS.append(job)
    answer = ANSWERS.pop(0)
    if isinstance(answer, BaseException):
        raise answer
    return answer


def learned(
    candidate: float,
    baseline: float = 0.5,
    in_use: float | None = None,
    *,
    recent: Mapping[str, Distribution] = MappingProxyType({}),
    word: str = "",
) -> Learned:
    """What a training leaves that reached these accuracies."""
    return Learned(
        artefact=word.encode(),
        trusted=(),
        weights={"word": word},
        features=("length",),
        rows=80,
        held_back=20,
        since=DAY,
        until=DAY,
        held_since=DAY,
        measured=Measured(
            {"accuracy": candidate},
            {"accuracy": baseline},
            None if in_use is None else {"accuracy": in_use},
        ),
        reference={"length": Distribution((50, 50), edges=(3.0,))},
        recent=recent,
    )


KIND = Kind(
    name=NAME,
    title=worded("Guess"),
    about=worded("Guess"),
    metric=Metric("accuracy", higher_is_better=True),
    metric_words=worded("Guess"),
    baseline_words=worded("Guess"),
    read=lambda reading: iter([(1,), (2,)]),
    learner="tests.app.insights.training:learn",
)


@pytest.fixture
def guess(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """The kind, known beside the others, with nothing left of former tests."""
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, NAME: KIND})
    ANSWERS.clear()
    JOBS.clear()
    return KIND


def train(firm: Firm, *answers: Learned | BaseException, kind: str = NAME) -> str:
    """Ask for a training and perform it; return what came of it."""
    ANSWERS.extend(answers)
    run_id = training.ask(firm["owner"], kind)
    return performing.execute(firm.org_id, run_id)


def run_of(firm: Firm, run_id: UUID) -> training.TrainingRun:
    return next(run for run in training.list_runs(firm.org_id, NAME, 100) if run.id == run_id)
