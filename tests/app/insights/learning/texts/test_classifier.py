"""A learned classifier tells texts into types, in two languages, and the web's answer is the learner's."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from app.insights import scoring_texts
from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.texts import classifier
from app.insights.learning.texts.classifier import Classifier
from app.insights.scoring_texts import Weights
from tests.app.insights.learning.texts.saying import STRANGE, some


@pytest.fixture(scope="module")
def learned() -> Classifier:
    return classifier.learn(*some(200))


@pytest.fixture(scope="module")
def weights(learned: Classifier) -> Weights:
    return scoring_texts.load(json.loads(json.dumps(classifier.export(learned))))


def test_plain_python_gives_what_scikit_learn_gives(learned: Classifier, weights: Weights) -> None:
    asked = [*some(40, seed=1)[0], *STRANGE, "", "   ", "Ⅷ ＡＢＣ’s 1,310.50 ~~", "a " * 500, "灯" * 900]

    found = np.array([scoring_texts.margins(weights, text) for text in asked])

    assert np.abs(found - learned.margins(asked)).max() < 1e-9
    _, confidence, belongs = learned.sure(asked)
    for text, sure, belonging in zip(asked, confidence, belongs, strict=True):
        suggestion = scoring_texts.suggest(weights, text)
        assert math.isclose(suggestion.confidence, sure, abs_tol=1e-9)
        assert math.isclose(suggestion.belongs, belonging, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("Is the COURIER delayed again?", "delivery", id="English in another form"),
        pytest.param("麻烦修改一下发票抬头", "invoice", id="Chinese without spaces"),
        pytest.param("我们要20张办公椅chair", "seating", id="both in one"),
    ],
)
def test_a_text_said_in_another_way_is_told(weights: Weights, text: str, kind: str) -> None:
    assert scoring_texts.suggest(weights, text).type == kind


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_none_of_these_is_said_to_be_none(weights: Weights, text: str) -> None:
    suggestion = scoring_texts.suggest(weights, text)

    assert suggestion.type is None
    assert len(suggestion.likeliest) == 3


def test_an_empty_text_is_none_of_these(weights: Weights) -> None:
    assert scoring_texts.suggest(weights, "").type is None


def test_chances_add_up_to_one(weights: Weights) -> None:
    suggestion = scoring_texts.suggest(weights, "a broken desk lamp", most=99)

    assert math.isclose(sum(chance for _, chance in suggestion.likeliest), 1)
    assert suggestion.confidence == max(chance for _, chance in suggestion.likeliest)


def test_too_few_examples_are_counted() -> None:
    texts, types = some(12)

    with pytest.raises(TooLittleDataError) as caught:
        classifier.learn(texts, types)

    assert (caught.value.there, caught.value.needed) == (8, 15)


def test_a_type_of_few_examples_is_left_out_of_the_others() -> None:
    texts, types = some(60)

    learned = classifier.learn([*texts, "a rare thing"], [*types, "rare"])

    assert "rare" not in learned.types


def test_three_types_are_enough() -> None:
    texts, types = some(100)
    three = [at for at, kind in enumerate(types) if kind in {"lighting", "invoice", "repair"}]

    learned = classifier.learn([texts[at] for at in three], [types[at] for at in three])

    weights = scoring_texts.load(classifier.export(learned))
    assert scoring_texts.suggest(weights, "double charge on the tax receipt").type == "invoice"


def test_no_word_can_be_read_out_of_what_is_kept(learned: Classifier, weights: Weights) -> None:
    secret = b"the organisation's"
    kept = json.dumps(classifier.export(learned, secret))

    assert "lamp" in learned.views.pieces("words")
    assert "lamp" not in kept
    mine, strange = (scoring_texts.load(json.loads(kept), each) for each in (secret, b"another's"))
    asked = "a broken desk lamp"
    assert scoring_texts.margins(mine, asked) == scoring_texts.margins(weights, asked)
    assert scoring_texts.margins(strange, asked) == list(weights.offsets)


def test_weights_of_another_format_are_refused(learned: Classifier) -> None:
    with pytest.raises(ValueError, match="format 99"):
        scoring_texts.load({**classifier.export(learned), "format": 99})
