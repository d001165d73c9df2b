"""Camunda 7's expressions: the same answer in FEEL, or a refusal."""

from __future__ import annotations

import pytest

import workflows
from rules import feel
from tests.workflows.building import Run, diagram, element, timer, user
from workflows.reading.expressions import ForeignExpressionError, to_feel

VALUES = {
    "amount": 6,
    "blocked": False,
    "kind": "a",
    "note": None,
    "lines": [],
    "customer": {"name": "Ann", "city": "", "open": 0},
    "equal": 1,
}


@pytest.mark.parametrize(
    ("foreign", "value"),
    [
        pytest.param("${amount > 5 && !blocked}", True, id="and, not"),
        pytest.param("${!(amount > 5) || blocked}", False, id="not before brackets"),
        pytest.param("${kind == 'a'}", True, id="single quotes"),
        pytest.param('${kind == "b" || amount gt 5}', True, id="or, a word"),
        pytest.param(
            "${amount ge 6 and amount le 6 and amount ne 7 and amount eq 6 and amount lt 7}", True, id="words"
        ),
        pytest.param("${empty note}", True, id="empty of nothing"),
        pytest.param("${empty lines}", True, id="empty of a list"),
        pytest.param("${empty customer.city}", True, id="empty of a part"),
        pytest.param("${empty customer}", False, id="empty of a map"),
        pytest.param("${empty amount}", False, id="empty of a number"),
        pytest.param("${empty nothing.of.the.kind}", True, id="empty of what is not there"),
        pytest.param("${!empty customer.name}", True, id="not empty"),
        pytest.param("${not empty customer.name}", True, id="not empty in words"),
        pytest.param("#{amount != 6}", False, id="another wrapper"),
        pytest.param("${equal == 1}", True, id="a name that begins with a word"),
        pytest.param("${kind == 'eq && !='}", False, id="words inside a text stay"),
        pytest.param("${customer.name}", "Ann", id="a part"),
        pytest.param(" ${amount + 1} ", 7, id="spaces around"),
    ],
)
def test_what_can_be_said_in_feel_is_translated(foreign: str, value: object) -> None:
    text, was_foreign = to_feel(foreign)

    assert was_foreign
    assert feel.evaluate(text, VALUES) == value


@pytest.mark.parametrize(
    ("foreign", "feel_text"),
    [
        pytest.param("${a && b || c}", "a and b or c", id="and binds more than or"),
        pytest.param("${a && (b || c)}", "a and (b or c)", id="brackets that matter stay"),
        pytest.param("${(a) + ((b))}", "a + b", id="brackets that do not matter go"),
        pytest.param("${a - (b - c)}", "a - (b - c)", id="a difference of a difference"),
        pytest.param("${(a + b) * -c}", "(a + b) * -c", id="a sum times a negative"),
        pytest.param("${a == b > c}", "a = (b > c)", id="order before equality"),
        pytest.param("${a == b == c}", "(a = b) = c", id="equality of an equality"),
        pytest.param("${(a + b).c}", "(a + b).c", id="a part of a sum"),
        pytest.param("${- -a}", "-(-a)", id="twice negative"),
        pytest.param("${a-b}", "a - b", id="a sign without spaces"),
        pytest.param("${execution.getVariable('x') == 1}", "x = 1", id="a variable by its name"),
        pytest.param("${variables:get(x)}", "x", id="Flowable's way to read a variable"),
        pytest.param("${variables:get('x')}", "x", id="Flowable's way with a text"),
        pytest.param("${now()}", "now()", id="the moment"),
        pytest.param("${dateTime()}", "now()", id="the moment as Joda has it"),
        pytest.param(
            "${dateTime().plusWeeks(2).toDate()}",
            '(now() + duration("P14D"))',
            id="weeks",
        ),
        pytest.param(
            "${dateTime().minusHours(3).plusMonths(1).toDate()}",
            '((now() - duration("PT3H")) + duration("P1M"))',
            id="back and forth",
        ),
        pytest.param("${a > 1 ? b : c}", "(if a > 1 then b else c)", id="a choice of variables"),
        pytest.param("${a[0].b}", "(if a instance of list<Any> then a[1] else null).b", id="an index"),
        pytest.param("${'a\\\\b\\'c\"'}", '"a\\\\b\'c\\""', id="escapes"),
        pytest.param("${1.5e3 + .5}", "1.5e3 + .5", id="numbers"),
    ],
)
def test_a_translation_says_what_was_written(foreign: str, feel_text: str) -> None:
    assert to_feel(foreign) == (feel_text, True)


PEOPLE = {"Ann": 1, "Bob": 2}


