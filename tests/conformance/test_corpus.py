"""Diagrams of others: each is imported, or refused naming an element; none breaks or holds up the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conformance import corpus, corpus_child
from tests.conformance.shared import shared
from tests.workflows.building import diagram, element, user

_START = element("startEvent", "s")
_NEVER = "<bpmn:{0}Definition><bpmn:condition>x = 1</bpmn:condition></bpmn:{0}Definition>".format(
    "conditionalEvent"
)
# Dies of one file, hangs at another, computes without end at a third, takes the rest in.
_CLUMSY = """
import os, signal, sys, time
for line in sys.stdin:
    if "dies" in line:
        os._exit(3)
    if "hangs" in line:
        time.sleep(60)
    signal.setitimer(signal.ITIMER_PROF, float(sys.argv[1]))
    while "spins" in line:
        pass
    print('{"outcome": "imported", "reasons": [], "ran": []}', flush=True)
"""


def _files(folder: Path, **contents: bytes) -> list[Path]:
    for name, content in contents.items():
        (folder / f"{name}.bpmn").write_bytes(content)
    return sorted(folder.iterdir())


@pytest.mark.shared
def test_a_sample_of_what_others_drew_is_imported_or_refused_naming_an_element(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = corpus.main([str(shared("corpora") / "bpmn"), "--sample", "300"])

    *_, share, last = capsys.readouterr().out.splitlines()
    assert code == 0, last
    assert last.endswith(" refused with element, 0 refused without, 0 crashed, 0 timed out")
    assert int(last.split()[0]) >= 150
    assert float(share.split()[-2]) >= 95, share


def test_a_file_that_kills_its_child_costs_that_file_only(tmp_path: Path) -> None:
    files = _files(tmp_path, a=b"", b_dies=b"", c=b"", d_hangs=b"", e_spins=b"", f=b"")

    results = corpus.run(
        files, children=1, seconds=0.05, command=(sys.executable, "-c", _CLUMSY), patience=100
    )

    assert [result.outcome for result in results] == [
        "imported",
        "crashed",
        "imported",
        "timed out",
        "timed out",
        "imported",
    ]


def test_an_error_that_is_no_refusal_is_a_crash_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = _files(tmp_path, a=diagram(_START, ""))
    monkeypatch.setattr(corpus_child.workflows, "deploy", lambda *_: [].pop())

    told = corpus_child.import_one(file)

    assert (told["outcome"], told["reasons"]) == ("crashed", [("a.bpmn", "IndexError: pop from empty list")])


@pytest.mark.parametrize(
    ("body", "flows", "how"),
    [
        pytest.param(_START + user("a"), "s -> a", "ran to an end", id="people answer"),
        pytest.param(
            _START + element("serviceTask", "a", camunda_topic="t"), "s -> a", "ran to an end", id="machines"
        ),
        pytest.param(
            _START + element("receiveTask", "a", messageRef="m"),
            "s -> a",
            "wait for a message or a signal",
            id="a message",
        ),
        pytest.param(
            _START + element("exclusiveGateway", "a") + user("b"),
            "s -> a\na -> b: false",
            "stand at an incident",
            id="nowhere to go",
        ),
        pytest.param(
            _START + element("intermediateCatchEvent", "a", _NEVER),
            "s -> a",
            "wait for a condition",
            id="a condition",
        ),
        pytest.param(_START + user("a"), "s -> a\na -> a", "went on for 30 steps", id="round and round"),
        pytest.param(
            element("startEvent", "s", '<bpmn:messageEventDefinition messageRef="m"/>'),
            "",
            "ran to an end",
            id="begun by a message",
        ),
    ],
)
def test_what_is_imported_is_run(body: str, flows: str, how: str, tmp_path: Path) -> None:
    message = '<bpmn:message id="m" name="go"/>'
    (file,) = _files(tmp_path, a=diagram(body, flows, before=message))

    told = corpus_child.import_one(file)

    assert (told["outcome"], [each for each, _ in told["ran"]]) == ("imported", [how])


def test_what_is_refused_for_good_is_counted_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    foreign = element("scriptTask", "a", "<bpmn:script>hey = 1</bpmn:script>", scriptFormat="groovy")
    _files(
        tmp_path,
        no_xml=b"no xml",
        foreign=diagram(_START + foreign, "s -> a"),
        absent=diagram(_START + element("callActivity", "a", calledElement="b"), "s -> a"),
        method=diagram(_START + user("a"), "s -> a: ${bean.ok()}"),
        broken=diagram(_START, "s -> nowhere"),
        alien=diagram(_START + element("complexGateway", "a"), "s -> a"),
        plain=diagram(_START, ""),
    )

    code = corpus.main([str(tmp_path), "--list"])

    assert code == 0
    said = capsys.readouterr().out.splitlines()
    assert sorted(said[-9:-7]) == ["  1 ran to an end", "  1 stand at an incident"]
    assert sorted(said[-6:-3]) == [
        "  1 called processes that are not here",
        "  1 methods called in ${}",
        "  1 scripts in other languages",
    ]
    assert [said[-7], *said[-3:]] == [
        "of 6 files with an executable process, 3 are refused by name:",
        "of the 2 others that import, 1 could be published as they are",
        "of the other 3, 2 import: 66.7 %",
        "2 imported, 5 refused with element, 0 refused without, 0 crashed, 0 timed out",
    ]


@pytest.mark.parametrize("how", corpus.LOST)
def test_an_imported_process_that_comes_to_nothing_fails_the_command(
    how: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus, "run", lambda *_: [corpus.Result("a", "imported", ran=((how, "x"),))])

    assert corpus.main([str(tmp_path)]) == 1
    assert f"{how}: a: x" in capsys.readouterr().out.splitlines()


def test_a_sample_is_the_same_every_time(tmp_path: Path) -> None:
    _files(tmp_path, **{f"f{number}": b"" for number in range(50)})
    (tmp_path / "other.xml").write_text("<a/>")

    first = corpus.files_under(tmp_path, 10)

    assert len(first) == 10
    assert corpus.files_under(tmp_path, 10) == first
    assert len(corpus.files_under(tmp_path)) == 50
