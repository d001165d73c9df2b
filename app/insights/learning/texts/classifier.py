"""Free text into types: a linear model over pieces of text, small enough to answer while somebody types."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.svm import LinearSVC

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.texts import doubt, views
from app.insights.learning.texts.doubt import Doubt
from app.insights.learning.texts.views import Views
from app.insights.scoring_texts import FORMAT, LEAST_OF_A_TYPE, LEAST_TYPES
from app.insights.text_pieces import digests

# A type's number is kept in a byte.
MOST_TYPES = 250
STEPS = 127
_STRENGTH = 0.5


@dataclass(frozen=True, slots=True)
class Classifier:
    """A learned classifier; weights are whole multiples of `step`, so that they fit into bytes."""

    types: tuple[str, ...]
    views: Views
    model: LinearSVC
    step: float
    doubt: Doubt

    def margins(self, texts: Sequence[str]) -> np.ndarray:
        """Return how far each text lies on each type's side, texts x types."""
        return doubt.margins_of(self.model, self.views, texts)

    def sure(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return each text's type by its number, the confidence, and how likely it is any of them."""
        found = self.margins(texts)
        chances = doubt.chances(found, self.doubt.sharpness)
        belongs = self.doubt.belongs(found, self.views.known(texts))
        return found.argmax(axis=1), chances.max(axis=1), belongs


def learn(texts: Sequence[str], types: Sequence[str], seed: int = 0) -> Classifier:
    """Learn types from examples; rare ones are left out, too little raises TooLittleDataError."""
    kept = enough(types)
    pairs = [(text, kind) for text, kind in zip(texts, types, strict=True) if kind in kept]
    texts, types = [text for text, _ in pairs], [kind for _, kind in pairs]
    found = doubt.from_held_out(texts, types, seed, fit)
    known, model = fit(texts, types)
    step = float(np.abs(model.coef_).max()) / STEPS
    model.coef_ = np.round(model.coef_ / step) * step
    return Classifier(tuple(str(each) for each in model.classes_), known, model, step, found)


def enough(types: Sequence[str]) -> set[str]:
    """Return the types with enough examples; raise TooLittleDataError where they are too few."""
    counts = Counter(types)
    kept = {kind for kind, count in counts.most_common(MOST_TYPES) if count >= LEAST_OF_A_TYPE}
    if len(kept) < LEAST_TYPES:
        nearest = [count for _, count in counts.most_common(LEAST_TYPES)]
        nearest += [0] * (LEAST_TYPES - len(nearest))
        missing = sum(max(0, LEAST_OF_A_TYPE - count) for count in nearest)
        raise TooLittleDataError("examples of needs with their types", sum(nearest), sum(nearest) + missing)
    return kept


def fit(texts: Sequence[str], types: Sequence[str]) -> tuple[Views, LinearSVC]:
    """Return how texts are weighed and the model over that, before it is rounded."""
    known, matrix = views.fit(texts)
    return known, LinearSVC(C=_STRENGTH, tol=1e-2, random_state=0).fit(matrix, types)


def export(classifier: Classifier, secret: bytes = b"") -> dict[str, Any]:
    """Return the weights as `app.insights.scoring_texts` reads them: JSON, only what is not nought.

    Of each piece of text only its digest under the secret is in them.
    """
    steps = np.round(classifier.model.coef_ / classifier.step).astype(np.int8)
    cuts, begun = {}, 0
    for name, weigher in classifier.views.weighers.items():
        pieces = classifier.views.pieces(name)
        columns = steps[:, begun : begun + len(pieces)].T
        begun += len(pieces)
        at, which = np.nonzero(columns)
        cuts[name] = {
            "pieces": base64.b64encode(b"".join(digests(pieces, secret))).decode("ascii"),
            "rarities": [float(each) for each in weigher.idf_],
            "lengths": [int(each) for each in np.bincount(at, minlength=len(pieces))],
            "types": _bytes(which.astype(np.uint8)),
            "steps": _bytes(columns[at, which]),
        }
    return {
        "format": FORMAT,
        "types": list(classifier.types),
        "step": classifier.step,
        "offsets": [float(each) for each in classifier.model.intercept_],
        "doubt": classifier.doubt.plain(),
        "cuts": cuts,
    }


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")
