"""What a check finds and what FEEL says, in Chinese: every sentence of rules/, to its last part."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

import workflows
from app.processes import reasons, telling
from app.wording import Wording, translated
from rules import dmn, feel
from rules.dmn.findings import SENTENCES
from workflows.checks import words

ROOT = Path(__file__).resolve().parents[3]
# Calls that say why, and which argument does.
SAID = {
    "fault": 0, "excess": 0, "NoAnswer": 0, "FeelLimitError": 0, "warn": 1, "Fault": 1, "DmnError": 1,
    "FeelSyntaxError": 2, "FeelSizeError": 2,
}  # fmt: skip
# Only joined, or a kind that the code puts in: each is tried below by what it comes to.
JOINED = {
    "1: 1",
    "'1' is no 1",
    "'1' 1; that has no counterpart in FEEL",
    "there is no handler '1'; 1",
    "the 1 calls '1', which is no function of FEEL1",
}
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def in_chinese(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        yield


def _sample(node: ast.expr) -> str | None:
    """Return a text as it may come out: 1 for each value, in quotes where the code puts it there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            elif isinstance(part, ast.FormattedValue):
                parts.append("'1'" if part.conversion == ord("r") else "" if _adds(part.value) else "1")
        return "".join(parts)
    return None


def _adds(node: ast.expr) -> bool:
    """Say whether a value is a hint that may follow, which is a sentence of its own."""
    said = ast.unparse(node)
    return said == "meant" or any(name in said for name in ("_unclosed", "_misspelled", "_ways", "suggest"))


def _sayings(said: dict[str, int], *places: str) -> list[str]:
    paths = [path for place in places for path in sorted(ROOT.glob(place))]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    texts = [_sample(node) for each in nodes for node in _said(each, said)]
    return [text for text in texts if text and " " in text]


def _said(node: ast.AST, said: dict[str, int]) -> list[ast.expr]:
    """Return what a call says, or what a check yields beside the severity."""
    if "yield" in said and isinstance(node, ast.Yield) and node.value is not None:
        return node.value.elts[1:] if isinstance(node.value, ast.Tuple) else [node.value]
    if not isinstance(node, ast.Call):
        return []
    at = said.get(getattr(node.func, "attr", getattr(node.func, "id", "")), 9)
    argument = node.args[at : at + 1]
    return (
        [argument[0].body, argument[0].orelse]
        if argument and isinstance(argument[0], ast.IfExp)
        else argument
    )


def _english(told: str) -> list[str]:
    """Return what was found again no further, of more than two words; what stands in backticks is FEEL."""
    if not isinstance(told, Wording):
        return [told] if len(told.split()) > 2 and not told.startswith("`") else []
    return [part for value in told.values.values() for part in _english(value)]


@ON_SQLITE
def test_every_sentence_of_rules_is_told_in_chinese(in_chinese: None) -> None:
    sayings = _sayings(SAID, "rules/**/*.py")

    english = [text for text in sayings if text not in JOINED and _english(reasons.find(text))]

    assert english == []
    assert len(sayings) > 120


@ON_SQLITE
def test_every_sentence_of_a_check_of_diagrams_is_told_in_chinese(in_chinese: None) -> None:
    said = dict.fromkeys(("yield", "error", "halt", "strict", "warn", "_unclear"), 1)
    said |= {"UnreadableError": 0, "ForeignExpressionError": 0, "ForeignMethodError": 0}
    places = ("workflows/check.py", "workflows/checks/*.py", "workflows/reading/*.py")
    sayings = _sayings(said, *places)
    notes = [
        *words._UNEXECUTED.values(),
        *words._UNEXECUTED_IF_TRUE.values(),
        *words._NOTED.values(),
        *(instead for _, instead in words._FIXED.values()),
    ]

    told = {text: telling.find(workflows.Finding("error", "a", "b", text)) for text in [*sayings, *notes]}

    assert {text for text, found in told.items() if _english(found)} - JOINED == set()
    assert len(sayings) > 80


@ON_SQLITE
@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "the condition is not FEEL: `=` stands where a value should; write `=` instead of `==`"
            " at character 4 of 'a == 1'",
            "条件不是 FEEL：`=` 所在的位置应是一个值；请用 `=` 代替 `==`（'a == 1' 的第 4 个字符处）",
        ),
        ("the property due ${x} was", "the property due ${x} was"),
        ("the property due '${x}' was translated to 'x'", "属性 due '${x}' 已转换为 'x'"),
        ("there is no handler 'a'; did you mean 'b'?", "没有处理程序 'a'；是否想写 'b'？"),
        ("there is no handler 'a'; there are b, c", "没有处理程序 'a'；可用的有 b, c"),
        ("the script calls 'a', which is no function of FEEL", "脚本调用了 'a'，它不是 FEEL 函数"),
        (
            "the script calls 'a', which is no function of FEEL; did you mean 'b'?",
            "脚本调用了 'a'，它不是 FEEL 函数；是否想写 'b'？",
        ),
        ("instantiate='2' is not executed; draw a start event", "不执行 instantiate='2'；请画一个开始事件"),
        ("the timer 'x' cannot be read: never happens", "定时器 'x' 无法解读：永远不会发生"),
        (
            "camunda:expression runs foreign code: '${a.b()}' calls a method",
            "camunda:expression 运行外部代码：'${a.b()}' 调用了方法",
        ),
    ],
)  # fmt: skip
def test_a_finding_on_a_diagram_is_told_to_its_last_part(in_chinese: None, message: str, told: str) -> None:
    assert translated(telling.find(workflows.Finding("error", "a", "b", message))) == told


