"""Every bound of FEEL is met by a text that asks for more, and said clearly and at once."""

from contextlib import suppress

import pytest

from rules import feel
from rules.feel import bounds
from rules.feel.builtins.pattern_weight import weigh
from tests.rules.timing import SECONDS, within

LONG = 'a: for x in 1..9990 return x, t: "' + "x" * 9000 + '"'
SHARED = ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 40))
HARD = 'matches("' + "a" * 38 + '", "(a|aa)+$b")'


def _in_loop(work: str) -> str:
    return f"{{{LONG}, z: for i in 1..9000 return {work}}}.z"


DOUBLED = ", ".join(f"a{n}: a{n - 1} + a{n - 1}" for n in range(1, 40))
ENTRIES = ", ".join(f"a{number}: list<range<number>>" for number in range(100))
DEEP_TYPE = "context<a: " * 19 + "number" + ">" * 19
DEEP = "v: " + "{a: " * 19 + "[1]" + "}" * 19 + ", l: for x in 1..9500 return v"
STEPS, RANGE = "more than 100,000 steps", "a range of more than 10,000 values"
PATIENCE, WEIGHT = "more than 0.1 seconds of patterns", "a pattern repeats 20,000 characters at most"
TOO_MUCH = {
    "text": ("1" * 10_001, "longer than 10,000 characters"),
    "brackets": ("(" * 61 + "1" + ")" * 61, "nested more than 60 deep"),
    "words": ("if " * 2_000, "nested more than 60 deep"),
    "signs": ("-" * 9_000 + "1", "nested more than 60 deep"),
    "open brackets": ("[" * 9_000, "nested more than 60 deep"),
    "parts of a text": ("[" + "-1," * 3_000 + "1]", "more than 5,000 parts"),
    "operators": ("+".join("1" * 200), "more than 100 operators in a row"),
    "path": ("x" + ".a" * 200, "more than 100 steps in a path"),
    "steps": ("some x in 1..9999, y in 1..9999 satisfies false", STEPS),
    "steps of copies": ("for x in 1..9999 return partial", STEPS),
    "range": ("for x in 1..10001 return x", RANGE),
    "huge range": ("for x in 1..1000000000 return x", RANGE),
    "range of dates": ('for x in @"0001-01-01"..@"9999-01-01" return x', RANGE),
    "list": ("for a in 1..400, b in 1..400 return 1", "a list of more than 50,000 items"),
    "parts of a value": (f"{{a0: [1, 1], {SHARED}}}", "a value of more than 200,000 parts"),
    "string": (f'{{a0: "xxxxxxxxxx", {DOUBLED}}}', "a string of more than 100,000 characters"),
    "steps of calls": ("{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2), y: f(60)}.y", STEPS),
    "calls of itself": ("{f: function(n) f(n + 1), y: f(1)}.y", "more than 100 calls inside each other"),
    "range of huge numbers": ("for x in 1..9e6144 return x", RANGE),
    "range of all numbers": ("for x in -9e6144..9e6144 return x", RANGE),
    "parts of a function's type": (
        "(for x in 1..9990 return function(a: context<" + ENTRIES + ">) 1) instance of list<list<number>>",
        "a value of more than 200,000 parts",
    ),
    "judging a deep value": (f"{{{DEEP}, y: l instance of list<{DEEP_TYPE}>}}.y", STEPS),
    "converting a deep value": (f"{{{DEEP}, f: function(x: list<{DEEP_TYPE}>) 1, y: f(l)}}.y", STEPS),
    "calls": ("{f: function(g) g(g), y: f(f)}.y", "more than 100 calls inside each other"),
    "pattern": ('matches("a", t)', "a pattern has 200 characters at most"),
    "input of a pattern": ('matches(t + t, "a")', "patterns run over 10,000 characters at most"),
    "repetition": ('matches("a", "x{99999999}")', WEIGHT),
    "repetitions": ('matches("a", "((x{99}){99}){99}")', WEIGHT),
    "categories": (
        r'matches("a", "' + r"\p{L}" * 11 + '")',
        "a pattern has 10 categories of characters at most",
    ),
    "hard pattern": (HARD, PATIENCE),
    "hard replacement": (HARD.replace("matches", "replace")[:-1] + ', "x")', PATIENCE),
    "hard split": (HARD.replace("matches", "split"), PATIENCE),
    "patterns side by side": (" or ".join([HARD] * 100), PATIENCE),
    "ever other patterns": (r'for i in 1..9000 return matches("a", "\p{L}[^\p{N}]" + string(i))', PATIENCE),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_a_text_that_asks_for_more_is_stopped_at_once(what: str) -> None:
    text, reason = TOO_MUCH[what]
    feel.evaluate(r'matches("a", "\p{L}")', {})  # tables of characters are loaded once

    with within(SECONDS), pytest.raises(feel.FeelLimitError, match=reason):
        feel.evaluate(text, {"x": 1, "t": "x" * 9_000})


@pytest.mark.parametrize(
    "work",
    [
        "a = a", "reverse(a)", "sort(a, function(x, y) x < y)", "distinct values(a)", "string(a)",
        "a instance of list<number>", 'split(t, "x")', 'replace(t, "x", "y")', "stddev(a)", "log(i)",
        "i ** 0.5", "a[item > 5]", "some z in a satisfies z < 0", "t + t", "flatten([a, a])",
        "concatenate(a, a)", "index of(a, 5)", "upper case(t)",
    ],
)  # fmt: skip
def test_what_is_slow_by_itself_is_not_done_often(work: str) -> None:
    with within(4 * SECONDS), pytest.raises(feel.FeelLimitError):  # a busy machine needs longer for as much
        feel.evaluate(_in_loop(work), {})


@pytest.mark.parametrize(
    "work",
    ["i", "i / 7", "1.000001 ** 99999", "decimal(1/3, 6000)", "sqrt(i)", 'date("2026-01-01")', "1e6000 / i"],
)
def test_what_is_done_as_often_as_it_may_be_is_quick(work: str) -> None:
    with within(4 * SECONDS):  # no limit is met: what a busy machine needs
        answers = feel.evaluate(_in_loop(work), {})

    assert len(answers) == 9_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" or ".join(["n"] * 2_000), id="a name that nothing explains"),
        pytest.param(" or ".join(["abcd"] * 1_200), id="a longer one"),
        pytest.param("1 " * 4_999, id="words side by side"),
        pytest.param(
            f"{{{DEEP.replace('9500', '5000')}, f: function(x: list<{DEEP_TYPE}>) x, y: f(l)}}.y", id="deep"
        ),
        pytest.param('range("[' + ".." * 4_900 + '")', id="points of a range"),
        pytest.param(
            "x instance of context<" + ", ".join(f"a{n}: Any" for n in range(900)) + ">", id="a wide type"
        ),
    ],
)
def test_a_text_within_the_bounds_is_answered_at_once(text: str) -> None:
    with within(SECONDS), suppress(feel.FeelSyntaxError):
        feel.evaluate(text, {})


