"""Diagrams drawn by chance of everything that the engine executes, for walks that compare it with itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from tests.workflows.building import boundary, element, script, service, sub, timer, user
from tests.workflows.definitions import (
    CANCEL,
    COMPENSATION,
    ERROR,
    ESCALATION,
    MESSAGE,
    SIGNAL,
    TERMINATE,
    TIMER,
    again_while,
    catch,
    draw,
    end,
    gateway,
    many,
    throw,
    undone_by,
)

FACTS = ("f0", "f1", "f2", "f3")
CONDITION = (
    "<bpmn:conditionalEventDefinition><bpmn:condition>f3</bpmn:condition></bpmn:conditionalEventDefinition>"
)
CYCLE = timer(timeCycle="R2/PT5H")
OUTSIDE = (MESSAGE, SIGNAL, TIMER, CYCLE, CONDITION)
_DEEPEST = 3


@dataclass
class Book:
    """All diagrams of one walk; names are unique in all of them."""

    chance: Random
    files: list[bytes] = field(default_factory=list)
    names: int = 0

    def name(self, word: str) -> str:
        self.names += 1
        return f"{word}{self.names}"

    def fact(self) -> str:
        return self.chance.choice(FACTS)

    def likely(self, chance: float) -> bool:
        return self.chance.random() < chance


@dataclass
class Page:
    """What stands in one process or subprocess."""

    book: Book
    depth: int
    body: str = ""
    flows: str = ""

    def put(self, text: str) -> None:
        self.body += text

    def join(self, *names: str) -> str:
        self.flows += "".join(f"{a} -> {b}\n" for a, b in pairwise(names))
        return names[-1]


def diagrams(chance: Random) -> list[bytes]:
    book = Book(chance)
    book.files.append(_drawn(book, "p", 0))
    return book.files[-1:] + book.files[:-1]


def _drawn(book: Book, process: str, depth: int) -> bytes:
    page = _whole(Page(book, depth))
    _listeners(page)
    return draw(page.body, page.flows, process)


def _whole(page: Page) -> Page:
    """Fill a page with a story from its start to its end, which may be an early one."""
    book = page.book
    start, last = book.name("start"), book.name("end")
    first, before = _block(page)
    page.put(element("startEvent", start) + end(last))
    page.join(start, first)
    if page.depth and book.likely(0.5):
        early, fork = book.name("early"), book.name("x")
        definition = book.chance.choice((ERROR, ESCALATION, TERMINATE, SIGNAL, COMPENSATION, MESSAGE))
        page.put(end(early, definition) + gateway("exclusive", fork, default=f"{fork}_{last}"))
        page.join(before, fork, last)
        page.flows += f"{fork} -> {early}: {book.fact()}\n"
    else:
        page.join(before, last)
    return page


def _block(page: Page) -> tuple[str, str]:
    if page.depth >= _DEEPEST:
        return _task(page)
    if page.depth == 0:
        return _row(page)
    return page.book.chance.choice(
        (_task, _task, _row, _row, _row, _fork, _fork, _loop, _scope, _scope, _scope, _race, _throw, _call)
    )(page)


def _deeper(page: Page) -> Page:
    return Page(page.book, page.depth + 1)


def _inside(page: Page) -> tuple[str, str]:
    """Draw a block on the same page, one deeper."""
    page.depth += 1
    found = _block(page)
    page.depth -= 1
    return found


def _task(page: Page) -> tuple[str, str]:
    book = page.book
    name = book.name("t")
    if book.likely(0.15):
        page.put(script(name, f"not({book.fact()})", book.fact()))
        return name, name
    if book.likely(0.25):
        page.put(service(name, _words(book)))
        return name, _edge(page, name, (ERROR, TIMER, MESSAGE))
    page.put(user(name, _words(book)))
    if book.likely(0.25):
        page.put(undone_by(name, book.name("undo")))
    return name, _edge(page, name, OUTSIDE)


def _words(book: Book) -> str:
    """Repeat an activity, or not."""
    if book.likely(0.7):
        return ""
    until = book.fact() if book.likely(0.4) else ""
    return book.chance.choice(
        (
            many(times="2", until=until, sequential=book.likely(0.5)),
            many(each="place in places", until=until, sequential=book.likely(0.5)),
            again_while(book.fact(), most=3),
            again_while(book.fact(), before=True, most=3),
        )
    )


def _edge(page: Page, host: str, kinds: tuple[str, ...]) -> str:
    """Draw boundary events; return where the activity's own way goes on."""
    book = page.book
    while CANCEL in kinds or book.likely(0.3):
        definition = CANCEL if CANCEL in kinds else book.chance.choice(kinds)
        name, aside = book.name("b"), book.name("aside")
        interrupting = definition in (ERROR, CANCEL) or book.likely(0.5)
        page.put(boundary(name, host, definition, interrupting) + user(aside))
        page.join(name, aside)
        kinds = tuple(each for each in kinds if each != definition)
        if interrupting:
            merge = book.name("m")
            page.put(gateway("exclusive", merge))
            page.join(aside, merge)
            page.join(host, merge)
            return merge
        last = book.name("end")
        page.put(end(last))
        page.join(aside, last)
    return host


