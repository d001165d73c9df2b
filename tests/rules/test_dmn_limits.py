"""Documents built to nest without end: they work, or are refused by the name of what nests."""

import pytest

from rules import dmn
from tests.rules.dmn_builders import (
    NAMESPACE,
    decision,
    definitions,
    input_data,
    literal,
    needs_decision,
    needs_input,
    needs_knowledge,
)


def item(name: str, inner: str, more: str = "") -> str:
    return f'<itemDefinition name="{name}"{more}>{inner}</itemDefinition>'


def types_in_a_row(count: int, more: str = "") -> bytes:
    """Build t0, which is t1, which is t2, …, which is a number; and a decision over an input of t0."""
    chain = "".join(item(f"t{n}", f"<typeRef>t{n + 1}</typeRef>", more) for n in range(count))
    last = item(f"t{count}", "<typeRef>number</typeRef>")
    asked = input_data("x", "t0") + decision("d", literal("x"), needs=needs_input("x"))
    return definitions(chain + last + asked)


def importing(namespace: str, *others: str) -> bytes:
    imports = "".join(
        f'<import namespace="{other}" name="{other[4:]}" importType="{NAMESPACE}"/>' for other in others
    )
    return definitions(imports, namespace)


def test_a_type_may_stand_for_another_as_often_as_it_likes() -> None:
    model = dmn.load(types_in_a_row(3_000))

    outcome = model.decide("d", {"x": 1})
    misfit = model.decide("d", {"x": "one"})

    assert (outcome.value, list(outcome.warnings)) == (1, [])
    assert misfit.warnings[0].reason == "a string does not fit the declared type"


def test_types_that_lie_inside_each_other_too_deep_are_refused_by_name() -> None:
    assert dmn.load(types_in_a_row(99, ' isCollection="true"')).decide("d", {"x": []}).value == []
    with pytest.raises(dmn.DmnError, match="itemDefinition t2899: types nest more than 100 deep"):
        dmn.load(types_in_a_row(3_000, ' isCollection="true"'))


def test_entries_inside_entries_too_deep_are_refused_by_name() -> None:
    inside = '<itemComponent name="a">' * 150 + "<typeRef>number</typeRef>" + "</itemComponent>" * 150

    with pytest.raises(dmn.DmnError, match="itemDefinition t: types nest more than 100 deep"):
        dmn.load(definitions(item("t", inside)))


def test_types_that_hold_each_other_are_looked_into_once() -> None:
    def of(name: str) -> str:
        return f'<itemComponent name="{name}"><typeRef>{name}</typeRef></itemComponent>'

    circle = item("one", of("two") + of("three")) + item("two", of("three")) + item("three", of("two"))
    asked = input_data("x", "one") + decision("d", literal("x.three"), needs=needs_input("x"))
    model = dmn.load(definitions(circle + asked))

    assert model.decide("d", {"x": {"two": {"three": {"two": 1}}, "three": {"two": 2}}}).value == {"two": 2}
    assert model.decide("d", {"x": {"two": {"three": 1}, "three": {"two": 2}}}).value is None


def test_the_inputs_of_many_decisions_in_a_row_are_named_in_their_order() -> None:
    chain = "".join(
        decision(f"d{n}", literal(f"d{n + 1}"), needs=needs_decision(f"d{n + 1}_id")) for n in range(2_000)
    )
    last = decision("d2000", literal("x + y"), needs=needs_input("y", "x", "y"))
    model = dmn.load(definitions(input_data("x") + input_data("y") + chain + last))

    assert model.inputs_of("d0") == ("y", "x")
    assert len(model.owners_of("d0")) == 2_003


def test_models_that_import_each_other_are_refused() -> None:
    one, other = importing("urn:one", "urn:other"), importing("urn:other", "urn:one")

    with pytest.raises(dmn.DmnError, match="import other: it imports itself, through what it imports"):
        dmn.load(one, {"urn:one": one, "urn:other": other})


def test_a_model_that_many_import_is_read_once() -> None:
    documents = {
        f"urn:m{n}": definitions(
            "".join(
                f'<import namespace="urn:m{n + 1}" name="{name}" importType="{NAMESPACE}"/>' for name in "ab"
            ),
            f"urn:m{n}",
        )
        for n in range(40)
    }
    documents["urn:m40"] = importing("urn:m40")

    assert dmn.load(documents["urn:m0"], documents).namespace == "urn:m0"


def test_models_that_import_each_other_too_deep_are_refused() -> None:
    documents = {f"urn:m{n}": importing(f"urn:m{n}", f"urn:m{n + 1}") for n in range(1_000)}

    with pytest.raises(dmn.DmnError, match="import m51: models import each other more than 50 deep"):
        dmn.load(documents["urn:m0"], documents)


def test_knowledge_that_needs_itself_is_refused_by_name() -> None:
    knowledge = (
        f'<businessKnowledgeModel id="f_id" name="f"><variable name="f"/>{needs_knowledge("f_id")}'
        f'<encapsulatedLogic><formalParameter name="n"/>{literal("n * f(n - 1)")}</encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )

    with pytest.raises(dmn.DmnError, match="f: it needs itself, through what it requires"):
        dmn.load(definitions(knowledge + decision("d", literal("f(5)"), needs=needs_knowledge("f_id"))))
