"""Where a text that is no FEEL is told to be wrong, and how names are cut."""

import pytest

from rules import feel
from rules.feel import nodes
from rules.feel.lexer import is_plain_name, name_key, tokenize
from rules.feel.names import NameTable, Scope
from rules.feel.parser import parse, parse_tests


@pytest.mark.parametrize(
    ("text", "start", "reason"),
    [
        ("1 +", 3, "a value is missing"),
        ("", 0, "a value is missing"),
        ("a b", 2, "`b` is one too many"),
        ("if a then b", 11, "`if` wants `else`"),
        ("if a else b", 5, "`if` wants `then`"),
        ("for x in a", 10, "`for` wants `return`"),
        ("some x in a", 11, "`some` wants `satisfies`"),
        ("for 1 in a return 1", 4, "a name is missing"),
        ("for (a) in b return 1", 4, "a name and `in` should stand here"),
        ("or", 0, "`or` stands where a value should"),
        ("a instance number", 11, "`instance` wants `of`"),
        ("a instance of money", 14, "no type is named `money`"),
        ("a instance of list<number", 25, "`>` should stand here for the `<` of character 19"),
        ("a instance of set<number>", 14, "no type is named `set`"),
        ("a between 1 or 2", 12, "`between` wants `and` after its lower end"),
        ('"abc', 0, "a string without its closing quote"),
        ("(1", 2, "`)` should stand here for the `(` of character 1"),
        ("[1, 2", 5, "`]` should stand here for the `[` of character 1"),
        ("[1..2", 5, "the text ends too early"),
        ("[1..2}", 5, "a range wants `]`, `)` or `[` at its end"),
        ("{a: 1, a: 2}", 7, "the entry 'a' is there twice"),
        ("{: 1}", 1, "a name is missing"),
        ("{a}", 2, "a name and `:` should stand here"),
        ("f(1, a: 2)", 10, "arguments are given either all by name, each once, or all by position"),
        ("f(a: 1, a: 2)", 13, "arguments are given either all by name, each once, or all by position"),
        ("a.", 2, "a path wants a name after its point"),
        ("a.1", 1, "`.1` is one too many"),
        ("function(1) 2", 9, "a parameter wants a name"),
        ("%", 0, "`%` stands where a value should; write `modulo(…, …)` instead of `%`"),
        ("in ]", 0, "`in` stands where a value should"),
        ("not", 0, ""),
    ],
)
def test_an_error_points_at_the_character(text: str, start: int, reason: str) -> None:
    if not reason:
        assert parse(text) == nodes.Name((0, 3), "not")
        return

    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text, ["a", "f"])

    assert (caught.value.span[0], caught.value.reason) == (start, reason)
    assert caught.value.text == text


def test_a_long_text_is_shortened_in_the_message() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("1 + " + "1 + " * 40, [])

    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "tests", "negated"),
    [
        ("-", 0, False),
        ('"a","b"', 2, False),
        ('not("a","b")', 2, True),
        ("< 10", 1, False),
        ("[1..3], 5", 2, False),
    ],
)
def test_a_cell_is_read_as_tests(text: str, tests: int, negated: bool) -> None:
    found = parse_tests(text)

    assert (len(found.tests), found.negated) == (tests, negated)


@pytest.mark.parametrize("text", ["not(x) = 3", "not(x", "not", "- 1", "not(x) + not(y)"])
def test_a_cell_may_begin_like_a_negation_without_being_one(text: str) -> None:
    try:
        found = parse_tests(text, Scope(frozenset({"x", "y"})))
    except feel.FeelSyntaxError:
        assert text == "not(x"
        return

    assert not found.negated


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("[1..2]", (True, True)),
        ("(1..2)", (False, False)),
        ("]1..2[", (False, False)),
        ("(1..2]", (False, True)),
    ],
)
def test_a_range_may_be_written_with_any_of_its_brackets(text: str, closed: tuple[bool, bool]) -> None:
    node = parse(text)

    assert isinstance(node, nodes.RangeLiteral)
    assert (node.low_closed, node.high_closed) == closed


@pytest.mark.parametrize("rest", [" = 1", ".start", " instance of number", ") = 1"])
def test_an_open_bracket_closes_a_range_where_no_filter_can_stand(rest: str) -> None:
    text = f"(]1..2[{rest}" if rest.startswith(")") else f"]1..2[{rest}"

    node = parse(text)

    assert any(isinstance(each, nodes.RangeLiteral) for each in nodes.walk(node))


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("x in (1, 2)", 2),
        ("x in (1..2)", 1),
        ("x in (1 + 2) * 3", 1),
        ("x in ((1), 2)", 2),
        ("x in (f(1), [2..3])", 2),
    ],
)
def test_in_takes_tests_in_parentheses_or_one_value(text: str, tests: int) -> None:
    node = parse(text, Scope(frozenset({"x", "f"})))

    assert isinstance(node, nodes.In)
    assert len(node.tests) == tests


def test_a_broken_in_is_told_where_it_breaks() -> None:
    with pytest.raises(feel.FeelSyntaxError, match=r"`\)` should stand here"):
        parse("x in (1, 2")


def test_entry_names_with_signs_are_known_when_they_are_told() -> None:
    scope = Scope(frozenset({"loan"}), frozenset({"monthly-rate", "a b"}))

    assert parse("loan.monthly-rate", scope) == nodes.Path(
        (0, 17), nodes.Name((0, 4), "loan"), "monthly-rate"
    )
    assert parse("loan[monthly-rate > 1]", scope) is not None
    assert parse("loan.other", scope) == nodes.Path((0, 10), nodes.Name((0, 4), "loan"), "other")


def test_types_are_read_with_their_parts() -> None:
    node = parse("x instance of function<list<number>, context<a b: string>> -> range<date>")

    assert isinstance(node, nodes.InstanceOf)
    assert parse("x instance of context<>") is not None
    assert parse("x instance of function<> -> Any") is not None


def test_spaces_in_names_do_not_matter() -> None:
    table = NameTable(["Order   total", ""])

    assert name_key("a+b") == ("a", "+", "b")
    assert table.longest(tokenize("Order total"), 0) == ("Order   total", 2)
    assert table.longest(tokenize("Order"), 0) is None
    assert table.longest(tokenize('Order "total"'), 0) is None


def test_a_name_that_cannot_be_spelled_is_just_not_found() -> None:
    assert feel.evaluate("1 + 1", {'a "b': 1}) == 2


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("amount", True),
        ("order total", True),
        ("a.b", False),
        ("1", False),
        ("if", False),
        ("", False),
        ('"', False),
    ],
)
def test_a_plain_name_is_letters_and_spaces(text: str, plain: bool) -> None:
    assert is_plain_name(text) is plain
