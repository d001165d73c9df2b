"""Why something stopped, in Chinese: what engine and workers say, and nothing of what others say."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

import workflows
from app.processes import reasons
from app.wording import Wording, translated

ROOT = Path(__file__).resolve().parents[3]
# Which argument of a call says why, and in which sentence it comes to stand.
SAID: dict[str, tuple[int, str]] = {
    "ElementError": (1, "{}"),
    "halt": (1, "{}"),
    "ValueError": (0, "the timer 'x' cannot be read: {}"),
    "HopelessError": (0, "HopelessError: {}"),
    "HTTPError": (0, "tried 3 times; the last time: HTTPError: {}"),
    "ReadTimeout": (0, "tried 3 times; the last time: ReadTimeout: {}"),
    "BusinessError": (1, "the error x is caught nowhere: {}"),
    "DeclinedError": (0, "the error x is caught nowhere: {}"),
    "PurchaseRefusedError": (0, "the error x is caught nowhere: {}"),
    "InputError": (1, "InputError: the input x is not {}"),
    "ForbiddenAddressError": (1, "HopelessError: x may not be called: {}"),
    "PartyFailedError": (0, "tried 3 times; the last time: PartyFailedError: {}"),
    "PartySettingError": (1, "tried 3 times; the last time: PartySettingError: the setting parties.x {}"),
    "Failed": (0, "{}"),
    "_refuse": (1, "{}"),
}
FILES = [
    *(ROOT / "workflows").rglob("*.py"),
    *(ROOT / "tasks" / "handlers").rglob("*.py"),
    *(ROOT / "tasks" / "adapters").rglob("*.py"),
    *(ROOT / "tasks" / name for name in ("reaching.py", "service_calls.py", "publishing.py")),
]
# The check of a file and the reading of a diagram say these to whoever draws; they stop no instance.
DRAWING = {"check.py", "reading", "state.py", "moving.py", "packs"}
# Only FEEL's details, which stay as they are, or a value with them.
JOINED = {"1: 1", "'1': 1", "1 1: 1"}


@pytest.fixture
def in_chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        yield


def _calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", getattr(node.func, "id", "")), node


def _sample(node: ast.expr) -> str | None:
    """Return a text as it may come out, with 1 or '1' for each value; None where all of it is a value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.FormattedValue):
        return "'1'" if node.conversion == ord("r") else "1"
    if isinstance(node, ast.JoinedStr):
        return "".join(_sample(part) or "" for part in node.values)
    return _sample(node.left) if isinstance(node, ast.BinOp) else None


def _reasons() -> list[tuple[str, str]]:
    found = []
    for path in FILES:
        parts = path.relative_to(ROOT).parts
        if DRAWING & set(parts):
            continue
        for name, call in _calls(path):
            at, sentence = SAID.get(name, (0, ""))
            text = _sample(call.args[at]) if sentence and len(call.args) > at else None
            if text and text not in JOINED:
                found.append((f"{'/'.join(parts)}:{call.lineno}", sentence.format(text)))
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_reason_that_we_write_is_told_in_chinese_to_its_last_part(in_chinese: None) -> None:
    english = []

    for where, text in _reasons():
        told = reasons.find(text)
        rest = _innermost(told)
        if not isinstance(told, Wording) or any(len(part.split()) > 2 for part in rest):
            english.append(f"{where}: {text} -> {translated(told)}")

    assert english == []
    assert len(_reasons()) > 45


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_reason_against_a_migration_is_told_in_chinese(in_chinese: None) -> None:
    said = [text for name in ("fitting.py", "ledgers.py") for text in _given(ROOT / "workflows" / name)]

    assert [text for text in said if not isinstance(reasons.find(text), Wording)] == []
    assert len(said) > 12


def _given(path: Path) -> Iterator[str]:
    """Yield the sentences that a module's functions yield or return."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        value = node.value if isinstance(node, ast.Yield | ast.Return) else None
        for each in (*getattr(value, "elts", ()), getattr(value, "orelse", None), value):
            text = _sample(each) if each is not None else None
            if text:
                yield text


def _innermost(told: str) -> list[str]:
    """Return what was found again no further, inside all that was."""
    if not isinstance(told, Wording):
        return [told]
    return [part for value in told.values.values() for part in _innermost(value)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kept", "told"),
    [
        pytest.param(
            "tried 8 times; the last time: PartyFailedError: Speedy could not be reached: [Errno 111] no",
            "已尝试 8 次；最后一次：PartyFailedError: 无法连接 Speedy：[Errno 111] no",
            id="what a foreign system says stays inside ours",
        ),
        pytest.param(
            "tried 8 times; the last time: ValueError: no more room on device",
            "已尝试 8 次；最后一次：ValueError: no more room on device",
            id="a foreign reason alone",
        ),
        pytest.param(
            "waits for one, two, where nothing can arrive any more; only cancelling helps",
            "正在等待 one, two，但那里不会再有到达；只能取消",
            id="a join that starved",
        ),
        pytest.param(
            "the condition 'a: b gives c' gives null: 'a' has no value",
            "条件 'a: b 的结果为 c' gives null：'a' 没有值",
            id="a condition with our own words in it is at least readable",
        ),
        pytest.param(
            "late: the timer says no time",
            "late: 定时器没有给出时间",
            id="an event halts what it is attached to",
        ),
        pytest.param("stock.short: CHR lacks 2, LMP lacks 5", "stock.short: CHR 缺 2, LMP 缺 5", id="a list"),
        pytest.param("the carrier is away", "the carrier is away", id="foreign as a whole"),
        pytest.param("Speedy answered slowly", "Speedy answered slowly", id="foreign, though much like ours"),
        pytest.param("TimeoutError", "TimeoutError", id="a kind and nothing more"),
        pytest.param("kind: what", "kind: what", id="only joined, and nothing of ours in it"),
        pytest.param("dueDate x: never happens", "dueDate x: 永远不会发生", id="an attribute and its value"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_a_kept_reason_is_told_as_far_as_it_is_ours(in_chinese: None, kept: str, told: str) -> None:
    assert translated(reasons.find(kept)) == told


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_english_a_reason_is_what_was_kept(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        for _, text in _reasons():
            assert translated(reasons.find(text)) == str(reasons.find(text)) == text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "error",
    [
        workflows.NotOpenError("4"),
        workflows.NotAwaitedError("paid", 0),
        workflows.NotAwaitedError("paid", 2),
        workflows.UnknownProcessError("order"),
    ],
    ids=str,
)
def test_what_the_engine_refuses_is_told_too(in_chinese: None, error: workflows.WorkflowError) -> None:
    text = f"the decision could not be put in force: {type(error).__name__}: {error}"

    assert translated(reasons.find(text)).startswith(f"决定未能生效：{type(error).__name__}: ")
    assert isinstance(reasons.find(str(error)), Wording)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_a_person_wrote_about_an_end_is_never_told_otherwise(in_chinese: None) -> None:
    assert translated(reasons.find_end("the process went another way")) == "流程已走了另一条路径"
    assert translated(reasons.find_end("Speedy could not be reached: by phone")) == (
        "Speedy could not be reached: by phone"
    )
