"""Two ways of weighing the same features, a line and many small trees, and the mean of what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

# With fewer examples of what was bought, trees learn chance.
FEWEST_FOR_TREES = 2_000
# Of what was not bought this many rows for each that was: more tell nothing new and cost time.
REFUSED_FOR_EACH = 12


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be suggested to whom: one row for each pair, with its features."""

    customer: np.ndarray
    item: np.ndarray
    features: np.ndarray

    def labels(self, pairs: np.ndarray, items: int) -> np.ndarray:
        return np.isin(self.customer.astype(np.int64) * items + self.item, pairs)


@dataclass(frozen=True, slots=True)
class Ranker:
    """A line, and trees where they were found to help."""

    line: Any
    trees: Any | None = None

    def score(self, features: np.ndarray) -> np.ndarray:
        """Return mean log odds: higher is likelier."""
        parts = [each.decision_function(features) for each in (self.line, self.trees) if each is not None]
        return np.asarray(np.mean(parts, axis=0))


def learn(features: np.ndarray, bought: np.ndarray, seed: int) -> Ranker:
    """Learn from rows of several earlier moments; trees are few and small, for the signal is thin."""
    with_trees = int(bought.sum()) >= FEWEST_FOR_TREES
    features, bought, weight = _thinned(features, bought, seed)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=200))
    line.fit(features, bought, logisticregression__sample_weight=weight)
    if not with_trees:
        return Ranker(line)
    trees = HistGradientBoostingClassifier(
        learning_rate=0.07,
        max_iter=80,
        max_leaf_nodes=8,
        min_samples_leaf=80,
        l2_regularization=20,
        early_stopping=False,
        random_state=seed,
    )
    return Ranker(line, trees.fit(features, bought, sample_weight=weight))


def _thinned(
    features: np.ndarray, bought: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, labels and weights of all that was bought and of a draw of the rest."""
    share = min(1.0, REFUSED_FOR_EACH * bought.sum() / max(1, (~bought).sum()))
    kept = bought | (np.random.default_rng(seed).random(len(bought)) < share)
    return features[kept], bought[kept], np.where(bought[kept], 1.0, 1 / max(share, 1e-9))
