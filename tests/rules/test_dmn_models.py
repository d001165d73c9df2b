"""Models: requirements, boxed expressions, functions, services, imports, types, documents."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from rules import dmn, feel
from tests.rules.dmn_builders import (
    decision,
    definitions,
    input_data,
    literal,
    needs_decision,
    needs_input,
    needs_knowledge,
    table,
)


def value(body: str, **inputs: Any) -> Any:
    return outcome(body, **inputs).value


def outcome(body: str, **inputs: Any) -> dmn.Outcome:
    data = "".join(input_data(name) for name in inputs)
    return dmn.load(definitions(data + decision("d", body, needs=needs_input(*inputs)))).decide("d", inputs)


def test_a_decision_is_found_by_name_or_id() -> None:
    model = dmn.load(definitions(decision("d", literal("1 + 1"))))

    assert model.decide("d", {}).value == 2
    assert model.decide("d_id", {}).value == 2
    assert model.decisions == ("d",)
    with pytest.raises(dmn.UnknownDecisionError, match="no such decision"):
        model.decide("e", {})
    with pytest.raises(dmn.UnknownDecisionError):
        model.invoke_service("d", {})


def test_decisions_rest_on_decisions_each_made_once() -> None:
    body = (
        input_data("x", "number")
        + decision("a", table(["x"], ["o"], [["> 1", "x * 2"]]), needs=needs_input("x"))
        + decision("b", literal("a + 1"), needs=needs_decision("a_id"))
        + decision("c", literal("a + b"), needs=needs_decision("a_id", "b_id"))
    )
    model = dmn.load(definitions(body))

    found = model.decide("c", {"x": 5})

    assert found.value == 21
    assert found.matched == ()
    assert [evidence.decision for evidence in found.evidence] == ["a"]
    assert model.inputs_of("c") == ("x",)
    assert model.owners_of("b") == {"a", "b", "x"}


def test_the_clock_is_the_callers() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    found = dmn.load(definitions(decision("d", literal("now()")))).decide("d", {}, now=now)

    assert str(found.value) == "2026-01-02T03:04:05Z"


def test_what_is_missing_is_null_with_a_reason() -> None:
    body = input_data("x", "number") + decision("d", literal("x"), needs=needs_input("x"))
    model = dmn.load(definitions(body))

    assert model.decide("d", {}).warnings[0].reason == "no value is given for 'x'"
    assert model.decide("d", {"x": "a"}).warnings[0].reason == "a string does not fit the declared type"
    assert model.decide("d", {"{urn:test}x": 3}).value == 3
    assert outcome("").warnings[0].reason == "'d' holds no expression"


def test_floats_are_refused_at_the_door() -> None:
    with pytest.raises(feel.FeelValueError, match="give a Decimal"):
        value(literal("x"), x=1.5)


def test_boxed_contexts_see_what_stands_before() -> None:
    body = (
        "<context>"
        f'<contextEntry><variable name="a"/>{literal("1")}</contextEntry>'
        f'<contextEntry><variable name="b" typeRef="string"/>{literal("a + 1")}</contextEntry>'
        "{}</context>"
    )

    assert value(body.replace("{}", "")) == {"a": 1, "b": None}
    assert value(body.replace("{}", f"<contextEntry>{literal('a + 41')}</contextEntry>")) == 42


def test_boxed_lists_and_relations() -> None:
    relation = (
        '<relation><column name="a"/><column name="b"/>'
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('x')}</row></relation>"
    )

    assert value(f"<list>{literal('1')}{literal('x')}</list>", x=2) == [1, 2]
    assert value(relation, x=4) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
    assert value(relation.replace("<row>", f"<row>{literal('9')}", 1), x=4) is None


def test_boxed_conditionals_filters_and_iterations() -> None:
    conditional = f"<conditional><if>{literal('x > 1')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>"
    picked = f"<filter><in>{literal('[{a: 1}, {a: 2}]')}</in><match>{literal('item.a > 1')}</match></filter>"
    squares = f'<for iteratorVariable="n"><in>{literal("1..3")}</in><return>{literal("n * n + count(partial)")}</return></for>'
    some = f'<some iteratorVariable="n"><in>{literal("[1, 2]")}</in><satisfies>{literal("n > 1")}</satisfies></some>'

    assert (value(conditional, x=2), value(conditional, x=None)) == (1, 2)
    assert value(picked) == [{"a": 2}]
    assert value(squares.replace("1..3", "[1,2,3]")) == [1, 5, 11]
    assert value(some) is True
    assert value(some.replace("some", "every")) is False
    assert value("<conditional/>") is None


FUNCTION = (
    "<encapsulatedLogic><formalParameter name='a' typeRef='number'/>"
    "<formalParameter name='b'/>{}</encapsulatedLogic>"
)


def knowledge(name: str, body: str, kind: str = "", needs: str = "") -> str:
    variable = f'<variable name="{name}" typeRef="{kind}"/>' if kind else ""
    return f'<businessKnowledgeModel id="{name}_id" name="{name}">{variable}{body}{needs}</businessKnowledgeModel>'


def test_knowledge_is_a_function_that_decisions_share() -> None:
    add = knowledge("add", FUNCTION.format(literal("a + b")), "number")
    twice = knowledge("twice", FUNCTION.format(literal("add(a, a)")), needs=needs_knowledge("add_id"))
    call = decision(
        "d", literal("twice(2, 0) + add(b: 1, a: 2)"), needs=needs_knowledge("add_id", "twice_id")
    )
    wrong = decision("e", literal('add("x", 1)'), needs=needs_knowledge("add_id"))
    empty = knowledge("nothing", "") + decision(
        "f", literal("nothing()"), needs=needs_knowledge("nothing_id")
    )
    model = dmn.load(definitions(add + twice + call + wrong + empty))

    assert model.decide("d", {}).value == 7
    assert "a cannot be a string" in model.decide("e", {}).warnings[0].reason
    assert model.decide("f", {}).warnings[0].reason == "'nothing' holds no function"


def test_knowledge_gives_what_its_type_allows_or_null_with_a_reason() -> None:
    add = knowledge("add", FUNCTION.format(literal("a + b")), "string")
    body = add + decision("d", literal("add(1, 2)"), needs=needs_knowledge("add_id"))

    found = dmn.load(definitions(body)).decide("d", {})

    assert found.value is None
    assert [warning.reason for warning in found.warnings] == [
        "add gave a number, which its type does not allow"
    ]


def test_comments_and_instructions_in_a_document_say_nothing() -> None:
    body = f"<!-- first --><?editor x?>{decision('d', '<!-- the sum -->' + literal('1 + 1'))}"

    assert dmn.load(definitions(body)).decide("d", {}).value == 2


def test_an_invocation_binds_its_parameters_by_name() -> None:
    invocation = (
        f"<invocation>{literal('add')}"
        f'<binding><parameter name="b"/>{literal("1")}</binding>'
        f'<binding><parameter name="a" typeRef="number"/>{literal("x")}</binding></invocation>'
    )
    body = (
        input_data("x")
        + knowledge("add", FUNCTION.format(literal("a - b")))
        + decision("d", invocation, needs=needs_input("x") + needs_knowledge("add_id"))
        + decision(
            "e",
            invocation.replace('<parameter name="b"/>', ""),
            needs=needs_input("x") + needs_knowledge("add_id"),
        )
    )
    model = dmn.load(definitions(body))

    assert model.decide("d", {"x": 5}).value == 4
    assert model.decide("e", {"x": 5}).value is None


def test_a_boxed_function_closes_over_its_surroundings() -> None:
    body = (
        "<context>"
        f'<contextEntry><variable name="f"/><functionDefinition><formalParameter name="n"/>{literal("n * x")}</functionDefinition></contextEntry>'
        f"<contextEntry>{literal('f(4)')}</contextEntry></context>"
    )

    assert value(body, x=5) == 20


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_a_function_of_another_language_loads_and_is_null(kind: str) -> None:
    body = knowledge(
        "f", FUNCTION.format(literal("1")).replace("<encapsulatedLogic", f"<encapsulatedLogic kind='{kind}'")
    )
    model = dmn.load(definitions(body + decision("d", literal("f(1, 2)"), needs=needs_knowledge("f_id"))))

    assert model.decide("d", {}).value is None
    assert model.faults[0].reason == f"a function of kind {kind} is not run here"


SERVICE = (
    input_data("x")
    + decision("given", literal("100"))
    + decision("inner", literal("x + given"), needs=needs_input("x") + needs_decision("given_id"))
    + '<decisionService id="s_id" name="s"><outputDecision href="#inner_id"/>'
    '<inputDecision href="#given_id"/><inputData href="#x_data"/></decisionService>'
    + '<decisionService id="two_id" name="two"><outputDecision href="#inner_id"/>'
    '<outputDecision href="#given_id"/><inputData href="#x_data"/></decisionService>'
)


def test_a_service_offers_decisions_as_a_function() -> None:
    call = decision("d", literal("s(1, 2)"), needs=needs_knowledge("s_id"))
    model = dmn.load(definitions(SERVICE + call))

    assert model.decide("d", {}).value == 3
    assert model.invoke_service("s", {"x": 1, "given": 5}).value == 6
    assert model.invoke_service("two", {"x": 1}).value == {"inner": 101, "given": 100}
    assert model.services == ("s", "two")
    assert model.invoke_service("s", {"x": 1}).value is None


IMPORTED = definitions(
    '<itemDefinition name="tAge"><typeRef>number</typeRef></itemDefinition>'
    + input_data("age", "tAge")
    + decision("Is adult", literal("age >= 18"), needs=needs_input("age")),
    namespace="urn:people",
)


def importing(name: str, text: str) -> bytes:
    return definitions(
        f'<import name="{name}" namespace="urn:people" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        '<import namespace="urn:pmml" importType="http://www.dmg.org/PMML-4_3"/>'
        + decision(
            "d",
            literal(text),
            needs='<informationRequirement><requiredDecision href="urn:people#Is adult_id"/></informationRequirement>',
        )
    )


def test_a_model_may_rest_on_another() -> None:
    named = dmn.load(importing("people", "people.Is adult"), imports={"urn:people": IMPORTED})
    unnamed = dmn.load(importing("", "Is adult"), imports={"urn:people": dmn.load(IMPORTED)})
    typed = dmn.load(importing("people", "5 instance of people.tAge"), imports={"people": IMPORTED})

    assert named.decide("d", {"age": 20}).value is True
    assert unnamed.decide("d", {"age": 10}).value is False
    assert typed.decide("d", {"age": 10}).value is True


def test_a_missing_import_is_named() -> None:
    with pytest.raises(dmn.DmnError, match="the imported model 'urn:people' is not there"):
        dmn.load(importing("people", "1"))


TYPES = (
    '<itemDefinition name="tLevel"><typeRef>string</typeRef><allowedValues><text>"low","high"</text></allowedValues></itemDefinition>'
    '<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>'
    '<itemDefinition name="tPair" isCollection="true"><typeRef>number</typeRef><typeConstraint><text>count(?) = 2</text></typeConstraint></itemDefinition>'
    '<itemDefinition name="tOrder"><itemComponent name="net amount"><typeRef>number</typeRef></itemComponent>'
    '<itemComponent name="lines" isCollection="true"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tTree"><itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tFunction"><functionItem outputTypeRef="number"><parameters name="a" typeRef="number"/></functionItem></itemDefinition>'
    '<itemDefinition name="tAnything"/>'
)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("tLevel", "low", "low"),
        ("tLevel", "middle", None),
        ("tLevel", ["low"], "low"),
        ("tLevels", ["low", "high"], ["low", "high"]),
        ("tLevels", "low", ["low"]),
        ("tLevels", ["low", "middle"], None),
        ("tLevels", [["low"]], ["low"]),
        ("tPair", [1, 2], [1, 2]),
        ("tPair", [1], None),
        ("tOrder", {"net amount": 1, "lines": ["low"]}, {"net amount": 1, "lines": ["low"]}),
        ("tOrder", {"net amount": [1], "lines": "low", "x": 1}, {"net amount": 1, "lines": ["low"], "x": 1}),
        ("tOrder", {"net amount": 1}, None),
        ("tOrder", {"net amount": "a", "lines": []}, None),
        ("tOrder", "a", None),
        ("tTree", {"children": [{"children": []}]}, {"children": [{"children": []}]}),
        ("tAnything", [1, "a"], [1, "a"]),
        ("feel:number", 5, 5),
        ("integer", 5, 5),
        ("dateTime", feel.parse_date("2020-01-01"), feel.parse_date_time("2020-01-01T00:00:00Z")),
        ("dayTimeDuration", feel.parse_duration("P1D"), feel.parse_duration("P1D")),
        ("tFunction", 5, None),
    ],
)
def test_values_are_made_to_fit_their_type_or_are_null(kind: str, given: Any, expected: Any) -> None:
    body = TYPES + input_data("x", kind) + decision("d", literal("x"), kind, needs_input("x"))

    assert dmn.load(definitions(body)).decide("d", {"x": given}).value == expected


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        pytest.param("string", True, id="what the narrow type is made from"),
        pytest.param("tLevel", True, id="the narrow type itself"),
        pytest.param("number", False, id="another type"),
    ],
)
def test_a_function_that_takes_a_type_takes_what_is_narrowed_from_it(parameter: str, expected: bool) -> None:
    text = f"(function(a: {parameter}) a) instance of function<tLevel> -> Any"

    assert dmn.load(definitions(TYPES + decision("d", literal(text)))).decide("d", {}).value is expected


def test_entries_of_types_may_have_names_with_signs() -> None:
    body = (
        '<itemDefinition name="t"><itemComponent name="pre-tax (EUR)"><typeRef>number</typeRef></itemComponent></itemDefinition>'
        + input_data("x", "t")
        + decision("d", literal("x.pre-tax (EUR) + 1"), needs=needs_input("x"))
    )

    assert dmn.load(definitions(body)).decide("d", {"x": {"pre-tax (EUR)": 2}}).value == 3


def test_a_table_drawn_without_requirements_reads_its_columns() -> None:
    columns = ["amount:integer", "a + claim.type", "count(claim.parts)", "nope(amount)", "1 +"]
    model = dmn.load(definitions(decision("d", table(columns, ["o"], [["> 5", *"----", "amount"]]))))

    assert model.inputs_of("d") == ("amount", "a", "claim")
    assert model.decide("d", {"amount": Decimal(6), "a": 1, "claim": {"type": 2, "parts": []}}).value == 6
    assert {fault.reason for fault in model.faults} == {"nothing is named 'nope'", "a value is missing"}


def test_what_the_columns_read_is_no_input_where_knowledge_has_its_name() -> None:
    knowledge = (
        '<businessKnowledgeModel id="f_id" name="f"><variable name="f"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n")}</encapsulatedLogic></businessKnowledgeModel>'
    )
    columns = table(["f", "f(x)"], ["o"], [["-", "> 5", "1"]])
    model = dmn.load(definitions(knowledge + decision("d", columns, needs=needs_knowledge("f_id"))))

    assert model.inputs_of("d") == ("x",)


@pytest.mark.parametrize(
    "version",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_version_of_dmn_is_read(version: str) -> None:
    assert dmn.load(definitions(decision("d", literal("1")), version=version)).decide("d", {}).value == 1


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not well-formed"),
        (b"<a>", "not well-formed"),
        (b"<a/>", "no DMN 1.1 to 1.5"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "a DOCTYPE is not accepted"),
        ("<!DOCTYPE a><a/>".encode("utf-16"), "a DOCTYPE is not accepted"),
        *(
            (
                f'<?xml version="1.0" encoding="{name}"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'.encode(name),
                "a DOCTYPE",
            )
            for name in ("utf-32", "utf-32-le", "utf-32-be", "utf-7")
        ),
        (b" " * 5_000_001, "larger than 5,000,000 bytes"),
        (definitions("<decision/>"), "neither a name nor an id"),
        (definitions(decision("d", literal("1")) * 2), "the id 'd_id' is there twice"),
        (definitions(decision("d", literal("1"), needs=needs_decision("x"))), "'#x' leads to no element"),
        (
            definitions(decision("d", literal("1"), needs=needs_decision("x")).replace("#x", "urn:y#x")),
            "leads to no imported model",
        ),
        (definitions(decision("d", literal("d"), needs=needs_decision("d_id"))), "it needs itself"),
        (
            definitions(
                decision("d", literal("e"), needs=needs_decision("e_id"))
                + decision("e", literal("d"), needs=needs_decision("d_id"))
            ),
            "it needs itself",
        ),
        (
            definitions('<itemDefinition name="t"><typeRef>nope</typeRef></itemDefinition>'),
            "no type is named 'nope'",
        ),
        (
            definitions(
                '<itemDefinition name="t"><typeRef>string</typeRef><allowedValues><text>1 +</text></allowedValues></itemDefinition>'
            ),
            "a value is missing",
        ),
    ],
)
def test_a_document_that_cannot_be_used_is_refused_with_the_reason(document: bytes, reason: str) -> None:
    with pytest.raises(dmn.DmnError, match=reason):
        dmn.load(document)


def test_a_doctype_that_is_only_spoken_of_is_none() -> None:
    document = definitions(decision("d", literal("1")) + "<!-- without <!DOCTYPE> -->")

    assert dmn.load(document).decide("d", {}).value == 1


def test_decisions_that_nest_too_deep_are_stopped() -> None:
    chain = decision("d0", literal("1")) + "".join(
        decision(f"d{n}", literal(f"d{n - 1} + 1"), needs=needs_decision(f"d{n - 1}_id"))
        for n in range(1, 400)
    )
    model = dmn.load(definitions(chain))

    assert model.decide("d20", {}).value == 21
    with pytest.raises(feel.FeelLimitError, match="nest too deep"):
        model.decide("d399", {})
