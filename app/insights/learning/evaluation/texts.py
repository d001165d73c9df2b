"""How well texts are told into types and grouped: on Banking77, or a file of its shape."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import normalized_mutual_info_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from app.insights import scoring_texts
from app.insights.learning.errors import MisshapenFileError, TooLittleDataError
from app.insights.learning.evaluation.files import Files
from app.insights.learning.evaluation.reporting import Comparison, Report, Say
from app.insights.learning.texts import classifier, themes
from app.wording import worded

FOLDS, HIDING_ROUNDS = 5, 3
LOW = (5, 10, 20)
FOREIGN = "nlupp_hotels"
_BINS = 10


@dataclass(frozen=True, slots=True)
class _Texts:
    texts: Any
    types: Any


def evaluate(files: Files, seed: int, say: Say) -> Report:
    """Measure on one file by folds, or on a test file what was learned from a training file."""
    splits = list(_splits(files, seed))
    whole = _joined(files)
    figures, rows = _accuracies(splits, say)
    figures |= _strangers(splits, seed, _foreign(files), say)
    figures |= _low(splits[0], seed, say)
    grouped, more = _grouping(whole, seed, say)
    figures |= grouped
    return Report(figures, (*rows, *more), _notes(files, whole, figures))


def _read(file: Path) -> _Texts:
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (ValueError, UnicodeDecodeError) as error:
        raise MisshapenFileError(file, worded("cannot be read as CSV: {why}", why=str(error))) from None
    for column in ("text", "category"):
        if column not in table:
            raise MisshapenFileError(file, worded("there is no such column in line 1"), column)
        if table.empty:
            raise MisshapenFileError(file, worded("has no rows"))
        if empty := [row for row, value in enumerate(table[column], 1) if not value.strip()]:
            raise MisshapenFileError(file, worded("row {row} is empty", row=empty[0]), column)
    return _Texts(table["text"].to_numpy(object), table["category"].to_numpy(object))


def _joined(files: Files) -> _Texts:
    if not files.parts:
        return _read(files.needed())
    train, test = map(_read, files.parts)
    return _Texts(np.concatenate([train.texts, test.texts]), np.concatenate([train.types, test.types]))


def _splits(files: Files, seed: int) -> Iterator[tuple[_Texts, _Texts]]:
    """Yield training and test: the two files, or each fold in turn, every type in its share."""
    if files.parts:
        train = _read(files.parts[0])
        _refuse_one(train)
        yield train, _read(files.parts[1])
        return
    whole = _read(files.needed())
    _refuse_one(whole)
    _refuse_few(whole)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    for train, test in folds.split(whole.texts, whole.types):
        yield _Texts(whole.texts[train], whole.types[train]), _Texts(whole.texts[test], whole.types[test])


def _refuse_one(texts: _Texts) -> None:
    if (there := len(np.unique(texts.types))) < 2:
        raise TooLittleDataError("types of texts", there, 2)


def _refuse_few(whole: _Texts) -> None:
    least = int(np.unique(whole.types, return_counts=True)[1].min())
    if least < FOLDS:
        raise TooLittleDataError("texts of the rarest category", least, FOLDS)


def _accuracies(
    splits: Sequence[tuple[_Texts, _Texts]], say: Say
) -> tuple[dict[str, float], list[Comparison]]:
    ours, plain = [], []
    for number, (train, test) in enumerate(splits, 1):
        known, model = classifier.fit(list(train.texts), list(train.types))
        ours.append(model.predict(known.matrix(test.texts)) == test.types)
        usual = make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0))
        plain.append(usual.fit(train.texts, train.types).predict(test.texts) == test.types)
        say(f"part {number} of {len(splits)}: accuracy {ours[-1].mean():.4f}")
    accuracy, usual_accuracy = float(np.concatenate(ours).mean()), float(np.concatenate(plain).mean())
    row = Comparison("type of a text, accuracy", accuracy, usual_accuracy, "TF-IDF words, linear SVM")
    return {"need.accuracy": accuracy}, [row]


def _strangers(
    splits: Sequence[tuple[_Texts, _Texts]], seed: int, foreign: list[str], say: Say
) -> dict[str, float]:
    """Hide a fifth of the types altogether: are their texts told from the others, and at what price?"""
    names = np.random.default_rng(seed).permutation(np.unique(splits[0][0].types))
    sure, inside, right, told, heard, slow = [], [], [], [], [], []
    for number in range(HIDING_ROUNDS):
        train, test = splits[number % len(splits)]
        hidden = names[number::FOLDS]
        seen = ~np.isin(train.types, hidden)
        learned = classifier.learn(list(train.texts[seen]), list(train.types[seen]), seed)
        at, confidence, belongs = learned.sure(test.texts)
        sure.append(confidence)
        inside.append(np.isin(test.types, learned.types))
        right.append(np.array(learned.types, object)[at] == test.types)
        told.append((belongs, belongs >= learned.doubt.threshold))
        if foreign:
            strange = learned.sure(foreign)[2]
            heard.append((strange, strange >= learned.doubt.threshold))
        slow.append(_milliseconds(learned, test.texts))
        say(f"round {number + 1} of {HIDING_ROUNDS} with {len(hidden)} types hidden")
    ours, well, chance = map(np.concatenate, (inside, right, sure))
    belongs, kept = (np.concatenate([each[part] for each in told]) for part in (0, 1))
    if not ours.any():
        raise TooLittleDataError("texts of the test whose type is learned", 0, 1)
    figures = {
        "need.answered": float(kept[ours].mean()),
        "need.accuracy_answered": float(well[ours & kept].mean()),
        "need.confidence_ece": _calibration_error(chance[ours], well[ours]),
        "need.milliseconds": float(np.median(slow)),
    }
    if not ours.all():
        figures["need.oos_auroc"] = float(roc_auc_score(ours, belongs))
        figures["need.oos_refused"] = float(1 - kept[~ours].mean())
    if heard:
        others = np.concatenate([each[0] for each in heard])
        both = np.concatenate([belongs[ours], others])
        truth = np.concatenate([np.ones(int(ours.sum())), np.zeros(len(others))])
        figures["need.foreign_auroc"] = float(roc_auc_score(truth, both))
        figures["need.foreign_refused"] = float(1 - np.concatenate([each[1] for each in heard]).mean())
    return figures


def _milliseconds(learned: classifier.Classifier, texts: Sequence[str]) -> float:
    """Return the processor time of one suggestion in plain Python."""
    weights, asked = scoring_texts.load(classifier.export(learned)), list(texts[:200])
    begun = time.process_time()
    for text in asked:
        scoring_texts.suggest(weights, text)
    return (time.process_time() - begun) / len(asked) * 1_000


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Return how far confidence lies from the share that is right, over ten bins of equal width."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == at).mean() * abs(confidence[bins == at].mean() - right[bins == at].mean())
        for at in np.unique(bins)
    ]
    return float(sum(gaps))


def _foreign(files: Files) -> list[str]:
    """Return texts of another trade, where they lie beside the file."""
    folder = files.companion(FOREIGN)
    if folder is None:
        return []
    return [
        each["text"] for file in sorted(folder.glob("*.json")) for each in json.loads(file.read_text("utf-8"))
    ]


def _low(split: tuple[_Texts, _Texts], seed: int, say: Say) -> dict[str, float]:
    """Learn from few examples of each type, drawn three times."""
    (train, test), figures = split, {}
    for examples in LOW:
        found = []
        for draw in range(3):
            random = np.random.default_rng(seed + draw)
            chosen = np.concatenate(
                [
                    random.permutation(np.flatnonzero(train.types == name))[:examples]
                    for name in np.unique(train.types)
                ]
            )
            known, model = classifier.fit(list(train.texts[chosen]), list(train.types[chosen]))
            found.append(float((model.predict(known.matrix(test.texts)) == test.types).mean()))
        figures[f"need.accuracy_{examples}_per_type"] = float(np.mean(found))
        say(f"{examples} examples of each type: accuracy {np.mean(found):.4f}")
    return figures


def _grouping(whole: _Texts, seed: int, say: Say) -> tuple[dict[str, float], list[Comparison]]:
    texts, true = list(whole.texts), len(np.unique(whole.types))
    found = themes.find(texts, seed)
    say(f"themes: {len(found.themes)} by stability")
    given = themes.find(texts, seed, k=true)
    usual = KMeans(true, n_init=3, random_state=seed).fit_predict(TfidfVectorizer().fit_transform(texts))
    chosen, as_many, plain = (
        float(normalized_mutual_info_score(whole.types, labels))
        for labels in (found.labels, given.labels, usual)
    )
    figures = {
        "need.nmi": as_many,
        "need.nmi_chosen": chosen,
        "need.themes_chosen": float(len(found.themes)),
        "need.theme_stability": found.stability[len(found.themes)].agreement,
    }
    rows = [
        Comparison(f"themes, NMI at the true number ({true})", as_many, plain, "TF-IDF words, k-means"),
        Comparison(f"themes, NMI at the number chosen ({len(found.themes)})", chosen, plain, "the same"),
    ]
    return figures, rows


def _notes(files: Files, whole: _Texts, figures: dict[str, float]) -> tuple[str, ...]:
    how = (
        "training and test given apart"
        if files.parts
        else f"{FOLDS}-fold, stratified, shuffled with the seed"
    )
    kinds = len(np.unique(whole.types))
    refused = (
        f"{figures['need.oos_refused']:.0%} of their texts are refused"
        if "need.oos_refused" in figures
        else "The test has no text of theirs"
    )
    return (
        f"{len(whole.texts)} texts of {kinds} types; accuracy {how}.",
        f"None of these: in {HIDING_ROUNDS} rounds a fifth of the types is hidden from training. "
        f"{refused}; of the others "
        f"{figures['need.answered']:.0%} are answered, "
        f"{figures['need.accuracy_answered']:.1%} of those rightly.",
        "Foreign texts are those of the folder nlupp_hotels (another trade). The number of themes is the one "
        "whose groups agree most between samples of the texts; it is chosen without the types.",
    )
