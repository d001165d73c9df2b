"""One training of the themes: found in older needs, judged by the newest, followed from the version in use.

A grouping is worth something where others, found in other samples of the older needs, put the same new needs
together. What they agree on where the words of all needs are shuffled is chance: the baseline.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_rand_score

from app.insights import scoring_texts, text_pieces
from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.keeping import pack
from app.insights.learning.texts import naming, telling, themes
from app.insights.learning.texts.following import Profile, follow
from app.insights.themes.courses import LEAST_NEEDS
from app.insights.trained import Distribution, Job, Learned, Measured, Row, TooLittleError

# Of all needs, one in so many is held back, the newest, and at most so many: a new theme must soon be found.
HELD_BACK, MOST_HELD_BACK = 5, 400
JUDGES = 2
# So many of the older needs tell whether groups are groups, or all needs are in one.
PROBED = 200
METRIC, REFERENCE = "agreement", "theme"
EXAMPLES, NAMED_BY = 3, 3
# A term that only one customer uses may tell who they are.
LEAST_CUSTOMERS = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """A need as it is learned from; a need of nobody known stands for somebody of its own."""

    id: str
    customer: str
    text: str
    moment: Any


def learn(rows: Iterable[Row], job: Job) -> Learned:
    """Learn from (need, customer's pseudonym, text, moment), the oldest first; raise TooLittleError."""
    needs = [Asked(*row) for row in rows if row[2].strip()]
    once = len(themes.different([each.text for each in needs])[0])
    if once < LEAST_NEEDS:
        raise TooLittleError("too_few_needs", have=once, least=LEAST_NEEDS, missing=LEAST_NEEDS - once)
    held = min(len(needs) // HELD_BACK, MOST_HELD_BACK)
    older, newest = needs[:-held], needs[-held:]
    job.progress(5, "grouping")
    weights = _found(older, job)
    job.progress(55, "measuring")
    measured = _measured(older, newest, weights, job)
    job.progress(85, "computing")
    used = _asked(job)
    told, _ = telling.tell(weights["telling"], _texts(needs), job.secret)
    return Learned(
        artefact=pack({"themes": [each["number"] for each in weights["themes"]]}),
        trusted=(),
        weights=weights,
        features=("text",),
        rows=len(older),
        held_back=len(newest),
        since=older[0].moment,
        until=older[-1].moment,
        held_since=newest[0].moment,
        measured=measured,
        reference={REFERENCE: _spread(told[:-held], weights)},
        recent={REFERENCE: _spread(telling.tell(used["telling"], _texts(newest), job.secret)[0], used)}
        if used
        else {},
        tables={
            "candidate": _table(weights, needs, job.secret),
            **({"in_use": _table(used, needs, job.secret)} if used else {}),
        },
    )


def _asked(job: Job) -> Mapping[str, Any] | None:
    """Return the weights in use where they can still be asked."""
    used = job.in_use.weights if job.in_use else None
    return used if used and scoring_texts.is_known(used["telling"]) else None


def _texts(needs: Sequence[Asked]) -> list[str]:
    return [each.text for each in needs]


def _found(older: Sequence[Asked], job: Job) -> dict[str, Any]:
    """Find themes, give them the numbers and names of those in use that they are, and learn to tell them."""
    texts = _texts(older)
    before: Mapping[str, Any] = job.in_use.weights if job.in_use else {"themes": [], "next": 1}
    try:
        found = themes.find(texts, job.seed, usual=len(before["themes"]) or None)
    except TooLittleDataError as error:
        missing = error.needed - error.there
        raise TooLittleError("too_few_needs", have=error.there, least=error.needed, missing=missing) from None
    spoken = _spoken(older)
    terms = [
        {term: weight for term, weight in each.terms.items() if spoken(term) >= LEAST_CUSTOMERS}
        for each in found.themes
    ]
    numbered = _numbered(before, terms, [len(each.members) for each in found.themes])
    names = [str(numbered[int(at)]["number"]) for at in found.labels]
    stable = found.stability[len(found.themes)].agreement
    return {
        "telling": telling.learn(texts, names, job.secret),
        "themes": numbered,
        "next": max([before["next"], *(each["number"] + 1 for each in numbered)]),
        "stability": {str(k): round(each.agreement, 4) for k, each in found.stability.items()},
        "agreement": round(stable, 4),
    }


def _spoken(needs: Sequence[Asked]) -> Any:
    """Return a function from a term to the number of customers who use it."""
    users: dict[str, set[str]] = defaultdict(set)
    for each in needs:
        for term in naming.terms_of(each.text):
            users[term].add(each.customer or each.id)
    return lambda term: len(users[term])


def _numbered(
    before: Mapping[str, Any], terms: Sequence[Mapping[str, float]], sizes: Sequence[int]
) -> list[dict[str, Any]]:
    former = before["themes"]
    pairs = follow(
        [Profile(each["terms"], each["size"]) for each in former],
        [Profile(each, size) for each, size in zip(terms, sizes, strict=True)],
    )
    numbered, following = [], before["next"]
    for pair in pairs:
        if pair.after is None:
            continue
        known = former[pair.before] if pair.before is not None else None
        name = list(terms[pair.after])[:NAMED_BY]
        numbered.append(
            {
                "number": known["number"] if known else following,
                "name": (known["name"] if known else None) or name,
                "terms": dict(terms[pair.after]),
                "size": sizes[pair.after],
                "is_new": known is None and bool(former),
            }
        )
        following += known is None
    return numbered


def _measured(
    older: Sequence[Asked], newest: Sequence[Asked], weights: Mapping[str, Any], job: Job
) -> Measured:
    asked, learned, count = _texts(newest), _texts(older), len(weights["themes"])
    judges = list(_judged(learned, asked, count, job.seed))
    probe = [*asked, *_probe(learned)]
    job.progress(70, "measuring")
    random = np.random.default_rng(job.seed)
    words = _shuffled(learned + asked, random)
    one, other = _judged(words[: len(older)], words[len(older) :], count, job.seed)

    def agreement(exported: Mapping[str, Any]) -> dict[str, float]:
        mine, _ = telling.tell(exported["telling"], probe, job.secret)
        return {METRIC: float(np.mean([_agreement(mine, other, len(asked)) for other in judges]))}

    return Measured(
        candidate={**agreement(weights), "themes": float(count), "stability": weights["agreement"]},
        baseline={METRIC: _agreement(one, other, len(asked))},
        in_use=agreement(used) if (used := _asked(job)) else None,
    )


def _probe(older: Sequence[str]) -> Sequence[str]:
    return older[:: max(1, len(older) // PROBED)]


def _agreement(one: Sequence[str], other: Sequence[str], newest: int) -> float:
    """Return the adjusted Rand index of the newest; nought where most of the older are in one group."""
    largest = max(max(Counter(each[newest:]).values()) / len(each[newest:]) for each in (one, other))
    found = float(adjusted_rand_score(one[:newest], other[:newest]))
    return max(0.0, found) if largest <= themes.MOST_IN_ONE else 0.0


def _judged(older: Sequence[str], asked: Sequence[str], count: int, seed: int) -> Iterator[list[str]]:
    """Yield what groups of the same number, found in other samples of the older needs, make of the newest."""
    once, _ = themes.different(older)
    probe = [*asked, *_probe(older)]
    random = np.random.default_rng(seed + 1)
    for number in range(JUDGES):
        drawn = random.choice(len(once), int(len(once) * themes.SAMPLED), replace=False)
        texts = [once[at] for at in sorted(drawn)]
        found = themes.find(texts, seed + 1 + number, count)
        yield telling.tell(telling.learn(texts, [str(at) for at in found.labels]), probe)[0]


def _shuffled(texts: Sequence[str], random: np.random.Generator) -> list[str]:
    """Return texts of the same lengths with the words of all of them, drawn at random."""
    words = [word for text in texts for word in text_pieces.words(text)]
    random.shuffle(words)
    shuffled, at = [], 0
    for text in texts:
        length = len(text_pieces.words(text))
        shuffled.append(" ".join(words[at : at + length]))
        at += length
    return shuffled


def _spread(told: Sequence[str], weights: Mapping[str, Any]) -> Distribution:
    counts, words = Counter(told), tuple(str(each["number"]) for each in weights["themes"])
    return Distribution(tuple(counts[word] for word in words), words=words)


def _table(weights: Mapping[str, Any], needs: Sequence[Asked], secret: bytes) -> Iterator[Row]:
    """Yield each theme with its typical needs, then each need with its theme."""
    told, sides = telling.tell(weights["telling"], _texts(needs), secret)
    typical: dict[str, dict[str, str]] = defaultdict(dict)
    for at in np.argsort(-sides, kind="stable"):
        said = " ".join(needs[at].text.casefold().split())
        if len(typical[told[at]]) < EXAMPLES:
            typical[told[at]].setdefault(said, needs[at].id)
    for each in weights["themes"]:
        examples = list(typical[str(each["number"])].values())
        yield "theme", each["number"], each["name"], list(each["terms"]), examples, each["is_new"]
    for need, number in zip(needs, told, strict=True):
        yield "need", need.id, int(number)
