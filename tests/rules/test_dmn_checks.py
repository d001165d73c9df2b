"""Checks before a deployment, and the tests beside a table."""

import pytest

from rules import dmn
from rules.dmn.check import check_document
from rules.dmn.testing import TestFileError, run_tests
from tests.rules.dmn_builders import decision, definitions, input_data, literal, needs_input, table


def found(body: str, *inputs: str) -> list[tuple[str, str]]:
    data = "".join(input_data(name) for name in inputs)
    document = definitions(data + decision("d", body, needs=needs_input(*inputs)))
    return [(each.element, each.message) for each in check_document(document)]


def test_a_sound_table_has_no_findings() -> None:
    assert found(table(['x|"a","b"'], ['o|"y","n"'], [['"a"', '"y"'], ['"b"', '"n"']]), "x") == []


@pytest.mark.parametrize(
    ("body", "element", "reason"),
    [
        (table(["x"], ["o"], [["1 +", "1"]]), "d, rule 1, column x", "a value is missing"),
        (table(["x"], ["o"], [["", "1"], ["", "1 +"]]), "d, rule 2, column o", "a value is missing"),
        (table(["x +"], ["o"], [["", "1"]]), "d, input x +", "a value is missing"),
        (table(["y"], ["o"], [["", "1"]]), "d, input y", "nothing is named 'y'"),
        (
            table(["x"], ["o"], [["z", "1"]]),
            "d, rule 1, column x",
            "nothing is named 'z'; a text stands in quotes: \"z\"",
        ),
        (
            table(["x"], ["o"], [["", "low"]]),
            "d, rule 1, column o",
            "nothing is named 'low'; a text stands in quotes: \"low\"",
        ),
        (
            table(["x"], ["o"], [["", "1"]], "SOMETIMES"),
            "d, decisionTable table",
            "unknown hit policy SOMETIMES",
        ),
        (
            table(["x"], ["o"], [["", "1"]], "COLLECT", "AVG"),
            "d, decisionTable table",
            "unknown hit policy COLLECT AVG",
        ),
        (
            table(["x"], ["o"], [["", "1"]], "PRIORITY"),
            "d, output o",
            "PRIORITY needs the allowed values of each output, in order",
        ),
        (table(["x"], ["o"], [["1"]]), "d, rule 1", "more or fewer cells than the table has columns"),
        (table(["x"], [], [["1"]]), "d", "the table has no output"),
        (table(["x"], ["o", "o"], [["", "1", "2"]]), "d", "the outputs need names of their own"),
        (
            table(["x"], ["o:string"], [["", '"a"']], "COLLECT", "SUM"),
            "d, column o",
            "COLLECT SUM works on numbers",
        ),
        (
            table(["x"], ["o", "p"], [["", "1", "1"]], "COLLECT", "MAX"),
            "d",
            "COLLECT MAX works on one output, the table has several",
        ),
        (
            table(['x|"UK","US"'], ["o"], [['"uk "', "1"]]),
            "d, rule 1, column x",
            "'uk ' is not among the allowed values; 'UK' is",
        ),
        (table(['x|"UK" +'], ["o"], [["", "1"]]), "d, allowed values of input x", "a value is missing"),
        (
            table(["x"], ['o|"y","n"'], [["", '"maybe"']]),
            "d, rule 1, column o",
            "'maybe' is not among the allowed values",
        ),
        (table(["x"], ['o|"y" +'], [["", '"y"']]), "d, allowed values of output o", "a value is missing"),
        (table(["x:money"], ["o"], [["", "1"]]), "d, inputExpression (line 1)", "no type is named 'money'"),
        (
            literal("1", 'expressionLanguage="groovy"'),
            "d, literalExpression (line 1)",
            "the language 'groovy' is not FEEL",
        ),
        (
            literal("function(x) external {java: {}}"),
            "d, literalExpression (line 1)",
            "an external function is not run here",
        ),
        (
            table(["x"], ["o"], [["", "1"]]).replace(
                "<inputEntry>", '<inputEntry expressionLanguage="juel">'
            ),
            "d, rule 1, column x",
            "the language 'juel' is not FEEL",
        ),
        (
            "<relation><column name='a'/><row/></relation>",
            "d, relation (line 1)",
            "a row has more or fewer cells than there are columns",
        ),
        (
            "<list><functionDefinition kind='Java'/></list>",
            "d, functionDefinition (line 1)",
            "a function of kind Java is not run here",
        ),
    ],
)
def test_a_finding_names_the_rule_and_the_column(body: str, element: str, reason: str) -> None:
    assert (element, reason) in found(body, "x")


def test_feel_by_any_of_its_names_is_feel() -> None:
    body = literal("1", 'expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/"')

    assert found(body) == []


def test_a_document_that_cannot_be_read_is_one_finding() -> None:
    (fault,) = check_document(b"<a/>")

    assert fault.element == "document"


def test_allowed_values_that_are_no_literals_are_checked_too() -> None:
    assert found(table(["x|[1..5]"], ["o"], [["7", "1"]]), "x") == [
        ("d, rule 1, column x", "7 is not among the allowed values")
    ]


