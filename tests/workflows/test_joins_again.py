"""Joins in rework loops: every round waits for its own branches, whichever comes first."""

from __future__ import annotations

import itertools

import pytest

from tests.workflows.building import Run, boundary, element, service, user
from tests.workflows.definitions import END, ERROR, MESSAGE, START, TERMINATE, draw, end, gateway, sub

pytestmark = pytest.mark.usefixtures("each_way")
_KINDS = pytest.mark.parametrize("kind", ["parallel", "inclusive"])
_ROUNDS = 4


def _loop(inner: str, flows: str, first: str, last: str) -> bytes:
    """Put something into a rework loop that `look` decides."""
    body = START + gateway("exclusive", "in") + inner + user("look")
    body += gateway("exclusive", "out", default="out_e") + END
    around = f"s -> in\nin -> {first}\n{last} -> look\nlook -> out\nout -> in: again\nout -> e\n"
    return draw(body, around + flows)


def _orders(names: str) -> list[tuple[str, ...]]:
    return list(itertools.permutations(names))


@_KINDS
@pytest.mark.parametrize("order", _orders("abc"), ids="".join)
def test_three_branches_in_every_order_and_another_order_each_round(
    kind: str, order: tuple[str, ...]
) -> None:
    inner = gateway(kind, "f") + gateway(kind, "j") + user("a") + user("b") + user("c")
    run = Run(_loop(inner, "f -> a\nf -> b\nf -> c\na -> j\nb -> j\nc -> j", "f", "j"))

    for number in range(_ROUNDS):
        turned = order[number % 3 :] + order[: number % 3]
        for place, name in enumerate(turned):
            assert run.tasks == sorted(turned[place:])
            run.complete(name)
        assert run.tasks == ["look"]
        run.complete("look", again=number < _ROUNDS - 1)

    assert run.step.finished == "e"


@_KINDS
@pytest.mark.parametrize("order", _orders("abcd")[::3], ids="".join)
def test_a_join_inside_a_branch_of_a_join(kind: str, order: tuple[str, ...]) -> None:
    inner = "".join(gateway(kind, name) for name in ("f", "j", "g", "k"))
    inner += user("a") + user("b") + user("c") + user("d")
    flows = "f -> a\nf -> g\na -> j\ng -> b\ng -> c\nb -> k\nc -> k\nk -> d\nd -> j"
    run = Run(_loop(inner, flows, "f", "j"))

    for number in range(_ROUNDS):
        left = list(order)
        while left:
            name = next(each for each in left if each in run.tasks)
            left.remove(name)
            assert "look" not in run.tasks
            run.complete(name)
        assert run.tasks == ["look"]
        run.complete("look", again=number < _ROUNDS - 1)

    assert run.step.finished == "e"


@pytest.mark.parametrize("first", [True, False], ids=["a asked", "a not asked"])
@pytest.mark.parametrize("second", [True, False], ids=["b asked", "b not asked"])
def test_an_inclusive_join_waits_for_whom_this_round_asked(first: bool, second: bool) -> None:
    inner = gateway("inclusive", "f", default="f_c") + gateway("inclusive", "j")
    inner += user("a") + user("b") + user("c")
    flows = "f -> a: first\nf -> b: second\nf -> c\na -> j\nb -> j\nc -> j"
    run = Run(_loop(inner, flows, "f", "j"), first=True, second=True)
    run.complete("b")
    run.complete("a")
    run.complete("look", again=True, first=first, second=second)
    asked = [name for name, is_asked in (("a", first), ("b", second)) if is_asked] or ["c"]
    assert run.tasks == asked

    for place, name in enumerate(asked):
        assert run.tasks == asked[place:]
        run.complete(name)

    assert run.tasks == ["look"]


@_KINDS
@pytest.mark.parametrize("order", _orders("ab"), ids="".join)
def test_a_loop_inside_one_branch_of_a_join(kind: str, order: tuple[str, ...]) -> None:
    body = START + gateway(kind, "f") + gateway(kind, "j") + user("a") + user("b") + user("after")
    body += gateway("exclusive", "m") + gateway("exclusive", "x", default="x_j")
    run = Run(draw(body, "s -> f\nf -> m\nm -> a\na -> x\nx -> m: again\nx -> j\nf -> b\nb -> j\nj -> after"))
    for _ in range(3):
        run.complete("a", again=True)
    assert run.tasks == ["a", "b"]

    for name in order:
        assert "after" not in run.tasks
        run.complete(name, again=False)

    assert run.tasks == ["after"]


@_KINDS
def test_a_branch_that_was_interrupted_still_comes(kind: str) -> None:
    inner = gateway(kind, "f") + gateway(kind, "j") + gateway("exclusive", "m")
    inner += user("a") + user("b") + boundary("bo", "b", MESSAGE) + user("c")
    flows = "f -> a\nf -> b\na -> j\nb -> m\nbo -> c\nc -> m\nm -> j"
    run = Run(_loop(inner, flows, "f", "j"))

    for number in range(_ROUNDS):
        run.complete("a")
        run.message("paid")
        assert run.tasks == ["c"]
        run.complete("c")
        assert run.tasks == ["look"]
        run.complete("look", again=number < _ROUNDS - 1)

    assert run.step.finished == "e"


