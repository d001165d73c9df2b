"""One training of the need types: learned from the older needs of each type, judged on its newest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.insights import scoring_texts
from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.keeping import pack
from app.insights.learning.texts import classifier, views
from app.insights.scoring_texts import LEAST_OF_A_TYPE, LEAST_TYPES
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError

# Of each type, one in so many is held back: the newest ones.
HELD_BACK = 5
REFERENCE = "type"


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (text, type, moment), the oldest first; raise TooLittleError saying what is missing."""
    older, newest = _apart([row for row in rows if row[0].strip()])
    job.progress(10, "learning")
    try:
        learned = classifier.learn([row[0] for row in older], [row[1] for row in older], job.seed)
    except TooLittleDataError:
        have = sum(count >= LEAST_OF_A_TYPE for count in Counter(row[1] for row in older).values())
        raise TooLittleError("too_few_types", have=have, each=LEAST_OF_A_TYPE, least=LEAST_TYPES) from None
    job.progress(85, "measuring")
    usual = Counter(row[1] for row in older).most_common(1)[0][0]
    weights = {**classifier.export(learned, job.secret), "usual": usual}
    used = job.in_use.weights if job.in_use and scoring_texts.is_known(job.in_use.weights) else None
    return Learned(
        artefact=pack({"model": learned.model, "types": list(learned.types)}),
        trusted=(),
        weights=weights,
        features=tuple(views.CUTS),
        rows=len(older),
        held_back=len(newest),
        since=older[0][2],
        until=older[-1][2],
        held_since=newest[0][2],
        measured=Measured(
            candidate=_accuracy(weights, newest, job.secret),
            baseline={"accuracy": sum(row[1] == usual for row in newest) / len(newest)},
            in_use=_accuracy(used, newest, job.secret) if used else None,
        ),
        reference={REFERENCE: _spread(older, learned.types)},
        recent=_recent(newest, job.in_use.reference if job.in_use else {}),
    )


def _apart(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Hold back the newest of each type, at least one where it has two."""
    by_type: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        by_type[row[1]].append(number)
    held = set()
    for numbers in by_type.values():
        if len(numbers) > 1:
            held.update(numbers[-max(1, len(numbers) // HELD_BACK) :])
    older = [row for number, row in enumerate(rows) if number not in held]
    return older, [row for number, row in enumerate(rows) if number in held]


def _accuracy(exported: Mapping[str, Any], rows: Sequence[Row], secret: bytes) -> dict[str, float]:
    """Measure what the web will answer; `answered` is the share that is not "none of these"."""
    weights = scoring_texts.load(exported, secret)
    found = [scoring_texts.suggest(weights, row[0]) for row in rows]
    pairs = list(zip(found, rows, strict=True))
    answered = [(each, row) for each, row in pairs if each.type is not None]
    right = sum(each.type == row[1] for each, row in answered)
    return {
        "accuracy": sum(each.likeliest[0][0] == row[1] for each, row in pairs) / len(rows),
        "answered": len(answered) / len(rows),
        "accuracy_answered": right / len(answered) if answered else 0.0,
    }


def _spread(rows: Sequence[Row], types: Sequence[str]) -> Distribution:
    counts = Counter(row[1] for row in rows)
    return Distribution(tuple(counts[name] for name in types), words=tuple(types))


def _recent(rows: Sequence[Row], reference: Mapping[str, Distribution]) -> dict[str, Distribution]:
    return {name: _spread(rows, known.words) for name, known in reference.items()}
