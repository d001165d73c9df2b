"""Random diagrams, random steps, a random change of the diagram: what is carried over goes on to its end."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest

from tests.workflows.building import boundary, diagram, element, event_sub, many, service, timer, user
from tests.workflows.moving import Mover

WALKS = 150
LONG_WALKS = 3_000
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_LEAVES = ("user", "user", "service", "wait", "receive")
# An inclusive join in a loop may wait for itself: that is said as an incident, whatever is carried over.
_BLOCKS = (("and", "choice", "loop", "sub"), ("and", "or", "choice", "sub"))


@dataclass(frozen=True)
class Part:
    """A piece of a process with one way in and one way out."""

    kind: str
    id: str
    parts: tuple[Part, ...] = ()
    title: str = ""
    late: str = ""  # a boundary event: the id; its path is a user task and comes back
    times: str = ""  # rounds: how they are repeated
    hears: bool = False  # an event subprocess inside, which does not interrupt

    def all(self) -> list[Part]:
        return [self, *(each for part in self.parts for each in part.all())]


@dataclass
class Drawing:
    """What is drawn of a part: elements and flows, inner ones in their subprocess."""

    body: str = ""
    flows: list[str] = field(default_factory=list)

    def draw(self, part: Part) -> tuple[str, str]:
        """Draw a part; return where it is entered and where it is left."""
        first, last = getattr(self, f"_{part.kind}")(part)
        if not part.late:
            return first, last
        self.body += boundary(part.late, first, timer(timeDuration="PT3H")) + user(f"{part.late}_do")
        self.body += element("exclusiveGateway", f"{part.late}_end")
        self.flows += [f"{part.late} -> {part.late}_do", f"{part.late}_do -> {part.late}_end"]
        self.flows += [f"{last} -> {part.late}_end"]
        return first, f"{part.late}_end"

    def _user(self, part: Part) -> tuple[str, str]:
        self.body += user(part.id, part.times, name=part.title)
        return part.id, part.id

    def _service(self, part: Part) -> tuple[str, str]:
        self.body += service(part.id, name=part.title)
        return part.id, part.id

    def _wait(self, part: Part) -> tuple[str, str]:
        self.body += element("intermediateCatchEvent", part.id, timer(timeDuration="PT2H"))
        return part.id, part.id

    def _receive(self, part: Part) -> tuple[str, str]:
        self.body += element("intermediateCatchEvent", part.id, _MESSAGE)
        return part.id, part.id

    def _seq(self, part: Part) -> tuple[str, str]:
        ends = [self.draw(each) for each in part.parts]
        self.flows += [f"{one[1]} -> {other[0]}" for one, other in pairwise(ends)]
        return ends[0][0], ends[-1][1]

    def _fork(self, part: Part, gateway: str, conditions: list[str]) -> tuple[str, str]:
        first, last = f"{part.id}_in", f"{part.id}_out"
        default = {} if gateway == "parallelGateway" else {"default": ""}
        ends = [self.draw(each) for each in part.parts]
        if default:
            default["default"] = f"{first}_{ends[-1][0]}"
        self.body += element(gateway, first, **default)
        self.body += element("exclusiveGateway" if part.kind == "choice" else gateway, last)
        for (into, out), condition in zip(ends, conditions, strict=False):
            self.flows += [f"{first} -> {into}{condition}", f"{out} -> {last}"]
        return first, last

    def _and(self, part: Part) -> tuple[str, str]:
        return self._fork(part, "parallelGateway", [""] * len(part.parts))

    def _or(self, part: Part) -> tuple[str, str]:
        return self._fork(part, "inclusiveGateway", self._conditions(part))

    def _choice(self, part: Part) -> tuple[str, str]:
        return self._fork(part, "exclusiveGateway", self._conditions(part))

    def _conditions(self, part: Part) -> list[str]:
        return [f": v > {number + 1}" for number in range(len(part.parts) - 1)] + [": default"]

    def _loop(self, part: Part) -> tuple[str, str]:
        first, last = f"{part.id}_in", f"{part.id}_out"
        self.body += element("exclusiveGateway", first)
        into, out = self.draw(part.parts[0])
        after = f"{part.id}_after"
        self.body += element("exclusiveGateway", last, default=f"{last}_{after}") + element("task", after)
        self.body += user(f"{part.id}_ask")
        self.flows += [f"{first} -> {into}", f"{out} -> {part.id}_ask", f"{part.id}_ask -> {last}"]
        self.flows += [f"{last} -> {first}: v = 1"]
        self.flows += [f"{last} -> {after}: default"]
        return first, after

    def _sub(self, part: Part) -> tuple[str, str]:
        inner = Drawing()
        first, last = inner.draw(part.parts[0])
        inner.body += element("endEvent", f"{part.id}_last")
        inner.flows += [f"{part.id}_first -> {first}", f"{last} -> {part.id}_last"]
        if part.hears:
            inner.body += event_sub(*_heard(part.id), interrupting=False)
        drawn = diagram(
            element("startEvent", f"{part.id}_first") + inner.body, "\n".join(inner.flows)
        ).decode()
        inside = drawn.split('isExecutable="true">', 1)[1].split("</bpmn:process>")[0]
        self.body += element("subProcess", part.id, inside)
        return part.id, part.id


def _heard(name: str) -> tuple[str, str, str, str]:
    return f"{name}_es", timer(timeDuration="PT5H"), user(f"{name}_heard"), f"{name}_es_start -> {name}_heard"


def _drawn(part: Part) -> bytes:
    drawing = Drawing()
    first, last = drawing.draw(part)
    body = element("startEvent", "s") + drawing.body + element("endEvent", "e")
    flows = [f"s -> {first}", *drawing.flows, f"{last} -> e"]
    return diagram(body, "\n".join(flows), before='<bpmn:message id="m" name="m"/>')


class Maker:
    """Makes diagrams and changes them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.number = 0
        self.blocks = chance.choice(_BLOCKS)

    def new_id(self) -> str:
        self.number += 1
        return f"n{self.number}"

    def part(self, depth: int = 0) -> Part:
        if depth > 2 or self.chance.random() < 0.4:
            kind = self.chance.choice(_LEAVES)
            late = self.new_id() if kind == "user" and self.chance.random() < 0.3 else ""
            times = self.rounds() if kind == "user" and self.chance.random() < 0.3 else ""
            return Part(kind, self.new_id(), late=late, times=times)
        kind = self.chance.choice(self.blocks)
        if kind in ("loop", "sub"):
            hears = kind == "sub" and self.chance.random() < 0.3
            return Part(kind, self.new_id(), (self.sequence(depth + 1),), hears=hears)
        branches = tuple(self.sequence(depth + 1) for _ in range(self.chance.choice((2, 2, 3))))
        return Part(kind, self.new_id(), branches)

    def sequence(self, depth: int = 0) -> Part:
        return Part(
            "seq", self.new_id(), tuple(self.part(depth) for _ in range(self.chance.choice((1, 2, 3))))
        )

    def rounds(self) -> str:
        return many(times=self.chance.choice("23"), isSequential=self.chance.choice(("true", "false")))

    def change(self, part: Part, live: set[str]) -> Part:
        """Change a diagram in one to three places, often around what is live."""
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            places = part.all()
            near = [each for each in places if live & {inner.id for inner in each.all()}]
            at = self.chance.choice(near if near and self.chance.random() < 0.7 else places).id
            part = self._replace(part, at, self.chance.choice(self.WAYS))
        return part

    def _replace(self, part: Part, at: str, way: str) -> Part:
        if part.id == at:
            return getattr(self, way)(part)
        return replace(part, parts=tuple(self._replace(each, at, way) for each in part.parts))

    WAYS = (
        "rename",
        "retitle",
        "insert",
        "leave_out",
        "watch",
        "split",
        "unsplit",
        "branch",
        "wrap",
        "repeat",
    )
    WAYS += ("hear",)

    def rename(self, part: Part) -> Part:
        return replace(part, id=self.new_id())

    def retitle(self, part: Part) -> Part:
        return replace(part, title="Other") if part.kind in ("user", "service") else part

    def insert(self, part: Part) -> Part:
        at = self.chance.randrange(len(part.parts) + 1)
        return self._with(part, (*part.parts[:at], self.part(2), *part.parts[at:])) if _is_seq(part) else part

    def leave_out(self, part: Part) -> Part:
        at = self.chance.randrange(max(1, len(part.parts)))
        left = (*part.parts[:at], *part.parts[at + 1 :])
        return self._with(part, left) if left and part.kind not in ("loop", "sub") and len(left) > 1 else part

    def watch(self, part: Part) -> Part:
        if part.kind not in ("user", "service", "sub"):
            return part
        return replace(part, late="" if part.late else self.new_id())

    def repeat(self, part: Part) -> Part:
        return replace(part, times="" if part.times else self.rounds()) if part.kind == "user" else part

    def hear(self, part: Part) -> Part:
        return replace(part, hears=not part.hears) if part.kind == "sub" else part

    def split(self, part: Part) -> Part:
        """Let something go on beside a part."""
        if part.kind not in _LEAVES:
            return part
        beside = Part("seq", self.new_id(), (self.part(3),))
        return Part("and", self.new_id(), (Part("seq", self.new_id(), (part,)), beside))

    def unsplit(self, part: Part) -> Part:
        """Let one branch follow the other."""
        return replace(part, kind="seq") if part.kind in ("and", "or", "choice") else part

    def branch(self, part: Part) -> Part:
        return (
            self._with(part, (*part.parts, self.sequence(2)))
            if part.kind in ("and", "or", "choice")
            else part
        )

    def wrap(self, part: Part) -> Part:
        return (
            Part(
                self.chance.choice([each for each in self.blocks if each in ("sub", "loop")]),
                self.new_id(),
                (part,),
            )
            if _is_seq(part)
            else part
        )

    def _with(self, part: Part, parts: tuple[Part, ...]) -> Part:
        return replace(part, parts=parts)


