"""Errors that teach: where a text breaks, what was expected there, and what its writer may have meant."""

import time

import pytest

from rules import feel
from rules.dmn.check import check_document
from rules.feel import hints
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from tests.rules.dmn_builders import decision, definitions, input_data, needs_input, table

SCOPE = {"amount": 1, "order total": 2, "客户等级": "金牌", "region": "EU"}


@pytest.mark.parametrize(
    ("text", "start", "hint"),
    [
        ("amount == 1", 8, "write `=` instead of `==`"),
        ("amount === 1", 8, "write `=` instead of `===`"),
        ("amount && region", 7, "write `and` instead of `&&`"),
        ("amount || region", 7, "write `or` instead of `||`"),
        ("amount & region", 7, "write `and` instead of `&`"),
        ("amount <> 1", 8, "write `!=` instead of `<>`"),
        ("amount !== 1", 9, "write `!=` instead of `!==`"),
        ("amount =< 1", 8, "write `<=` instead of `=<`"),
        ("amount => 1", 8, "write `>=` instead of `=>`"),
        ("amount ≥ 1", 7, "write `>=` instead of `≥`"),
        ("!amount", 0, "write `not(…)` instead of `!`"),
        ("amount % 2", 7, "write `modulo(…, …)` instead of `%`"),
        ("'EU' = region", 0, "write `\"` instead of `'`"),
        ("max(1; 2)", 5, "write `,` instead of `;`"),
        ("max（1，2）", 3, "write `(` instead of `（`"),
        ("amount AND region", 7, "write `and` instead of `AND`"),
        ("if amount > 1 THEN 2", 14, "write `then` instead of `THEN`"),
        ("region is null", 7, "write `=` instead of `is`"),
        ("amount ? 1 : 2", 7, "write `if … then … else …` instead of `?`"),
        ("amount in 1..5", 11, "a range stands in brackets, such as `[1..5]`"),
        ('region contains "E"', 7, "`contains` is a function: `contains(…)`"),
        ("order totl > 5", 6, "did you mean 'order total'?"),
        ("1 + order totl 5 > 5", 10, "did you mean 'order total'?"),
        ('region = "EU', 9, "a string without its closing quote"),
        ("(amount + (1)", 13, "`)` should stand here for the `(` of character 1"),
        ("{a: [1, 2}", 9, "`]` should stand here for the `[` of character 5"),
        ("{a: 1", 5, "`}` should stand here for the `{` of character 1"),
        ("1 2", 2, "`2` is one too many"),
        ("1２ + 1", 1, "`２` is one too many; write `2` instead of `２`"),
        ("٣ + 1", 0, "write `3` instead of `٣`"),
        ("amount instance of", 18, "a type should stand here, such as `number`"),
        ("amount instance of list< >", 25, "a type should stand here, such as `number`"),
        ("amount instance of numbre", 19, "no type is named `numbre`"),
        ("1 + 1e7000", 4, "a number larger than 9.99E+6144"),
        pytest.param("1 + " + "9" * 6_200, 4, "a number larger than 9.99E+6144", id="very many digits"),
        (r'"a" + "bc\uD800"', 9, "half a character"),
        (r'"\uD83D\uDE00 \U00DC00"', 14, "half a character"),
        pytest.param('"\ud800"', 1, "half a character", id="half a character itself"),
        ("amount instance of context<a: number, a: string>", 38, "the entry 'a' is there twice"),
        ("amount other", 7, "`other` is one too many"),
    ],
)
def test_a_broken_text_is_told_where_and_what_to_write(text: str, start: int, hint: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text, SCOPE)

    assert caught.value.span[0] == start
    assert caught.value.reason.endswith(hint)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("amuont > 5", "nothing is named 'amuont'; did you mean 'amount'?"),
        ("Amount > 5", "nothing is named 'Amount'; did you mean 'amount'?"),
        ("orderTotal > 5", "nothing is named 'orderTotal'; did you mean 'order total'?"),
        ("order_total > 5", "nothing is named 'order_total'; did you mean 'order total'?"),
        ("客户登级 = 1", "nothing is named '客户登级'; did you mean '客户等级'?"),
        ('contians(region, "E")', "nothing is named 'contians'; did you mean 'contains'?"),
        ("for line in [1] return lime", "nothing is named 'lime'; did you mean 'line'?"),
        ("region = “EU”", "nothing is named '“EU”'; write `\"` instead of `“`"),
        ("amount = None", "nothing is named 'None'; write `null` instead of `None`"),
        ("True", "nothing is named 'True'; write `true` instead of `True`"),
        ("x1 = 5", "nothing is named 'x1'"),
        ("amount > １２", "nothing is named '１２'; write `12` instead of `１２`"),
        ("{total: 1}.totl", "the context has no entry 'totl'; did you mean 'total'?"),
        (
            'get value({total: 1}, "totl")',
            "get value: the context has no entry 'totl'; did you mean 'total'?",
        ),
        ("{total: 1}.customer", "the context has no entry 'customer'"),
        ("floor(n: 1, sclae: 1)", "floor: no argument is named 'sclae'; did you mean 'scale'?"),
        ("floor(m: 1)", "floor: no argument is named 'm'; write `floor(n: number, scale?: number)`"),
        (
            'date(from: "2026-01-01", year: 1)',
            "date: wrong arguments (2 given); write `date(from: string | date | date and time)`"
            " or `date(year: number, month: number, day: number)`",
        ),
        ("decimal(n: 1)", "decimal: wrong arguments (1 given); write `decimal(n: number, scale: number)`"),
        (
            "{f: function(amount) 1, r: f(amuont: 1)}.r",
            "this function wants the arguments amount; did you mean 'amount'?",
        ),
        ("{f: function(a, b) 1, r: f(a: 1)}.r", "this function wants the arguments a, b"),
        ("floor(1, 2, 3)", "floor: wrong arguments (3 given); write `floor(n: number, scale?: number)`"),
        (
            "date(1, 2)",
            "date: wrong arguments (2 given); write `date(from: string | date | date and time)`"
            " or `date(year: number, month: number, day: number)`",
        ),
    ],
)
def test_a_null_says_what_may_be_meant(text: str, reason: str) -> None:
    warnings = feel.run(text, SCOPE).warnings

    assert reason in [warning.reason for warning in warnings]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("== 5", "`=` stands where a value should; write `=` instead of `==`"),
        ("> 5 and < 10", "`and` joins no tests of a cell; write a range, or `? > 1 and ? < 9`"),
        ('"EU"; "US"', "`;` is one too many; write `,` instead of `;`"),
        ("5..10", "`..` is one too many; a range stands in brackets, such as `[1..5]`"),
    ],
)
def test_a_broken_cell_is_told_what_to_write(cell: str, reason: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        parse_tests(cell, Scope(frozenset(SCOPE)))

    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("cell", "detail"),
    [
        ("EU", "nothing is named 'EU'; a text stands in quotes: \"EU\""),
        ("“EU”", "nothing is named '“EU”'; write `\"` instead of `“`"),
        ("> amuont", "nothing is named 'amuont'; did you mean 'amount'?"),
    ],
)
def test_a_table_says_how_a_text_is_written(cell: str, detail: str) -> None:
    body = table(["amount"], ["o"], [[cell, "1"]])
    document = definitions(input_data("amount") + decision("d", body, needs=needs_input("amount")))

    found = check_document(document)

    assert detail in [finding.detail for finding in found]