@_KINDS
def test_a_join_behind_subprocesses(kind: str) -> None:
    inner = gateway(kind, "f") + gateway(kind, "j")
    for name in "ab":
        work = element("startEvent", f"s{name}") + user(name) + element("endEvent", f"e{name}")
        inner += sub(f"w{name}", work, f"s{name} -> {name}\n{name} -> e{name}")
    run = Run(_loop(inner, "f -> wa\nf -> wb\nwa -> j\nwb -> j", "f", "j"))

    for number in range(_ROUNDS):
        run.complete("ab"[number % 2])
        assert run.tasks == ["ba"[number % 2]]
        run.complete("ba"[number % 2])
        run.complete("look", again=number < _ROUNDS - 1)

    assert run.step.finished == "e"


@_KINDS
def test_a_join_in_a_scope_that_an_error_ended_begins_anew(kind: str) -> None:
    work = element("startEvent", "s1") + gateway(kind, "f") + gateway(kind, "j") + user("a") + user("b")
    work += gateway("exclusive", "x", default="x_j") + element("endEvent", "e1") + end("bad", ERROR)
    inner = sub("w", work, "s1 -> f\nf -> a\nf -> b\na -> j\nb -> x\nx -> j\nx -> bad: broken\nj -> e1")
    inner += boundary("bo", "w", ERROR) + gateway("exclusive", "m")
    run = Run(_loop(inner, "w -> m\nbo -> m", "w", "m"))
    run.complete("a")
    run.complete("b", broken=True)
    assert run.tasks == ["look"]
    run.complete("look", again=True)

    run.complete("b", broken=False)

    assert run.tasks == ["a"]
    run.complete("a")
    assert run.tasks == ["look"]


@_KINDS
def test_a_join_in_a_scope_that_ended_early_begins_anew(kind: str) -> None:
    work = element("startEvent", "s1") + gateway(kind, "f") + gateway(kind, "j") + user("a") + user("b")
    work += gateway("exclusive", "x", default="x_j") + element("endEvent", "e1") + end("stop", TERMINATE)
    inner = sub("w", work, "s1 -> f\nf -> a\nf -> b\na -> j\nb -> x\nx -> j\nx -> stop: enough\nj -> e1")
    run = Run(_loop(inner, "", "w", "w"))
    run.complete("a")
    run.complete("b", enough=True)
    run.complete("look", again=True)

    run.complete("b", enough=False)

    assert run.tasks == ["a"]


def test_an_inclusive_join_goes_on_when_the_last_who_could_come_goes_elsewhere() -> None:
    body = START + gateway("inclusive", "f") + gateway("inclusive", "j") + user("a") + user("b")
    body += gateway("exclusive", "x", default="x_j") + user("aside") + user("after")
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> j\nb -> x\nx -> j\nx -> aside: away\nj -> after"))
    run.complete("a")
    assert run.tasks == ["b"]

    run.complete("b", away=True)

    assert run.tasks == ["after", "aside"]


def test_an_inclusive_join_goes_on_when_the_last_who_could_come_is_interrupted() -> None:
    body = START + gateway("inclusive", "f") + gateway("inclusive", "j") + user("a") + user("b")
    body += boundary("bo", "b", MESSAGE) + user("aside") + user("after")
    run = Run(draw(body, "s -> f\nf -> a\nf -> b\na -> j\nb -> j\nbo -> aside\nj -> after"))
    run.complete("a")

    run.message("paid")

    assert run.tasks == ["after", "aside"]


def test_two_inclusive_joins_in_a_row() -> None:
    body = (
        START
        + gateway("inclusive", "f", default="f_a")
        + gateway("inclusive", "j")
        + gateway("inclusive", "k")
    )
    body += "".join(user(name) for name in ("a", "b", "c", "d", "after"))
    flows = "s -> f\nf -> a\nf -> b: b\nf -> c: c\na -> j\nb -> j\nj -> d\nd -> k\nc -> k\nk -> after"
    run = Run(draw(body, flows), b=True, c=True)

    run.complete("c")
    run.complete("b")

    assert run.tasks == ["d"]
    run.complete("d")
    assert run.tasks == ["after"]


def test_a_parallel_join_that_nobody_else_can_reach_says_so() -> None:
    body = START + gateway("exclusive", "x", default="x_a") + gateway("parallel", "j") + user("a") + user("b")
    run = Run(draw(body + END, "s -> x\nx -> a\nx -> b: other\na -> j\nb -> j\nj -> e"), other=False)

    run.complete("a")

    assert run.stuck == ["j"]
    assert not run.step.finished


def test_a_branch_that_may_still_come_by_an_error_is_waited_for() -> None:
    body = START + gateway("parallel", "f") + service("w") + user("b") + boundary("lost", "w", ERROR)
    body += gateway("parallel", "j") + END + end("fine")
    run = Run(draw(body, "s -> f\nf -> w\nf -> b\nw -> fine\nlost -> j\nb -> j\nj -> e"))

    run.complete("b")
    assert run.stuck == []
    run.fail(run.called[0], "broken")

    assert run.step.finished == "e"
