"""Two ways of weighing the same features, a line and many small trees, and what they say together."""

from __future__ import annotations

from collections.abc import Callable
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
class Manner:
    """How a ranking is learned: what served best at twelve moments of the public baskets.

    An example weighs the size of its customer's next basket to minus the power of `evened`: what is measured
    are means over customers, and those with large baskets have more examples. `line` is how much the line
    says, `forests` how many groups of trees are averaged, each with another draw of what was not bought.
    """

    evened: float
    line: float
    forests: int
    leaves: int
    trees: int
    share_of_features: float


HABITS = Manner(evened=0.7, line=0.5, forests=1, leaves=16, trees=120, share_of_features=1.0)
NOVELTIES = Manner(evened=0.5, line=0.3, forests=3, leaves=12, trees=100, share_of_features=0.5)


@dataclass(frozen=True, slots=True)
class Ranker:
    """A line, and trees where there was enough to learn them; `line_says` is how much the line counts."""

    line: Any
    trees: tuple[Any, ...] = ()
    line_says: float = 1.0

    def score(self, features: np.ndarray) -> np.ndarray:
        """Return mean log odds: higher is likelier."""
        said = self.line.decision_function(features)
        if self.trees:
            grown = np.mean([each.decision_function(features) for each in self.trees], axis=0)
            said = self.line_says * said + (1 - self.line_says) * grown
        return np.asarray(said)


def learn(
    features: Callable[[np.ndarray], np.ndarray],
    bought: np.ndarray,
    size: np.ndarray,
    manner: Manner,
    seed: int,
) -> Ranker:
    """Learn from rows of several earlier moments; `size` is that of the basket that a row's customer bought.

    `features` returns those of the rows that are kept, a mask over all. Trees are few and small, for the
    signal is thin.
    """
    evened = (size / size.mean()) ** -manner.evened
    kept, weight = _thinned(bought, evened, seed)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=0.03, max_iter=200))
    line.fit(features(kept), bought[kept], logisticregression__sample_weight=weight)
    if int(bought.sum()) < FEWEST_FOR_TREES:
        return Ranker(line)
    forests = []
    for forest in range(manner.forests):
        kept, weight = _thinned(bought, evened, seed + forest)
        trees = HistGradientBoostingClassifier(
            learning_rate=0.07,
            max_iter=manner.trees,
            max_leaf_nodes=manner.leaves,
            min_samples_leaf=80,
            l2_regularization=20,
            max_features=manner.share_of_features,
            early_stopping=False,
            random_state=seed + forest,
        )
        forests.append(trees.fit(features(kept), bought[kept], sample_weight=weight))
    return Ranker(line, tuple(forests), manner.line)


def _thinned(bought: np.ndarray, weight: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are kept, all that was bought and a draw of the rest, and their weights."""
    share = min(1.0, REFUSED_FOR_EACH * bought.sum() / max(1, (~bought).sum()))
    kept = bought | (np.random.default_rng(seed).random(len(bought)) < share)
    return kept, (weight * np.where(bought, 1.0, 1 / max(share, 1e-9)))[kept]
