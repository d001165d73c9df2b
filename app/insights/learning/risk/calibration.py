"""Whether a probability means what it says, and making it so."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

# The usual number of equally wide bins (Guo et al., On Calibration of Modern Neural Networks, 2017).
BINS = 10


def expected_error(failed: np.ndarray, probability: np.ndarray, bins: int = BINS) -> float:
    """Return the expected calibration error: in each bin how far the share is from what was said, by size."""
    placed = np.minimum((probability * bins).astype(int), bins - 1)
    sizes = np.bincount(placed, minlength=bins)
    said = np.bincount(placed, weights=probability, minlength=bins)
    happened = np.bincount(placed, weights=failed, minlength=bins)
    return float(np.abs(said - happened).sum() / sizes.sum())


def chance_error(probability: np.ndarray, rounds: int = 100) -> float:
    """Return the calibration error that probabilities which are right show on so many cases, by chance."""
    dice = np.random.default_rng(len(probability))
    played = [expected_error(dice.random(len(probability)) < probability, probability) for _ in range(rounds)]
    return float(np.mean(played))


def stretch(log_odds: np.ndarray, failed: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Return slope and shift that calibrate log-odds (Platt, 1999)."""
    fitted = LogisticRegression(C=1e4).fit(log_odds[:, None], failed, sample_weight=weights)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def probability_of(log_odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
