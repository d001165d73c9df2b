"""Diagrams drawn by chance: well formed ones out of blocks, and nets whose flows go anywhere forward."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

from tests.workflows.building import boundary, diagram, element, user
from tests.workflows.token_game import Flow, Net, Node

FACTS = ("f0", "f1", "f2", "f3")
"""The variables that flows ask: true or false, set anew with every completion."""
_DEEPEST = 3


@dataclass
class Drawing:
    """A net that grows; `many` allows multi-instance activities."""

    chance: Random
    many: bool = True
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def net(self) -> Net:
        return Net(tuple(self.nodes), tuple(self.flows))

    def add(self, kind: str, **more: object) -> str:
        name = f"{kind}{len(self.names)}"
        self.names.append(name)
        self.nodes.append(Node(name, kind, **more))  # type: ignore[arg-type] # its fields by name
        return name

    def join(self, *names: str) -> str:
        self.flows += [Flow(source, target) for source, target in pairwise(names)]
        return names[-1]

    def inside(self) -> Drawing:
        """Draw a subprocess; names are unique in the whole diagram."""
        return Drawing(self.chance, self.many, names=self.names)

    def fact(self) -> str:
        return self.chance.choice(FACTS)


def structured(chance: Random, many: bool = True) -> Net:
    drawing = Drawing(chance, many)
    _process(drawing, 0)
    return drawing.net()


def _process(drawing: Drawing, depth: int) -> None:
    start, (first, last) = drawing.add("start"), _block(drawing, depth)
    drawing.join(start, first)
    drawing.join(last, drawing.add("end"))


def _block(drawing: Drawing, depth: int) -> tuple[str, str]:
    """Draw something with one way in and one way out."""
    if depth >= _DEEPEST:
        return _task(drawing, depth)
    makers = (_task, _task, _row, _row, _choice, _choice, _choice, _loop, _subprocess)
    return drawing.chance.choice(makers)(drawing, depth)


def _task(drawing: Drawing, depth: int) -> tuple[str, str]:
    name = drawing.add("task", **_times(drawing))
    if drawing.chance.random() < 0.3:
        return name, _boundary(drawing, name, drawing.chance.random() < 0.5)
    return name, name


def _times(drawing: Drawing) -> dict[str, object]:
    if not drawing.many or drawing.chance.random() < 0.75:
        return {}
    return {
        "times": drawing.chance.choice((2, 3)),
        "sequential": drawing.chance.random() < 0.5,
        "until": drawing.chance.choice(("", drawing.fact())),
    }


def _boundary(drawing: Drawing, host: str, interrupts: bool, event: str = "") -> str:
    """Draw a way beside an activity; return where the activity's own way goes on."""
    name = drawing.add("boundary", host=host, interrupts=interrupts, event=event or f"m{len(drawing.names)}")
    aside = drawing.add("task")
    drawing.join(name, aside)
    if not interrupts:
        drawing.join(aside, drawing.add("end"))
        return host
    merge = drawing.add("xor")
    drawing.join(host, merge)
    return drawing.join(aside, merge)


def _row(drawing: Drawing, depth: int) -> tuple[str, str]:
    blocks = [_block(drawing, depth + 1) for _ in range(drawing.chance.choice((2, 3)))]
    for (_, last), (first, _) in pairwise(blocks):
        drawing.join(last, first)
    return blocks[0][0], blocks[-1][1]


def _choice(drawing: Drawing, depth: int) -> tuple[str, str]:
    kind = drawing.chance.choice(("xor", "and", "or"))
    fork, join = drawing.add(kind), drawing.add(kind)
    for number in range(drawing.chance.choice((2, 2, 3))):
        first, last = _block(drawing, depth + 1)
        asks = kind != "and" and number > 0
        drawing.flows.append(Flow(fork, first, drawing.fact() if asks else "", kind != "and" and not number))
        drawing.join(last, join)
    return fork, join


def _loop(drawing: Drawing, depth: int) -> tuple[str, str]:
    merge, (first, last), asked = drawing.add("xor"), _block(drawing, depth + 1), drawing.add("task")
    fork, after = drawing.add("xor"), drawing.add("xor")
    drawing.join(merge, first)
    drawing.join(last, asked, fork)
    drawing.flows += [Flow(fork, merge, drawing.fact()), Flow(fork, after, default=True)]
    return merge, after


def _subprocess(drawing: Drawing, depth: int) -> tuple[str, str]:
    inner = drawing.inside()
    _process(inner, depth + 1)
    ending = drawing.chance.choice(("", "terminate", "error"))
    if ending:
        _ends_early(inner, ending)
    name = drawing.add("sub", inner=inner.net(), **_times(drawing))
    if ending == "error":
        return name, _boundary(drawing, name, True, "error")
    if drawing.chance.random() < 0.4:
        return name, _boundary(drawing, name, drawing.chance.random() < 0.5)
    return name, name