def _is_seq(part: Part) -> bool:
    return part.kind == "seq"


def _step(run: Mover, chance: random.Random) -> None:
    """Do one of the things that can be done; there always is one, or the instance has ended."""
    ways = [("complete", name) for name in run.tasks] + [("answer", name) for name in run.called]
    ways += [("message", "m") for each in run.step.subscriptions][:1]
    ways += [("advance", "")] if run.step.next_due else []
    assert ways, f"nothing can be done, and it has not ended: {run.step.tokens}"
    way, what = chance.choice(ways)
    value = chance.choice((1, 2, 3, 0))
    if way == "advance":
        run.advance(hours=1)
    elif way == "message":
        run.message(what, run.step.subscriptions[0].element, v=value)
    else:
        getattr(run, way)(what, v=value)


def _walk(seed: int) -> str:
    chance = random.Random(seed)
    maker = Maker(chance)
    part = maker.sequence()
    run = Mover(_drawn(part), v=0)
    for _ in range(chance.randrange(12)):
        if run.step.finished is None:
            _step(run, chance)
    told = ""
    for _ in range(2):
        if run.step.finished is not None:
            return told or "ended before"
        changed = maker.change(part, {element for _, element in run.step.tokens})
        before = run.step.state
        reasons = run.reasons(_drawn(changed))
        if reasons:
            told += "refused "
            assert run.step.state == before
        else:
            told += "moved "
            run.move_to(_drawn(changed))
            part = changed
        for _ in range(chance.randrange(6)):
            if run.step.finished is None:
                _step(run, chance)
    for _ in range(2_000):
        if run.step.finished is not None:
            break
        _step(run, chance)
        assert run.stuck == [], f"{seed}: {run.incidents}"
    assert run.step.finished is not None
    return told


def _told(seeds: range) -> list[str]:
    return [_walk(seed) for seed in seeds]


def test_what_is_carried_over_goes_on_to_its_end() -> None:
    told = _told(range(WALKS))

    assert sum("moved" in each for each in told) > WALKS / 4
    assert sum("refused" in each for each in told) > WALKS / 10


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_thousands_that_are_carried_over_go_on_to_their_end() -> None:
    _told(range(WALKS, WALKS + LONG_WALKS))


def test_what_is_drawn_the_same_stands_exactly_as_it_stood() -> None:
    for seed in range(WALKS):
        maker = Maker(random.Random(seed))
        part = maker.sequence()
        drawn, same = Mover(_drawn(part), v=0), Mover(_drawn(part), v=0)
        for run in (drawn, same):
            chance = random.Random(seed)
            for _ in range(chance.randrange(12)):
                if run.step.finished is None:
                    _step(run, chance)
        if drawn.step.finished is None:
            drawn.move_to(_drawn(part))
            assert json.loads(drawn.step.state) == json.loads(same.step.state)