def test_a_text_that_is_too_large_is_told_where_like_any_that_is_broken() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("[" * 100)

    assert isinstance(caught.value, feel.FeelSizeError)
    assert (caught.value.reason, caught.value.span) == ("nested more than 60 deep", (60, 61))


@pytest.mark.parametrize(
    ("pattern", "weight"),
    [
        ("", 0),
        ("abc", 3),
        ("a{3}", 3),
        ("a{2,5}", 5),
        ("a{2,}", 2),
        ("a{0}", 1),
        ("ab{3}", 4),
        ("(ab){3}", 9),
        ("((ab){3}){2}", 20),
        ("a*b+c?|d", 4),
        (r"\d{5}", 5),
        (r"\p{L}", 103),
        ("[abc]{2}", 6),
        (r"[\]a]{2}", 4),
        (r"[a-[b]]", 2_003),
        ("(a", 1),
        ("a)b", 3),
        ("[a", 1),
        ("\\", 1),
        ("{9}", 0),
    ],
)
def test_a_pattern_is_weighed_with_its_repetitions(pattern: str, weight: int) -> None:
    assert weigh(pattern) == weight


def test_what_people_write_as_patterns_is_far_from_every_bound() -> None:
    for pattern in [
        r"[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,8}",
        r"^\p{Lu}[\p{L} '-]{1,80}$",
        r"^\d{4}(-\d{2}){2}$",
    ]:
        assert weigh(pattern) < bounds.PATTERN_WEIGHT / 2