def _row(page: Page) -> tuple[str, str]:
    blocks = [_inside(page) for _ in range(2)]
    page.join(blocks[0][1], blocks[1][0])
    return blocks[0][0], blocks[1][1]


def _fork(page: Page) -> tuple[str, str]:
    book = page.book
    kind = book.chance.choice(("exclusive", "parallel", "inclusive"))
    fork, join = book.name("f"), book.name("j")
    ways = [_inside(page) for _ in range(2)]
    chooses = kind != "parallel"
    page.put(gateway(kind, fork, **({"default": f"{fork}_{ways[0][0]}"} if chooses else {})))
    page.put(gateway(kind, join))
    page.join(fork, ways[0][0])
    page.flows += f"{fork} -> {ways[1][0]}" + (f": {book.fact()}\n" if chooses else "\n")
    for _, last in ways:
        page.join(last, join)
    return fork, join


def _loop(page: Page) -> tuple[str, str]:
    book = page.book
    merge, asked, fork, after = book.name("m"), book.name("t"), book.name("x"), book.name("m")
    first, last = _inside(page)
    page.put(gateway("exclusive", merge) + user(asked) + gateway("exclusive", after))
    page.put(gateway("exclusive", fork, default=f"{fork}_{after}"))
    page.join(merge, first)
    page.join(last, asked, fork, after)
    page.flows += f"{fork} -> {merge}: {book.fact()}\n"
    return merge, after


def _scope(page: Page) -> tuple[str, str]:
    book = page.book
    name, inner = book.name("sub"), _whole(_deeper(page))
    kind = "transaction" if book.likely(0.25) else "subProcess"
    kinds: tuple[str, ...] = (*OUTSIDE, ERROR, ESCALATION)
    if kind == "transaction":
        stop, fork, last = book.name("stop"), book.name("f"), book.name("t")
        inner.put(end(stop, CANCEL) + user(last) + gateway("exclusive", fork, default=f"{fork}_{stop}"))
        inner.join(last, fork, stop)
        ended = book.name("end")
        inner.put(end(ended))
        inner.flows += f"{fork} -> {ended}: {book.fact()}\n"
        begun = next(line for line in inner.flows.splitlines() if line.startswith("start"))
        inner.flows += f"{begun.split(' -> ', maxsplit=1)[0]} -> {last}\n"
        kinds = (CANCEL, *kinds)
    _listeners(inner)
    page.put(sub(name, _words(book) + inner.body, inner.flows, kind=kind))
    if book.likely(0.2):
        page.put(undone_by(name, book.name("undo")))
    return name, _edge(page, name, kinds)


def _listeners(page: Page) -> None:
    """Draw event subprocesses on a page."""
    book = page.book
    kinds = [*OUTSIDE, ERROR, ESCALATION]
    while kinds and book.likely(0.2):
        definition = kinds.pop(book.chance.randrange(len(kinds)))
        interrupting = definition == ERROR or book.likely(0.5)
        inner = Page(book, _DEEPEST)
        start, last = book.name("s"), book.name("end")
        first, before = _inside(inner)
        inner.put(element("startEvent", start, definition, isInterrupting=str(interrupting).lower()))
        inner.put(end(last, COMPENSATION if book.likely(0.2) else ""))
        inner.join(start, first)
        inner.join(before, last)
        page.put(sub(book.name("es"), inner.body, inner.flows, triggeredByEvent="true"))


def _race(page: Page) -> tuple[str, str]:
    book = page.book
    fork, merge = book.name("g"), book.name("m")
    page.put(element("eventBasedGateway", fork) + gateway("exclusive", merge))
    for definition in book.chance.sample((MESSAGE, SIGNAL, TIMER, CONDITION), 2):
        name = book.name("c")
        page.put(catch(name, definition))
        page.join(fork, name, merge)
    return fork, merge


def _throw(page: Page) -> tuple[str, str]:
    book = page.book
    name, definition = book.name("th"), book.chance.choice((COMPENSATION, SIGNAL, ESCALATION, MESSAGE))
    if book.likely(0.3):
        name = book.name("c")
        page.put(catch(name, book.chance.choice(OUTSIDE[:3])))
    else:
        page.put(throw(name, definition))
    return name, name


def _call(page: Page) -> tuple[str, str]:
    book = page.book
    name, process = book.name("call"), book.name("q")
    book.files.append(_drawn(book, process, page.depth + 1))
    mapping = (
        '<bpmn:extensionElements><camunda:in variables="all"/>'
        '<camunda:out source="f0" target="f0"/></bpmn:extensionElements>'
    )
    page.put(element("callActivity", name, mapping + _words(book), calledElement=process))
    return name, _edge(page, name, (*OUTSIDE, ERROR, ESCALATION))