@ON_SQLITE
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amount == 1", "`=` 所在的位置应是一个值；请用 `=` 代替 `==`（'amount == 1' 的第 9 个字符处）"),
        ("(amount", "此处应为 `)`，与第 1 个字符处的 `(` 对应（'(amount' 的第 8 个字符处）"),
        ("'EU'", "`'` 所在的位置应是一个值；请用 `\"` 代替 `'`（\"'EU'\" 的第 1 个字符处）"),
        ("1 +\n&& 2", "`&` 所在的位置应是一个值；请用 `and` 代替 `&&`（第 2 行 '&& 2' 的第 1 个字符处）"),
        ("amount in 1..5", "多了 `..`；区间要写在括号中，如 `[1..5]`（'amount in 1..5' 的第 12 个字符处）"),
        ("1e7000", "数字大于 9.99E+6144（'1e7000' 的第 1 个字符处）"),
        ("1 instance of", "此处应写类型，例如 `number`（'1 instance of' 的第 14 个字符处）"),
        (r'"\uD800"', "不完整的字符（只有半个）（'\"\\\\uD800\"' 的第 2 个字符处）"),
        ("amount even 2", "多了 `even`；`even` 是函数：`even(…)`（'amount even 2' 的第 8 个字符处）"),
    ],
)  # fmt: skip
def test_a_syntax_error_is_told_with_its_hint(in_chinese: None, text: str, told: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(text, ["amount"])

    assert translated(reasons.find(str(caught.value))) == told


@ON_SQLITE
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("amuont > 5", "没有名为 'amuont' 的内容；是否想写 'amount'？；数字与空值无法比较大小"),
        ("amount + \"a\"", "`+` 不能用于数字与字符串"),
        ("floor(1, 2, 3)", "floor: 参数数量不对（给出 3 个）；请写 `floor(n: number, scale?: number)`"),
        ("{total: 1}.totl", "上下文中没有 'totl'；是否想写 'total'？"),
        ("floor(n: 1, sclae: 1)", "floor: 没有名为 'sclae' 的参数；是否想写 'scale'？"),
        ("for i in 1e34..1e34 return i", "超过 34 位的数字不能遍历"),
        ('day of week("a")', "day of week: date不能是字符串"),
        ("1 / 0", "计算没有结果（除以零）"),
        ('date("x")', "date: 'x' 不是日期"),
        ('time("x")', "time: 'x' 不是时间"),
        ('duration("x")', "duration: 'x' 不是时长"),
        ('date and time("x")', "date and time: 'x' 不是日期时间"),
    ],
)  # fmt: skip
def test_what_feel_says_inside_an_incident_is_told(in_chinese: None, text: str, told: str) -> None:
    why = "; ".join(warning.reason for warning in feel.run(text, {"amount": 1}).warnings)

    shown = translated(reasons.find(f"the condition 'x' gives null: {why}"))

    assert shown == f"条件 'x' 的结果为 空值：{told}"


def test_findings_on_tables_are_those_of_rules() -> None:
    said = {kind: str(sentence) for kind, sentence in telling.SENTENCES.items()}

    assert {**said, "broken": "{detail}"} == dict(SENTENCES)


def _on_table(found: dmn.Finding) -> workflows.Finding:
    return workflows.Finding(found.severity, "a.dmn", found.place, found.message, on_table=found)


FINDINGS = [
    dmn.Finding("gap", "d", case={"amount": "5000", "region": '"EU"'}, detail="x"),
    dmn.Finding("overlap of unique", "d", (1, 2, 4)),
    dmn.Finding("mergeable", "d", (1, 2), ("amount",)),
    dmn.Finding(
        "broken", "d, rule 1, column x", detail="nothing is named 'EU'; a text stands in quotes: \"EU\""
    ),
    dmn.Finding("broken", "d", detail="of somebody else"),
]


@ON_SQLITE
def test_a_finding_says_in_chinese_what_it_says_in_english(in_chinese: None) -> None:
    findings = [_on_table(found) for found in FINDINGS]

    assert [each.message for each in telling.told(findings)] == [
        '没有规则适用于 amount = 5000、region = "EU"',
        "规则 1、2、4 同时匹配，而只允许一条：任何情形",
        "规则 1、2 只在 amount 上不同，可以合并",
        "没有名为 'EU' 的内容；文本要加引号：\"EU\"",
        "of somebody else",
    ]
    with force_locale("en"):
        assert [each.message for each in telling.told(findings)] == [each.message for each in findings]


@ON_SQLITE
@pytest.mark.parametrize("foreign", ["a: b; " * 300, "x; " * 600, "x cannot be y " * 140, "a" * 5_000])
def test_what_may_be_cut_in_many_ways_is_looked_through_at_once(in_chinese: None, foreign: str) -> None:
    started = time.thread_time()

    assert str(reasons.find(foreign)) == foreign

    assert time.thread_time() - started < 2