def _ends_early(drawing: Drawing, ending: str) -> None:
    """Behind any flow of the subprocess a question that may lead to this end."""
    flow = drawing.chance.choice(drawing.flows)
    fork, end = drawing.add("xor"), drawing.add(ending)
    drawing.flows.remove(flow)
    drawing.flows += [
        replace(flow, target=fork),
        Flow(fork, end, drawing.fact()),
        Flow(fork, flow.target, default=True),
    ]


def unstructured(chance: Random, many: bool = True) -> Net:
    """Every element leads to later ones, and questions also back to tasks; joins may well wait for ever."""
    drawing = Drawing(chance, many)
    kinds = ("task", "task", "xor", "and", "or")
    names = [drawing.add("start"), drawing.add("task")]
    names += [drawing.add(chance.choice(kinds)) for _ in range(chance.randint(4, 9))]
    names.append(drawing.add("end"))
    kind_of = {node.name: node.kind for node in drawing.nodes}
    for place, name in enumerate(names[:-1]):
        ahead = names[place + 1 : place + 5]
        targets = [ahead[0], *chance.sample(ahead[1:], min(len(ahead) - 1, chance.choice((0, 1, 1, 2))))]
        tasks = [other for other in names[1:place] if kind_of[other] == "task" and other not in targets]
        if kind_of[name] in ("xor", "or") and tasks and chance.random() < 0.6:
            targets.append(chance.choice(tasks))
        _lead(drawing, name, kind_of[name], targets if place else targets[:1])
    return drawing.net()


def _lead(drawing: Drawing, name: str, kind: str, targets: list[str]) -> None:
    asks = kind in ("xor", "or") and len(targets) > 1
    drawing.flows += [
        Flow(name, target, drawing.fact() if asks and number else "", asks and not number)
        for number, target in enumerate(targets)
    ]


# as BPMN

_WORDS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}


def as_bpmn(net: Net) -> bytes:
    messages = "".join(f'<bpmn:message id="{name}" name="{name}"/>' for name in sorted(_messages(net)))
    return diagram(_elements(net, ()), "", before=messages + '<bpmn:error id="x" errorCode="x"/>')


def _messages(net: Net) -> set[str]:
    found = {node.event for node in net.nodes if node.event not in ("", "error")}
    return found.union(*(_messages(node.inner) for node in net.nodes if node.inner))


def _elements(net: Net, around: tuple[str, ...]) -> str:
    return "".join(_element(net, node, around) for node in net.nodes) + "".join(map(_flow, net.flows))


def _element(net: Net, node: Node, around: tuple[str, ...]) -> str:
    default = {f"{flow.source}_{flow.target}" for flow in net.out(node.name) if flow.default}
    words = {"default": default.pop()} if default else {}
    places = (*around, f"at_{node.name}") if node.times else around
    if node.kind == "task":
        at = (
            "<bpmn:extensionElements><camunda:inputOutput>"
            f'<camunda:inputParameter name="at">= [{", ".join(places)}]</camunda:inputParameter>'
            "</camunda:inputOutput></bpmn:extensionElements>"
        )
        return user(node.name, at + _loop_words(node), **words)
    if node.kind == "sub":
        assert node.inner
        return element("subProcess", node.name, _loop_words(node) + _elements(node.inner, places), **words)
    if node.kind == "boundary":
        return boundary(node.name, node.host, _definition(node.event), node.interrupts)
    if node.kind in ("end", "terminate", "error"):
        inside = {"end": "", "terminate": "<bpmn:terminateEventDefinition/>"}
        return element("endEvent", node.name, inside.get(node.kind, _definition("error")))
    return element(_WORDS.get(node.kind, "startEvent"), node.name, **words)


def _definition(event: str) -> str:
    if event == "error":
        return '<bpmn:errorEventDefinition errorRef="x"/>'
    return f'<bpmn:messageEventDefinition messageRef="{event}"/>'


def _loop_words(node: Node) -> str:
    if not node.times:
        return ""
    until = f"<bpmn:completionCondition>{node.until}</bpmn:completionCondition>" if node.until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(node.sequential).lower()}"'
        f' camunda:collection="places{node.times}" camunda:elementVariable="at_{node.name}">{until}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def _flow(flow: Flow) -> str:
    inside = (
        f"<bpmn:conditionExpression>{flow.condition}</bpmn:conditionExpression>" if flow.condition else ""
    )
    return (
        f'<bpmn:sequenceFlow id="{flow.source}_{flow.target}" sourceRef="{flow.source}"'
        f' targetRef="{flow.target}">{inside}</bpmn:sequenceFlow>'
    )
