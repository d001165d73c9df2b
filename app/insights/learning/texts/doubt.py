"""How sure a suggestion is, and when to make none: learned from texts and types held back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from app.insights.learning.texts.views import Views

Fit: TypeAlias = Callable[[Sequence[str], Sequence[str]], tuple[Views, LinearSVC]]
ROUNDS = 3
# In each round a fifth of the types is hidden: their texts play those that belong to none.
HIDDEN = 5
# Of the suggestions that would have been right, at most this share may be kept back.
MOST_KEPT_BACK = 0.1
# The least sure and the surest that a margin can make a suggestion.
_SHARPNESS = (0.1, 50.0)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Chances are softmax(sharpness x margins).

    A text belongs to one of the types with the logistic of offset + top x highest margin
    + lead x its lead over the next + known x share of known words; below `threshold` it is none of them.
    """

    sharpness: float
    offset: float
    top: float
    lead: float
    known: float
    threshold: float

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    def belongs(self, margins: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return for each text how likely it belongs to one of the types, 0 to 1."""
        signs = _signs(margins, known)
        return 1 / (1 + np.exp(-(self.offset + signs @ np.array([self.top, self.lead, self.known]))))


def chances(margins: np.ndarray, sharpness: float) -> np.ndarray:
    """Return the probability of each type, texts x types."""
    return np.asarray(softmax(sharpness * margins, axis=1))


def margins_of(model: LinearSVC, known: Views, texts: Sequence[str]) -> np.ndarray:
    """Return how far each text lies on each type's side, texts x types; of two types too."""
    found = np.asarray(model.decision_function(known.matrix(texts)))
    return np.column_stack([-found, found]) if found.ndim == 1 else found


def from_held_out(texts: Sequence[str], types: Sequence[str], seed: int, fit: Fit) -> Doubt:
    """Learn how margins become chances, and the threshold under which nothing is suggested."""
    rounds = list(_rounds(np.array(texts, object), np.array(types, object), seed, fit))
    inside = [(margins[truth >= 0], truth[truth >= 0]) for margins, _, truth in rounds]
    signs = np.vstack([signs for _, signs, _ in rounds])
    truth = np.concatenate([truth for _, _, truth in rounds])
    right = np.concatenate([margins.argmax(axis=1) == truth for margins, _, truth in rounds])
    model = LogisticRegression(class_weight="balanced").fit(signs, truth >= 0)
    belongs = model.predict_proba(signs)[:, 1]
    top, lead, known = (float(each) for each in model.coef_[0])
    return Doubt(
        sharpness=_sharpness(inside),
        offset=float(model.intercept_[0]),
        top=top,
        lead=lead,
        known=known,
        threshold=_threshold(belongs, truth >= 0, right),
    )


def _rounds(
    texts: np.ndarray, types: np.ndarray, seed: int, fit: Fit
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield margins, signs and truth of texts held back; a truth of -1 is a type hidden from the model."""
    names = np.random.default_rng(seed).permutation(np.unique(types))
    halves = StratifiedKFold(ROUNDS, shuffle=True, random_state=seed).split(texts, types)
    hidden_at_once = max(1, len(names) // HIDDEN)
    for number, (learned, held_back) in enumerate(halves):
        hidden = np.roll(names, -number * hidden_at_once)[:hidden_at_once]
        seen = learned[~np.isin(types[learned], hidden)]
        known, model = fit(list(texts[seen]), list(types[seen]))
        asked = np.union1d(held_back, np.flatnonzero(np.isin(types, hidden)))
        columns = {name: at for at, name in enumerate(model.classes_)}
        margins = margins_of(model, known, texts[asked])
        truth = np.array([columns.get(name, -1) for name in types[asked]])
        yield margins, _signs(margins, known.known(texts[asked])), truth


def _signs(margins: np.ndarray, known: np.ndarray) -> np.ndarray:
    highest = np.sort(margins, axis=1)[:, -2:]
    return np.column_stack([highest[:, 1], highest[:, 1] - highest[:, 0], known])


def _sharpness(inside: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    """Return the factor with which the held-back truth surprises least (temperature scaling, Guo 2017)."""

    def surprise(logarithm: float) -> float:
        total = 0.0
        for margins, truth in inside:
            scaled = np.exp(logarithm) * margins
            total += float((logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]).sum())
        return total

    found = minimize_scalar(surprise, bounds=tuple(np.log(_SHARPNESS)), method="bounded")
    return float(np.exp(found.x))


def _threshold(belongs: np.ndarray, inside: np.ndarray, right: np.ndarray) -> float:
    """Return where most of both are told right (Youden), lowered so that few right ones are kept back."""
    strangers, ours, levels = roc_curve(inside, belongs)
    best = float(levels[int(np.argmax(ours - strangers))])
    return min(best, float(np.quantile(belongs[right], MOST_KEPT_BACK)))
