"""Two other engines, asked in an environment of their own; standard input and output are JSON."""

from __future__ import annotations

import json
import sys
import timeit
from typing import Any

import pySFeel
import zen


def main() -> None:
    asked = json.load(sys.stdin)
    condition, case = asked["condition"], asked["case"]
    compiled = zen.compile_expression(condition)
    decision = zen.ZenEngine().create_decision(json.dumps(zen_table(asked["rows"])))
    amount = {"amount": 15_500, "region": "US"}
    parser = pySFeel.SFeelParser()
    for name, value in case.items():
        parser.sFeelParse(f"{name} <- {json.dumps(value)}")
    assert compiled.evaluate(case) is True
    assert decision.evaluate(amount)["result"] == {"level": "last"}
    parser.sFeelParse(
        condition
    )  # it comes to null where a comparison stands beside `and`: time it all the same
    work = {
        "rules.zen_condition_us": (lambda: compiled.evaluate(case), 20_000),
        "rules.zen_table_us": (lambda: decision.evaluate(amount), 1_000),
        "rules.pysfeel_condition_us": (lambda: parser.sFeelParse(condition), 200),
    }
    best = dict.fromkeys(work, float("inf"))
    for _ in range(asked["rounds"]):
        for name, (ask, times) in work.items():
            best[name] = min(best[name], timeit.timeit(ask, number=times) / times * 1e6)
    json.dump(best, sys.stdout)


def zen_table(rows: int) -> dict[str, Any]:
    rules = [
        {"_id": f"r{n}", "a": f"[{n * 1000}..{n * 1000 + 800})", "r": '"EU","UK"', "o": f'"level {n}"'}
        for n in range(rows - 1)
    ]
    content = {
        "hitPolicy": "first",
        "inputs": [
            {"id": "a", "name": "amount", "field": "amount"},
            {"id": "r", "name": "region", "field": "region"},
        ],
        "outputs": [{"id": "o", "name": "level", "field": "level"}],
        "rules": [*rules, {"_id": "last", "a": "> 15000", "r": '"US"', "o": '"last"'}],
    }
    kinds = (("in", "inputNode", {}), ("table", "decisionTableNode", content), ("out", "outputNode", {}))
    return {
        "nodes": [
            {"id": key, "type": kind, "name": key, "position": {"x": 0, "y": 0}, "content": inside}
            for key, kind, inside in kinds
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


if __name__ == "__main__":
    main()