@pytest.mark.parametrize(
    ("foreign", "answers"),
    [
        pytest.param(
            "${x ? 1 : 2}", {True: 1, False: 2, None: 2, "true": 1, "TRUE": 1, "no": 2}, id="a choice"
        ),
        pytest.param(
            "${x > 1 ? 'a' : x > 0 ? 'b' : 'c'}", {2: "a", 1: "b", 0: "c"}, id="choices in a choice"
        ),
        pytest.param("${x > 1 ? 1 : 2 + 1}", {2: 1, 1: 3}, id="a choice binds least"),
        pytest.param("${x % 3}", {7: 1, -7: -1, 6: 0, 0: 0}, id="a remainder"),
        pytest.param("${x mod -3}", {7: 1, -7: -1}, id="a remainder of a negative, in words"),
        pytest.param("${(x + 1) % 2 == 0}", {7: True, 6: False}, id="a remainder of a sum"),
        pytest.param("${x div 2}", {6: 3}, id="a quotient in words"),
        pytest.param("${not x}", {True: False, False: True}, id="not in words"),
        pytest.param("${not (x == 1)}", {1: False, 2: True}, id="not before brackets"),
        pytest.param("${!x == false}", {True: True, False: False}, id="not before equality"),
    ],
)
def test_an_answer_is_the_same_for_every_value(foreign: str, answers: dict[object, object]) -> None:
    text, _ = to_feel(foreign)

    assert {value: feel.evaluate(text, {"x": value}) for value in answers} == answers


@pytest.mark.parametrize(
    ("foreign", "cases"),
    [
        pytest.param("${x.size()}", [([], 0), ([1, 2], 2), (PEOPLE, 2), ({}, 0), (5, None)], id="size"),
        pytest.param(
            "${x.isEmpty()}",
            [([], True), ([1], False), ("", True), ("a", False), ({}, True), (PEOPLE, False), (None, None)],
            id="isEmpty",
        ),
        pytest.param("${x[1]}", [([1, 2], 2), ([1], None), (PEOPLE, None), ("ab", None)], id="an index"),
        pytest.param("${x.get(0)}", [([1, 2], 1)], id="get of a list"),
        pytest.param("${x['Ann']}", [(PEOPLE, 1), ({}, None)], id="a key"),
        pytest.param("${x.get('Bob')}", [(PEOPLE, 2)], id="get of a map"),
        pytest.param(
            "${x['say \\'hi\\' or \"\\\\\"']}", [({"say 'hi' or \"\\\"": 3}, 3)], id="a key with quotes"
        ),
        pytest.param("${x.equals('a')}", [("a", True), ("b", False), (None, False)], id="equals a text"),
        pytest.param("${'a'.equals(x)}", [("a", True), (None, False)], id="a text equals"),
        pytest.param(
            "${x.contains('a')}",
            [("cab", True), ("b", False), (["a"], True), (["cab"], False)],
            id="contains",
        ),
        pytest.param("${x.startsWith('a')}", [("ab", True), ("ba", False)], id="startsWith"),
        pytest.param("${x.endsWith('a')}", [("ab", False), ("ba", True)], id="endsWith"),
        pytest.param(
            "${empty x.y}", [({"y": []}, True), ({"y": [1]}, False), ({}, True)], id="empty of a part"
        ),
    ],
)
def test_a_method_answers_the_same_for_every_kind(foreign: str, cases: list[tuple[object, object]]) -> None:
    text, _ = to_feel(foreign)

    assert [feel.evaluate(text, {"x": value}) for value, _ in cases] == [answer for _, answer in cases]


@pytest.mark.parametrize(
    ("foreign", "reason"),
    [
        pytest.param("${bean.ok()}", "calls a method", id="a method"),
        pytest.param("${bean.ok(1, 2)}", "calls a method", id="a method with arguments"),
        pytest.param("${bean.ok(1)}", "calls a method", id="a method with an argument"),
        pytest.param("${execution.setVariable('x', 1)}", "calls a method", id="a variable that is set"),
        pytest.param("${execution.getVariable(x)}", "calls a method", id="a variable by another"),
        pytest.param("${execution.getVariable('a b')}", "calls a method", id="a variable of another name"),
        pytest.param("${task.getVariableLocal('x')}", "calls a method", id="a local variable"),
        pytest.param("${execution.id}", "engine's own", id="what the engine knows"),
        pytest.param("${authenticatedUserId == 'a'}", "engine's own", id="who is there"),
        pytest.param("${list().get(0)}", "calls a method", id="a method of an answer"),
        pytest.param("${currentUser()}", "calls a method", id="a function"),
        pytest.param("${dateTime().plusDays(n)}", "calls a method", id="days of a variable"),
        pytest.param("${dateTime().toDate(1)}", "calls a method", id="a date of something"),
        pytest.param("${dateTime().withDayOfWeek(1)}", "calls a method", id="another way of Joda"),
        pytest.param("${variables:lower(x, 1)}", "calls a method", id="another function of Flowable"),
        pytest.param("${x.equals(y)}", "calls a method", id="equality of what may be numbers"),
        pytest.param("${x.contains(1)}", "calls a method", id="a number in a list"),
        pytest.param("${lines[i] == 'a'}", "counts from 1", id="an index that is a variable"),
        pytest.param("${lines[-1]}", "counts from 1", id="an index from the end"),
        pytest.param("${kind == 'it\\nis'}", "escape", id="an escape of theirs that is none"),
        pytest.param("${a = 1}", "cannot be read at =", id="an assignment"),
        pytest.param("${a + }", "cannot be read at its end", id="half a sum"),
        pytest.param("${a b}", "cannot be read at b", id="two names"),
        pytest.param("${(a}", "cannot be read at its end", id="an open bracket"),
        pytest.param("${a.1}", "cannot be read at", id="no property"),
        pytest.param("${a.+}", "cannot be read at", id="a property that is a sign"),
        pytest.param("${vars:b}", "cannot be read", id="a function that is not called"),
        pytest.param("${a:b(1)}", "cannot be read at :", id="a function of another prefix"),
        pytest.param("${a # b}", "cannot be read at #", id="a sign of no language"),
        pytest.param("${}", "cannot be read at its end", id="nothing"),
        pytest.param("${x instanceof y}", "cannot be read at instanceof", id="a class"),
        pytest.param("${and}", "cannot be read at and", id="a word alone"),
        pytest.param("${a}${b}", "several", id="two expressions"),
        pytest.param("${" + "(" * 3000 + "a}", "too deep", id="brackets without end"),
        pytest.param("${a" + "[0]" * 40 + "}", "more than", id="parts of parts without end"),
    ],
)
def test_what_cannot_is_refused_with_the_reason(foreign: str, reason: str) -> None:
    with pytest.raises(ForeignExpressionError, match=reason):
        to_feel(foreign)