def test_an_error_of_several_lines_names_its_line() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("amount > 1\n  and region ==\n  1", SCOPE)

    error = caught.value
    assert (error.line, error.column) == (2, 15)
    assert str(error).endswith("write `=` instead of `==` in line 2, at character 15 of '  and region =='")


def test_an_error_of_one_line_names_its_character() -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile("1 +", SCOPE)

    assert (caught.value.line, caught.value.column) == (1, 4)
    assert str(caught.value) == "a value is missing at character 4 of '1 +'"


def test_a_name_is_looked_for_only_where_it_can_be_near() -> None:
    assert hints.nearest("a" * 61, ["a" * 60]) is None
    assert hints.nearest("ab", ["abc"]) is None
    assert hints.nearest("discount", ["amount", "discounts", "discoumt"]) == "discounts"
    assert hints.nearest("weight", ["height", "eighty"]) == "height"


def test_an_entry_is_looked_for_among_few_and_a_few_times_only() -> None:
    wide = {f"total {number}": number for number in range(200)}

    many = feel.run("x.totl", {"x": wide}).warnings
    often = feel.run("for i in 1..50 return x.totl", {"x": {"total": 1}}).warnings

    assert many[0].reason == "the context has no entry 'totl'"
    assert [warning.reason.endswith("did you mean 'total'?") for warning in often] == [True] * 5 + [
        False
    ] * 45


def test_a_reason_does_not_quote_a_long_text_in_full() -> None:
    warnings = feel.run("number(x)", {"x": "y" * 5_000}).warnings

    assert len(warnings[0].reason) == 500


def test_a_text_of_unknown_names_is_not_slow() -> None:
    names = [f"a name of the order number {number}" for number in range(200)]
    text = " + ".join(f"(nothing{number} + x)" for number in range(90))
    started = time.thread_time()

    expression = feel.compile(text, names)

    assert len(expression.unknown) == 91
    assert time.thread_time() - started < 0.5
