"""Reads the corpus: lines of conditions and cells, each with the values that it can see."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from rules import feel
from rules.feel.temporal_text import parse_temporal

CORPUS = Path(__file__).parent / "corpus"
NOW = feel.parse_date_time("2026-03-02T09:30:00+08:00")


class Line(NamedTuple):
    """One line with the values that it can see."""

    scope: dict[str, Any]
    parts: list[str]


def _read(pattern: str) -> list[Any]:
    found = []
    for path in sorted(CORPUS.glob(pattern)):
        scope: dict[str, Any] = {}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.startswith("= {"):
                scope = _typed(json.loads(line[1:], parse_float=Decimal))
            elif line and not line.startswith("#"):
                found.append(pytest.param(Line(scope, line.split(" || ")), id=f"{path.stem}-{number}"))
    return found


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _typed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return parse_temporal(value[1:]) if isinstance(value, str) and value.startswith("@") else value


CONDITIONS = _read("*.feel")
CELLS = _read("*.cells")
