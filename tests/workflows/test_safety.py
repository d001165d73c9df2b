"""Hostile content at every place where an expression is evaluated or a file is read: nothing of it runs.

The places are those where SpiffWorkflow itself would call Python's `eval` or `exec`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

import workflows
from tests.workflows.building import Run, diagram, element, timer, user

_TOKEN = "HOSTILE_TOKEN"
_START = element("startEvent", "s")

PAYLOADS = [
    "__import__('os').system('touch {mark}') or '{token}'",
    '__import__("os").system("touch {mark}") + "{token}"',
    "open('{mark}', 'w').write('{token}')",
    "().__class__.__mro__[1].__subclasses__()",
    "victim.__class__.__init__.__globals__",
    "(lambda: open('{mark}', 'w'))()",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "${{T(java.lang.Runtime).getRuntime().exec('touch {mark}')}}",
    "${{execution.getEngineServices()}}",
    "eval(\"open('{mark}','w')\")",
    'get value(victim, "__class__")',
    "victim.__class__",
    '{{a: victim.__dict__, token: "{token}"}}.a',
]
"""Some are FEEL by their form, and come to null."""


class Watched:
    """What Python itself reports of: compiled text, started programs."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[str] = []
        sys.addaudithook(self.hear)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event in ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect"):
            self.seen.append(event)
        if event == "compile" and isinstance(arguments[0], str | bytes) and _TOKEN in str(arguments[0]):
            self.seen.append(f"compile {arguments[0]!r}")


WATCHED = Watched()


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path: Path) -> Iterator[None]:
    WATCHED.seen.clear()
    WATCHED.on = True
    yield
    WATCHED.on = False
    assert WATCHED.seen == []
    assert not (tmp_path / "ran").exists()


def test_the_watch_itself_sees_what_python_compiles() -> None:
    compile(f"'{_TOKEN}'", "<test>", "eval")

    assert len(WATCHED.seen) == 1
    WATCHED.seen.clear()


def _extended(inside: str) -> str:
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def _parameter(way: str, text: str) -> str:
    return _extended(
        f'<camunda:inputOutput><camunda:{way} name="x">{escape(text)}</camunda:{way}></camunda:inputOutput>'
    )


def _listed(text: str) -> str:
    return _extended(
        '<camunda:inputOutput><camunda:inputParameter name="x"><camunda:list>'
        f"<camunda:value>{escape(text)}</camunda:value></camunda:list></camunda:inputParameter>"
        "</camunda:inputOutput>"
    )


