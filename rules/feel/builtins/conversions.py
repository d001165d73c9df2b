"""Built-in functions that turn values into texts and numbers and back, and `not`, `is` and `range`."""

import re
from typing import Any, Final

from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.comparing import is_identical, order_keys
from rules.feel.durations import parse_duration
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import CONTEXT, Number, number_text, parse_number
from rules.feel.ranges import UNDEFINED, Range
from rules.feel.temporal_text import parse_date, parse_date_time, parse_temporal, parse_time

CONVERSIONS: Final = Registry()
_NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
# Its ends are cut at the first two points that stand in no string; no text can be cut in two ways.
_RANGE: Final = re.compile(r'([\[\](])((?:"[^"]*"|[^".]|\.(?!\.))*)\.\.(.*)([\[\])])', re.DOTALL)
_RANGE_END: Final = re.compile(
    r'(?:(date and time|date|time|duration)\s*\(\s*"([^"]*)"\s*\)|@"([^"]*)"|"([^"]*)")'
)


@CONVERSIONS.add("not", "negand:boolean?")
def negation(run: Evaluation, place: Place, value: bool | None) -> bool | None:
    return None if value is None else not value


@CONVERSIONS.add("is", "value1:any", "value2:any")
def identical(run: Evaluation, place: Place, left: Any, right: Any) -> bool:
    return is_identical(run, left, right)


@CONVERSIONS.add("string", "from:any")
def string_from(run: Evaluation, place: Place, value: Any) -> str | None:
    if value is None:
        return None
    run.measure(value)
    text: str = value if type(value) is str else text_of(value)
    run.check_string(len(text))
    return text


def text_of(value: Any) -> str:
    """Write a value as FEEL would read it, strings in quotes."""
    kind: type = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is str:
        return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind is list:
        return f"[{', '.join(text_of(item) for item in value)}]"
    if kind is dict:
        return "{" + ", ".join(f"{_key_text(key)}: {text_of(item)}" for key, item in value.items()) + "}"
    if kind is Range:
        return _range_text(value)
    return number_text(value) if isinstance(value, Number) else str(value)


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[^\W\d]\w*( \w+)*", key) else text_of(key)


def _range_text(value: Range) -> str:
    low, high = ("" if end is UNDEFINED else text_of(end) for end in (value.low, value.high))
    if value.symbol:
        return f"{value.symbol}{low}"
    if value.low is UNDEFINED:
        return f"<{'=' if value.high_closed else ''}{high}"
    if value.high is UNDEFINED:
        return f">{'=' if value.low_closed else ''}{low}"
    return f"{'[' if value.low_closed else '('}{low}..{high}{']' if value.high_closed else ')'}"


@CONVERSIONS.add("number", "from:string")
@CONVERSIONS.add("number", "from:string", "grouping separator:string?", "decimal separator:string?")
def number_from(
    run: Evaluation, place: Place, text: str, grouping: str | None = None, point: str | None = None
) -> Number:
    if grouping not in {None, " ", ",", "."} or point not in {None, ",", "."}:
        raise NoAnswer("separators are a space, a comma or a point")
    if grouping is not None and grouping == point:
        raise NoAnswer("the two separators are the same")
    if len(text) > 7_000:
        raise NoAnswer("the text is too long for a number")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(point, ".") if point else plain
    if not _NUMBER.fullmatch(plain):
        raise NoAnswer(f"{text!r} is no number")
    return parse_number(plain)


@CONVERSIONS.add("number", "from:number")
def number_as_is(run: Evaluation, place: Place, value: Number) -> Number:
    return value


@CONVERSIONS.add("range", "from:string")
def range_from(run: Evaluation, place: Place, text: str) -> Range:
    """Read a range whose ends are written out, such as `[1..10]` or `["a".."z")`."""
    match = _RANGE.fullmatch(text.strip())
    if not match or (not match[2].strip() and not match[3].strip()):
        raise NoAnswer(f"{text!r} is no range")
    low, high = _end(match[2].strip()), _end(match[3].strip())
    low_closed, high_closed = match[1] == "[", match[4] == "]"
    if (low is UNDEFINED and low_closed) or (high is UNDEFINED and high_closed):
        raise NoAnswer("an end that is not given cannot be included")
    if low is not UNDEFINED and high is not UNDEFINED:
        keys = order_keys(low, high)
        if keys is None or keys[0] > keys[1]:
            raise NoAnswer("the ends are not in order")
    return Range(low, low_closed, high, high_closed)


def _end(text: str) -> Any:
    if not text:
        return UNDEFINED
    if _NUMBER.fullmatch(text):
        return CONTEXT.create_decimal(text) if "." in text or "e" in text.lower() else parse_number(text)
    match = _RANGE_END.fullmatch(text)
    value = None if match is None else _literal(match)
    if value is None:
        raise NoAnswer(f"{text!r} is no end of a range")
    return value


def _literal(match: re.Match[str]) -> Any:
    function, argument, temporal, string = match.groups()
    if string is not None:
        return string
    if temporal is not None:
        return parse_temporal(temporal)
    parsers: dict[str, Any] = {"date and time": parse_date_time, "date": parse_date, "time": parse_time}
    return parsers.get(function, parse_duration)(argument)
