"""Which of some groups a text falls into: a classifier without doubt, for every text falls into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.insights import scoring_texts
from app.insights.learning.texts import classifier
from app.insights.learning.texts.classifier import Classifier
from app.insights.learning.texts.doubt import Doubt

# Always above the threshold: none is told apart from those that belong to no group.
_CERTAIN = Doubt(sharpness=1.0, offset=1.0, top=0.0, lead=0.0, known=0.0, threshold=0.0)


def learn(texts: Sequence[str], groups: Sequence[str], secret: bytes = b"") -> dict[str, Any]:
    """Return weights that tell two or more groups, exported for `app.insights.scoring_texts` to read."""
    known, model = classifier.fit(texts, groups)
    if len(model.classes_) == 2:  # one side is the other's contrary
        model.coef_ = np.vstack([-model.coef_, model.coef_])
        model.intercept_ = np.concatenate([-model.intercept_, model.intercept_])
    step = float(np.abs(model.coef_).max()) / classifier.STEPS
    names = tuple(str(each) for each in model.classes_)
    return classifier.export(Classifier(names, known, model, step, _CERTAIN), secret)


def tell(
    exported: Mapping[str, Any], texts: Sequence[str], secret: bytes = b""
) -> tuple[list[str], np.ndarray]:
    """Return each text's group, and how far it lies on that group's side."""
    weights = scoring_texts.load(exported, secret)
    margins = np.array([scoring_texts.margins(weights, text) for text in texts])
    best = margins.argmax(axis=1)
    return [weights.types[at] for at in best], margins.max(axis=1)
