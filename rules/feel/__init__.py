"""FEEL, the one language of conditions, scripts, timers and decision cells.

`evaluate` gives a value, `run` the value with its warnings, `compile` something to use again.
Values are None, bool, int or Decimal, str, list, dict, and the types named here, whose `str()` is ISO.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.feel.builtins.conversions import text_of
from rules.feel.builtins.library import FUNCTIONS
from rules.feel.compile import Expression, compile
from rules.feel.convert import from_typed_json, to_plain_json, to_python, to_typed_json
from rules.feel.durations import DayTimeDuration, YearMonthDuration, parse_duration
from rules.feel.errors import FeelError, FeelLimitError, FeelSizeError, FeelSyntaxError, FeelValueError
from rules.feel.evaluation import Result, Warning
from rules.feel.functions import Function
from rules.feel.intake import to_feel
from rules.feel.ranges import Range
from rules.feel.temporal import Date, DateTime, Time
from rules.feel.temporal_text import parse_date, parse_date_time, parse_time

BUILT_INS = frozenset(FUNCTIONS)
"""The names of the standard's functions, and of ours."""

__all__ = [
    "BUILT_INS",
    "Date",
    "DateTime",
    "DayTimeDuration",
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelSizeError",
    "FeelSyntaxError",
    "FeelValueError",
    "Function",
    "Range",
    "Result",
    "Time",
    "Warning",
    "YearMonthDuration",
    "compile",
    "evaluate",
    "from_typed_json",
    "parse_date",
    "parse_date_time",
    "parse_duration",
    "parse_time",
    "run",
    "text_of",
    "to_feel",
    "to_plain_json",
    "to_python",
    "to_typed_json",
]


def evaluate(text: str, scope: Mapping[str, Any], now: datetime | DateTime | None = None) -> Any:
    return compile(text, frozenset(scope)).evaluate(scope, now)


def run(text: str, scope: Mapping[str, Any], now: datetime | DateTime | None = None) -> Result:
    return compile(text, frozenset(scope)).run(scope, now)