@pytest.mark.parametrize("text", [' amount > 5 and kind = "a" ', '= amount > 5 and kind = "a"'])
def test_feel_is_left_alone(text: str) -> None:
    assert to_feel(text) == ('amount > 5 and kind = "a"', False)


def test_text_around_expressions_is_put_together_and_null_is_nothing() -> None:
    body = (
        element("startEvent", "s")
        + user("a", camunda_assignee="user_${name}#{nix}!")
        + user("b", camunda_assignee="$ ${name}")
    )
    content = diagram(body, "s -> a\ns -> b")

    run = Run(content, name="ann")

    assert run.task("a").assignee == "user_ann!"
    assert run.task("b").assignee == "$ ann"
    found = workflows.check({"p.bpmn": content}, {})
    assert [f.element for f in found if "was translated to" in f.message] == ["a", "b"]


@pytest.mark.parametrize(
    ("foreign", "value"),
    [
        pytest.param("${not blocked}", True, id="a word"),
        pytest.param("${not (blocked)}", True, id="brackets"),
        pytest.param("${not empty name and not blocked}", True, id="two of them"),
    ],
)
def test_not_binds_to_what_stands_next(foreign: str, value: bool) -> None:
    translated, _ = to_feel(foreign)

    assert feel.evaluate(translated, {"blocked": False, "name": "ann"}) is value


def test_text_around_expressions_may_hold_quotes() -> None:
    content = diagram(
        element("startEvent", "s") + user("a", camunda_assignee="&quot;${name}&quot; \\"), "s -> a"
    )

    assert Run(content, name="ann").task("a").assignee == '"ann" \\'


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param('kind == "a"', ('kind = "a"', True), id="equals"),
        pytest.param('= amount > 1 && kind == "a||b"', ('amount > 1 and kind = "a||b"', True), id="and"),
        pytest.param('kind = "a==b"', ('kind = "a==b"', False), id="inside a text"),
        pytest.param("amount === 1", ("amount === 1", False), id="no sign of ours"),
        pytest.param("thing.made() == 1", ("thing.made() == 1", False), id="what cannot be translated"),
    ],
)
def test_foreign_signs_without_their_brackets_are_read_as_if_they_had_them(
    text: str, found: tuple[str, bool]
) -> None:
    translated, was_foreign = to_feel(text)

    assert (translated.replace("  ", " "), was_foreign) == found


def test_names_of_several_words_are_known_where_the_file_declares_them() -> None:
    way = element("exclusiveGateway", "g", default="g_b") + user("a") + user("b")
    body = element("startEvent", "s") + element("dataObject", "d", name="Service level") + way
    content = diagram(body, 's -> g\ng -> a: Service level = "high"\ng -> b')

    assert [f for f in workflows.check({"p.bpmn": content}, {}) if f.severity == "error"] == []
    assert Run(content, **{"Service level": "high"}).tasks == ["a"]
    assert Run(content).stuck == ["g"]  # without the variable nobody knows where its name ends


def test_calendars_of_cron_are_read_and_not_published() -> None:
    content = diagram(element("startEvent", "s", timer(timeCycle="0 0/5 * * * ?")) + user("a"), "s -> a")

    assert workflows.deploy({"p.bpmn": content}).processes["p"].starts[0].kind == "cycle"
    found = [f.message for f in workflows.check({"p.bpmn": content}, {}) if f.severity == "error"]
    assert found == ["the timer '0 0/5 * * * ?' is a calendar of cron's; write a cycle such as R/PT1H"]