MODEL = dmn.load(
    definitions(
        input_data("amount", "number")
        + input_data("region", "string")
        + input_data("new", "boolean")
        + input_data("tags", "tTags")
        + '<itemDefinition name="tTags" isCollection="true"><typeRef>string</typeRef></itemDefinition>'
        + input_data("since")
        + decision(
            "level",
            table(["amount", "region"], ["o"], [["<= 10", "-", '"low"'], ["> 10", '"EU"', '"high"']]),
            needs=needs_input("amount", "region"),
        )
        + decision(
            "teams",
            table(["amount"], ["team", "days"], [["> 1", '"a"', "1.50"], ["> 2", '"b"', "null"]], "COLLECT"),
            needs=needs_input("amount"),
        )
        + decision("echo", literal("[tags, new, since]"), needs=needs_input("tags", "new", "since"))
    )
)


def test_every_line_is_put_to_the_decision() -> None:
    report = run_tests(
        MODEL, "level", "amount,region,expect:level,note\n10,EU,low,the limit\n11,EU,low,above\n\n"
    )

    first, second = report.rows
    assert (first.passed, first.matched, first.note, first.line) == (True, (1,), "the limit", 2)
    assert (second.passed, second.expected, second.got) == (False, {"level": "low"}, {"level": "high"})
    assert (first.wrong, second.wrong) == ((), ("level",))
    assert not report.passed
    assert report.unhit == {"table": ()}


def test_a_rule_that_no_line_hits_is_named() -> None:
    report = run_tests(MODEL, "level", "amount,region,expect:level\n10,EU,low\n")

    assert report.passed
    assert not report.complete
    assert report.unhit == {"table": (2,)}


def test_several_rules_are_joined_and_empty_is_null() -> None:
    report = run_tests(MODEL, "teams", "amount,expect:team,expect:days\n3,a;b,1.5;\n1,,\n,,\n")

    assert [row.passed for row in report.rows] == [True, True], [row.got for row in report.rows]
    assert report.passed


def test_cells_are_read_as_their_inputs_want_them() -> None:
    report = run_tests(MODEL, "echo", 'tags,new,since,expect:o\na;b,true,2020-01-01,"x"\n,,x,\n')

    assert report.rows[0].inputs["tags"] == ["a", "b"]
    assert report.rows[0].inputs["new"] is True
    assert str(report.rows[0].inputs["since"]) == "2020-01-01"
    assert report.rows[1].inputs == {"tags": None, "new": None, "since": "x"}
    assert report.rows[0].got == {"o": "a;b;true;2020-01-01"}


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("", "line 1: no column says what to expect"),
        ("amount,region,note\n", "no column says what to expect"),
        ("amuont,expect:o\n", "'amuont' is no input of 'level'; there are amount, region"),
        ("amount,amount,expect:o\n", "line 1: the column 'amount' is there twice"),
        (f"amount,expect:o\n{'9' * 140_000},x\n", "line 2: field larger than field limit"),
        ("amount,expect:o\n1\n", "line 2: 1 cells where there are 2 columns"),
        ("amount,expect:o\n1,low\nx,low\n", "line 3: 'x' is no number"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_line(tests: str, reason: str) -> None:
    with pytest.raises(TestFileError, match=reason):
        run_tests(MODEL, "level", tests)


def test_columns_may_be_entries_of_an_input() -> None:
    types = (
        '<itemDefinition name="claim"><itemComponent name="sum"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="by"><itemComponent name="age"><typeRef>number</typeRef></itemComponent>'
        "</itemComponent></itemDefinition>"
    )
    body = decision("d", literal("c.sum + c.by.age"), needs=needs_input("c"))
    model = dmn.load(definitions(types + input_data("c", "claim") + body))

    report = run_tests(model, "d", "c.sum,c.by.age,expect:d\n1,2,3\n")

    assert report.passed
    assert report.rows[0].inputs == {"c.sum": 1, "c.by.age": 2}
    with pytest.raises(TestFileError, match="line 2: 'x' is no number"):
        run_tests(model, "d", "c.by.age,expect:d\nx,3\n")


def test_an_entry_of_a_narrowed_type_keeps_its_own() -> None:
    types = (
        '<itemDefinition name="claim"><itemComponent name="sum"><typeRef>number</typeRef></itemComponent>'
        "<typeConstraint><text>count(?) > 0</text></typeConstraint></itemDefinition>"
    )
    body = decision("d", literal("c.sum"), needs=needs_input("c"))
    model = dmn.load(definitions(types + input_data("c", "claim") + body))

    with pytest.raises(TestFileError, match="line 2: 'x' is no number"):
        run_tests(model, "d", "c.sum,expect:d\nx,3\n")


def test_a_decision_without_inputs_says_that_it_has_none() -> None:
    model = dmn.load(definitions(decision("d", literal("1"))))

    with pytest.raises(TestFileError, match="'x' is no input of 'd'; there are none"):
        run_tests(model, "d", "x,expect:d\n")


def test_a_line_that_asks_for_work_without_end_is_refused_by_its_number() -> None:
    endless = "if x = 2 then some a in 1..9999, b in 1..9999 satisfies false else true"
    rests_on_x = decision("endless", table(["x"], ["o"], [["-", endless]]), needs=needs_input("x"))
    model = dmn.load(definitions(input_data("x", "number") + rests_on_x))

    with pytest.raises(TestFileError, match="line 3: more than 100,000 steps"):
        run_tests(model, "endless", "x,expect:o\n1,true\n2,false\n")


def test_a_wrong_boolean_is_refused() -> None:
    with pytest.raises(TestFileError, match="'yes' is no boolean"):
        run_tests(MODEL, "echo", "new,expect:o\nyes,1\n")


def test_an_empty_file_of_tests_publishes_nothing() -> None:
    report = run_tests(MODEL, "level", "amount,region,expect:level\n")

    assert report.passed
    assert not report.complete
