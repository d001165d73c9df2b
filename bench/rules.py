"""Conditions and tables: ours against Python itself and, where they can be had, against two other engines.

The others live in an environment of their own (`bench/.peers`, made on the first run where a registry is
reached): zen-engine, which has a language of its own and no DMN XML, and pySFeel (GPL), which must never be
among our dependencies.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import results
from rules import dmn, feel
from rules.feel.compile import compile_in
from rules.feel.evaluation import Evaluation
from rules.feel.names import Scope

PEERS = Path(__file__).resolve().parent / ".peers"
PACKAGES = ("zen-engine==2.1.3", "pySFeel==1.4.2")
CONDITION = 'amount > 10000 and region in ["EU","US"]'
CASE = {"amount": 20_000, "region": "US"}
ROUNDS = 7
ROWS = 20


def measure() -> dict[str, float]:
    """Return the fastest of several rounds of each, in turn, so that noise meets all of them."""
    condition = feel.compile(CONDITION, frozenset(CASE))
    native = compile(CONDITION, "condition", "eval")
    plain: dict[str, Any] = {"__builtins__": {}}
    model = dmn.load(table(ROWS))
    inputs = {"amount": Decimal("15500"), "region": "US"}
    matcher = model.tables[0].matcher
    run = Evaluation()
    measured: dict[str, tuple[Callable[[], object], int]] = {
        "condition": (lambda: condition.evaluate(CASE), 50_000),
        "native": (lambda: eval(native, plain, CASE), 50_000),  # noqa: S307 # the yardstick
        "table": (lambda: matcher(run, inputs, inputs["amount"], inputs["region"]), 10_000),
        "decide": (lambda: model.decide("level", inputs), 2_000),
        "compile": (lambda: compile_in(CONDITION, Scope(frozenset(CASE))), 200),
    }
    best = dict.fromkeys(measured, float("inf"))
    for _ in range(ROUNDS):
        for name, (work, times) in measured.items():
            best[name] = min(best[name], timeit.timeit(work, number=times) / times * 1e6)
    return {
        "rules.condition_us": best["condition"],
        "rules.condition_ratio": best["condition"] / best["native"],
        "rules.table_us": best["table"],
        "rules.decide_us": best["decide"],
        "rules.compile_us": best["compile"],
        "rules.check_500_ms": _check_500(),
        **peers(),
    }


def _check_500() -> float:
    """Return the processor time of looking into 500 rules over 4 columns, in milliseconds."""
    model = dmn.load(large_table(500))
    return min(timeit.repeat(lambda: dmn.check(model), timer=time.process_time, number=1, repeat=3)) * 1000


def table(rows: int) -> bytes:
    """Return a table of amounts and regions, the last row of which takes the case that is asked."""
    rules = [([f"[{n * 1000}..{n * 1000 + 800})", '"EU","UK"'], f'"level {n}"') for n in range(rows - 1)]
    return _document({"amount": "number", "region": "string"}, [*rules, (["> 15000", '"US"'], '"last"')])


def large_table(rows: int) -> bytes:
    columns = {"a": "number", "b": "number", "c": "number", "d": "number"}
    rules = [
        ([f"[{n * k * 37 % 1000}..{n * k * 37 % 1000 + 300})" for k in (3, 5, 7, 11)], '"x"')
        for n in range(rows)
    ]
    return _document(columns, rules)


def _document(columns: dict[str, str], rules: list[tuple[list[str], str]]) -> bytes:
    inputs = "".join(
        f'<input><inputExpression typeRef="{kind}"><text>{name}</text></inputExpression></input>'
        for name, kind in columns.items()
    )
    data = "".join(f'<inputData id="{name}_data" name="{name}"/>' for name in columns)
    needs = "".join(
        f'<informationRequirement><requiredInput href="#{name}_data"/></informationRequirement>'
        for name in columns
    )
    rows = "".join(
        "<rule>"
        + "".join(f"<inputEntry><text>{_escaped(cell)}</text></inputEntry>" for cell in cells)
        + f"<outputEntry><text>{result}</text></outputEntry></rule>"
        for cells, result in rules
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="b" namespace="urn:bench">'
        f'{data}<decision id="level" name="level">{needs}'
        f'<decisionTable hitPolicy="FIRST">{inputs}<output name="level"/>{rows}</decisionTable>'
        "</decision></definitions>"
    ).encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def peers() -> dict[str, float]:
    """Ask the other engines the same condition, and zen the same table; nothing where they cannot be had."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", PEERS], capture_output=True)
        install = [python, "-m", "pip", "install", "--quiet", *PACKAGES]
        if made.returncode or subprocess.run(install, capture_output=True).returncode:
            print("the other engines could not be installed: ours are measured alone", flush=True)
            return {}
    asked = {"condition": CONDITION, "case": CASE, "rows": ROWS, "rounds": ROUNDS}
    answered = subprocess.run(
        [python, Path(__file__).with_name("rules_peers.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    if answered.returncode:
        print(f"the other engines did not answer: {answered.stderr.strip()[-300:]}", flush=True)
        return {}
    found: dict[str, float] = json.loads(answered.stdout)
    return found


if __name__ == "__main__":
    results.record(measure())