def _flow(source: str, target: str, text: str) -> str:
    return (
        f'<bpmn:sequenceFlow id="hostile" sourceRef="{source}" targetRef="{target}">'
        f"<bpmn:conditionExpression>{escape(text)}</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )


def _choice(kind: str) -> Callable[[str], bytes]:
    def made(text: str) -> bytes:
        body = _START + element(kind, "x", default="x_b") + user("a") + user("b") + _flow("x", "a", text)
        return diagram(body, "s -> x\nx -> b")

    return made


def _script(text: str, form: str = "feel") -> bytes:
    inside = f"<bpmn:script>{escape(text)}</bpmn:script>"
    script = element("scriptTask", "x", inside, scriptFormat=form, camunda_resultVariable="r")
    return diagram(_START + script + user("a"), "s -> x\nx -> a")


def _attribute(name: str) -> Callable[[str], bytes]:
    def made(text: str) -> bytes:
        value = quoteattr(text if text.startswith("$") else f"= {text}")
        task = f'<bpmn:userTask id="x" camunda:{name}={value}/>'
        return diagram(_START + task, "s -> x")

    return made


def _inside(kind: str, inside: Callable[[str], str], **words: str) -> Callable[[str], bytes]:
    def made(text: str) -> bytes:
        return diagram(_START + element(kind, "x", inside(text), **words) + user("a"), "s -> x\nx -> a")

    return made


def _marked(text: str) -> str:
    return text if text.startswith("$") else f"= {text}"


SITES: dict[str, Callable[[str], bytes]] = {
    "a condition of an exclusive gateway": _choice("exclusiveGateway"),
    "a condition of an inclusive gateway": _choice("inclusiveGateway"),
    "a condition behind an activity": lambda text: diagram(
        _START + element("task", "x") + user("a") + _flow("x", "a", text), "s -> x"
    ),
    "a script": _script,
    "a script in Python": lambda text: _script(text, "python"),
    "a script in JavaScript": lambda text: _script(text, "javascript"),
    "a date": _inside("intermediateCatchEvent", lambda text: timer(timeDate=escape(_marked(text)))),
    "a duration": _inside("intermediateCatchEvent", lambda text: timer(timeDuration=escape(_marked(text)))),
    "a cycle": _inside("intermediateCatchEvent", lambda text: timer(timeCycle=escape(_marked(text)))),
    "a timer without a mark": _inside("intermediateCatchEvent", lambda text: timer(timeDate=escape(text))),
    "an assignee": _attribute("assignee"),
    "candidate users": _attribute("candidateUsers"),
    "candidate groups": _attribute("candidateGroups"),
    "a due date": _attribute("dueDate"),
    "a follow-up date": _attribute("followUpDate"),
    "a priority": _attribute("priority"),
    "a form": _attribute("formKey"),
    "a skip expression": _attribute("skipExpression"),
    "an input": _inside("userTask", lambda text: _parameter("inputParameter", _marked(text))),
    "an output": _inside("task", lambda text: _parameter("outputParameter", _marked(text))),
    "a part of a list": _inside("userTask", lambda text: _listed(_marked(text))),
    "a service's input": _inside(
        "serviceTask", lambda text: _parameter("inputParameter", _marked(text)), camunda_topic="t"
    ),
    "a property": _inside(
        "userTask",
        lambda text: _extended(
            f'<camunda:properties><camunda:property name="p" value={quoteattr(_marked(text))}/>'
            "</camunda:properties>"
        ),
    ),
    "people left out": _inside(
        "userTask",
        lambda text: _extended(
            f'<camunda:properties><camunda:property name="approval.excluded" value={quoteattr(text)}/>'
            "</camunda:properties>"
        ),
    ),
    "what goes into a call": _inside(
        "callActivity",
        lambda text: _extended(f'<camunda:in sourceExpression={quoteattr(text)} target="y"/>'),
        calledElement="p",
    ),
    "a message's payload": _inside(
        "intermediateThrowEvent",
        lambda text: (
            _parameter("inputParameter", _marked(text)) + '<bpmn:messageEventDefinition messageRef="m"/>'
        ),
    ),
    "a collection": _inside(
        "userTask",
        lambda text: f"<bpmn:multiInstanceLoopCharacteristics camunda:collection={quoteattr(text)}/>",
    ),
    "a number of rounds": _inside(
        "userTask",
        lambda text: (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>"
            f"{escape(text)}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        ),
    ),
    "the end of rounds": _inside(
        "userTask",
        lambda text: (
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:completionCondition>"
            f"{escape(text)}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
        ),
    ),
    "a loop's condition": _inside(
        "userTask",
        lambda text: (
            "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>"
            f"{escape(text)}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
        ),
    ),
    "a conditional event": _inside(
        "intermediateCatchEvent",
        lambda text: (
            f"<bpmn:conditionalEventDefinition><bpmn:condition>{escape(text)}</bpmn:condition>"
            "</bpmn:conditionalEventDefinition>"
        ),
    ),
    "an ad-hoc subprocess": _inside(
        "adHocSubProcess",
        lambda text: f"<bpmn:completionCondition>{escape(text)}</bpmn:completionCondition>",
    ),
    "SpiffWorkflow's own script before a task": _inside(
        "userTask",
        lambda text: _extended(
            '<spiff:preScript xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core">'
            f"{escape(text)}</spiff:preScript>"
        ),
    ),
    "SpiffWorkflow's own service": _inside(
        "serviceTask",
        lambda text: _extended(
            '<spiff:serviceTaskOperator xmlns:spiff="http://spiffworkflow.org/bpmn/schema/1.0/core" id="x1">'
            f'<spiff:parameters><spiff:parameter id="p" value={quoteattr(text)}/></spiff:parameters>'
            "</spiff:serviceTaskOperator>"
        ),
        camunda_topic="t",
    ),
    "a correlation": lambda text: diagram(
        _START + element("receiveTask", "x", messageRef="m"),
        "s -> x",
        before='<bpmn:correlationProperty id="c"><bpmn:correlationPropertyRetrievalExpression messageRef="m">'
        f"<bpmn:messagePath>{escape(text)}</bpmn:messagePath>"
        "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>",
    ),
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("site", SITES)
def test_nothing_hostile_in_a_diagram_runs_or_is_seen(site: str, payload: str, tmp_path: Path) -> None:
    text = payload.format(mark=tmp_path / "ran", token=_TOKEN)
    message = b'<bpmn:message id="m" name="m"/>'
    content = SITES[site](text).replace(b"<bpmn:process", message + b"<bpmn:process", 1)

    run: Run | None
    try:
        run = Run(content, victim={"name": "Ann", "sum": 1})
    except workflows.RefusedError as refused:
        nameless = [finding for finding in refused.findings if not finding.element]
        run = None
    if run is None:
        assert nameless == []
        return

    # FEEL by its form: null where it was asked, or an incident at the element.
    assert set(run.stuck) <= {"x"}
    if not run.step.finished:
        assert not _leaks(run.variables)
    assert not _leaks([[*task.inputs.values(), *task.properties.values()] for task in run.step.opened])
    assert not _leaks([dict(call.inputs) for call in run.step.calls])
    assert not _leaks([dict(sent.payload) for sent in run.sent])


def _leaks(value: object) -> bool:
    """Say whether anything of Python's own shows in what was evaluated."""
    if isinstance(value, dict):
        return any(_leaks(each) for each in value.values())
    if isinstance(value, list | tuple):
        return any(_leaks(each) for each in value)
    if value is None or isinstance(value, bool | int):
        return False
    return not isinstance(value, str) or any(word in value for word in ("<class", "<built-in", "0x"))


_DMN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="d" namespace="d">'
    '<decision id="level" name="level"><variable name="level"/>{logic}</decision></definitions>'
)
_TABLE = (
    '<decisionTable id="t" hitPolicy="FIRST"><input id="i"><inputExpression id="ie"{language}>'
    '<text>{input}</text></inputExpression></input><output id="o" name="level"/>'
    '<rule id="r"><inputEntry id="c"><text>{cell}</text></inputEntry>'
    '<outputEntry id="oe"><text>{output}</text></outputEntry></rule></decisionTable>'
)
_TABLE_SITES = {
    "input": {"input": "{}", "cell": "-", "output": "1"},
    "cell": {"input": "victim.sum", "cell": "{}", "output": "1"},
    "output": {"input": "victim.sum", "cell": "-", "output": "{}"},
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("site", [*_TABLE_SITES, "another language", "a literal", "a function in Java"])
def test_nothing_hostile_in_a_table_runs_or_is_seen(site: str, payload: str, tmp_path: Path) -> None:
    text = escape(payload.format(mark=tmp_path / "ran", token=_TOKEN))
    if site in _TABLE_SITES:
        places = {name: value.replace("{}", text) for name, value in _TABLE_SITES[site].items()}
        logic = _TABLE.format(language="", **places)
    elif site == "another language":
        logic = _TABLE.format(language=' expressionLanguage="python"', input=text, cell="-", output="1")
    elif site == "a literal":
        logic = f"<literalExpression><text>{text}</text></literalExpression>"
    else:
        logic = (
            '<context><contextEntry><variable name="f"/><functionDefinition kind="Java"><context>'
            '<contextEntry><variable name="class"/><literalExpression><text>"java.lang.Runtime"</text>'
            '</literalExpression></contextEntry><contextEntry><variable name="method signature"/>'
            f"<literalExpression><text>{text}</text></literalExpression></contextEntry></context>"
            "</functionDefinition></contextEntry><contextEntry><literalExpression><text>f()</text>"
            "</literalExpression></contextEntry></context>"
        )
    task = element("businessRuleTask", "x", camunda_decisionRef="level", camunda_resultVariable="r")
    content = diagram(_START + task + user("a"), "s -> x\nx -> a")

    try:
        run = Run(
            content, tables={"t.dmn": _DMN.format(logic=logic).encode()}, victim={"name": "A", "sum": 1}
        )
    except workflows.RefusedError as refused:
        nameless = [finding for finding in refused.findings if not finding.element]
        run = None
    if run is None:
        assert nameless == []
        return

    assert set(run.stuck) <= {"x"}
    assert not _leaks({name: value for name, value in run.variables.items() if name != "victim"})


_HUGE = " " * (5 * 1024 * 1024)
_LAUGHS = "".join(f'<!ENTITY l{n} "{"".join(f"&l{n - 1};" * 10)}">' for n in range(1, 10))
_BPMN_ROOT = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">{}</definitions>'
_DMN_ROOT = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">{}</definitions>'
_PROLOGUES = {
    "a file of the machine": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/x">]>',
    "an outer DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LAUGHS}<!ENTITY e "&l9;">]>',
    "a harmless DTD": '<!DOCTYPE x [<!ENTITY e "b">]>',
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("kind", ["diagram", "table"])
@pytest.mark.parametrize("name", _PROLOGUES)
def test_no_entity_and_no_document_type_is_followed(name: str, kind: str, encoding: str) -> None:
    started = time.thread_time()
    prologue = _PROLOGUES[name]
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    root = (_BPMN_ROOT if kind == "diagram" else _DMN_ROOT).format(
        "<x>&e;</x>" if "ENTITY e" in prologue else ""
    )
    content = (declared + prologue + root).encode(encoding)

    diagrams, tables = ({"f": content}, {}) if kind == "diagram" else ({}, {"f": content})
    found = [f for f in workflows.check(diagrams, tables) if f.severity == "error"]

    assert found
    assert found[0].file == "f"
    assert "DOCTYPE" in found[0].message or "XML" in found[0].message
    assert "root:" not in found[0].message
    assert time.thread_time() - started < 2


@pytest.mark.parametrize("kind", ["diagram", "table"])
@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(_HUGE, id="five megabytes"),
        pytest.param("<a>" * 300 + "</a>" * 300, id="three hundred deep"),
        pytest.param("<process id='p'>" + "<task/>" * 6_000 + "</process>", id="thousands of elements"),
        pytest.param("<unclosed>", id="unfinished"),
        pytest.param("\x00", id="a zero byte"),
    ],
)
def test_a_file_made_to_hurt_is_refused_at_once(kind: str, inside: str) -> None:
    started = time.thread_time()
    content = (_BPMN_ROOT if kind == "diagram" else _DMN_ROOT).format(inside).encode()

    diagrams, tables = ({"f": content}, {}) if kind == "diagram" else ({}, {"f": content})
    found = workflows.check(diagrams, tables)

    assert kind == "table" or found
    assert all(finding.file == "f" for finding in found)
    assert time.thread_time() - started < 3


def test_a_diagram_nested_as_deep_as_a_file_may_be_does_no_harm() -> None:
    deep = ""
    for number in range(120):
        deep = element("subProcess", f"q{number}", element("startEvent", f"s{number}") + deep)

    run = Run(diagram(_START + deep, "s -> q119"))

    assert run.step.finished is not None


def test_what_reaches_spiffworkflows_own_engine_is_refused() -> None:
    from workflows.scripting import ENGINE, ForeignScriptError

    environment = ENGINE.environment
    for call in (
        lambda: environment.evaluate("1", {}),
        lambda: environment.execute("1", {}),
        lambda: environment.call_service({}, operation_name="x"),
        lambda: ENGINE.validate("1"),
    ):
        with pytest.raises(ForeignScriptError, match="nothing else is executed"):
            call()
