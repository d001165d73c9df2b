"""Texts about one thing come together, in as many groups as are stable, under names that people read."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from app.insights.learning.errors import TooLittleDataError
from app.insights.learning.texts import themes
from app.insights.learning.texts.following import Profile, follow
from app.insights.learning.texts.themes import Themes
from app.insights.themes.courses import Course

SUBJECTS = {
    "lamp": "lamp bulb flicker socket dimmer",
    "invoice": "invoice tax receipt billing address",
    "courier": "courier parcel tracking delay depot",
    "发票": "发票抬头 开具发票 电子发票 发票税号 补开发票",
}


def _texts(count: int) -> tuple[list[str], np.ndarray]:
    random = np.random.default_rng(5)
    subjects = list(SUBJECTS.values())
    texts = [
        " ".join(random.choice(subjects[at % 4].split(), 3, replace=False)) + f" case {at}"
        for at in range(count)
    ]
    return texts, np.arange(count) % 4


@pytest.fixture(scope="module")
def found() -> Themes:
    return themes.find(_texts(160)[0])


def test_the_number_of_themes_is_the_one_that_is_stable(found: Themes) -> None:
    assert len(found.themes) == 4
    assert adjusted_rand_score(_texts(160)[1], found.labels) == 1
    assert found.stability[4].agreement > 0.99 > found.stability[8].agreement


def test_a_theme_is_named_by_its_terms_and_shows_typical_texts(found: Themes) -> None:
    texts, true = _texts(160)

    for theme in found.themes:
        subject = list(SUBJECTS)[true[theme.members[0]]]
        assert any(term in SUBJECTS[subject] for term in theme.terms)
        assert len({texts[at] for at in theme.examples}) == 3
        assert set(theme.examples) <= set(theme.members)
    assert sum(len(theme.members) for theme in found.themes) == 160


def test_a_number_may_be_asked_for() -> None:
    assert len(themes.find(_texts(80)[0], k=2).themes) == 2


def test_too_few_texts_have_no_themes() -> None:
    with pytest.raises(TooLittleDataError) as caught:
        themes.find([*_texts(59)[0], *_texts(20)[0]])

    assert (caught.value.there, caught.value.needed) == (59, 60)


def test_texts_that_say_nothing_break_nothing() -> None:
    blank = themes.find([*_texts(80)[0], "", "...", "the the", "？"])

    assert sum(len(theme.members) for theme in blank.themes) == 84


def test_a_text_said_often_is_shown_once() -> None:
    texts = [*_texts(80)[0], *["A  broken Lamp", "a broken lamp"] * 20]

    found = themes.find(texts, k=4)

    said = [" ".join(texts[at].casefold().split()) for theme in found.themes for at in theme.examples]
    assert said.count("a broken lamp") <= 1
    assert len(set(found.labels[80:])) == 1


def test_themes_of_two_periods_are_followed() -> None:
    before = [
        Profile({"lamp": 1.0, "bulb": 0.5}, 100),
        Profile({"parcel": 1.0}, 100),
        Profile({"fax": 1.0}, 50),
        Profile({"chair": 1.0}, 150),
    ]
    after = [
        Profile({"parcel": 0.9, "delay": 0.3}, 300),
        Profile({"chair": 1.0, "stool": 0.1}, 160),
        Profile({"lamp": 0.8, "bulb": 0.6}, 20),
        Profile({"app": 1.0}, 40),
    ]

    courses = [(each.before, each.after, each.course) for each in follow(before, after)]

    assert courses == [
        (1, 0, Course.GREW),
        (3, 1, Course.SAME),
        (0, 2, Course.SHRANK),
        (None, 3, Course.NEW),
        (2, None, Course.GONE),
    ]


def test_a_first_period_has_only_new_themes() -> None:
    assert [each.course for each in follow([], [Profile({"lamp": 1.0}, 9)])] == [Course.NEW]


def test_a_theme_without_terms_is_like_no_other() -> None:
    followed = follow([Profile({}, 9)], [Profile({}, 9)])

    assert [each.course for each in followed] == [Course.NEW, Course.GONE]
