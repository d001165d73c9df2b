"""Built-in functions over strings."""

from typing import Any, Final

from rules.feel.builtins.patterns import find, replace_all, split_at
from rules.feel.builtins.registry import NoAnswer, Registry
from rules.feel.evaluation import Evaluation, Place
from rules.feel.numbers import Number, as_int

STRINGS: Final = Registry()


@STRINGS.add("substring", "string:string", "start position:number", "length:number=")
def substring(run: Evaluation, place: Place, string: str, start: Number, length: Number | None = None) -> str:
    """Count characters from 1, or from -1 at the end."""
    first = as_int(start)
    if first == 0:
        raise NoAnswer("positions begin at 1")
    if first is None or abs(first) > len(string):
        raise NoAnswer(f"the string has only {len(string)} characters")
    if length is not None and length < 1:
        raise NoAnswer("the length is not above zero")
    index = first - 1 if first > 0 else len(string) + first
    return string[index:] if length is None else string[index : index + int(min(length, len(string)))]


@STRINGS.add("string length", "string:string")
def string_length(run: Evaluation, place: Place, string: str) -> int:
    return len(string)


@STRINGS.add("upper case", "string:string")
def upper_case(run: Evaluation, place: Place, string: str) -> str:
    return string.upper()


@STRINGS.add("lower case", "string:string")
def lower_case(run: Evaluation, place: Place, string: str) -> str:
    return string.lower()


@STRINGS.add("substring before", "string:string", "match:string")
def substring_before(run: Evaluation, place: Place, string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@STRINGS.add("substring after", "string:string", "match:string")
def substring_after(run: Evaluation, place: Place, string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@STRINGS.add("contains", "string:string", "match:string")
def contains(run: Evaluation, place: Place, string: str, match: str) -> bool:
    return match in string


@STRINGS.add("starts with", "string:string", "match:string")
def starts_with(run: Evaluation, place: Place, string: str, match: str) -> bool:
    return string.startswith(match)


@STRINGS.add("ends with", "string:string", "match:string")
def ends_with(run: Evaluation, place: Place, string: str, match: str) -> bool:
    return string.endswith(match)


@STRINGS.add("matches", "input:string", "pattern:string", "flags:string?=")
def matches(run: Evaluation, place: Place, string: str, pattern: str, flags: str | None = None) -> bool:
    return find(run, string, pattern, flags or "")


@STRINGS.add("replace", "input:string", "pattern:string", "replacement:string", "flags:string?=")
def replace(
    run: Evaluation, place: Place, string: str, pattern: str, replacement: str, flags: str | None = None
) -> str:
    result = replace_all(run, string, pattern, replacement, flags or "")
    run.check_string(len(result))
    return result


@STRINGS.add("split", "string:string", "delimiter:string")
def split(run: Evaluation, place: Place, string: str, delimiter: str) -> list[str]:
    parts = split_at(run, string, delimiter)
    run.check_list(len(parts))
    return parts


@STRINGS.add("string join", "list:list", "delimiter:string?=")
def string_join(run: Evaluation, place: Place, items: list[Any], delimiter: str | None = None) -> str:
    """Join what is there: nulls in the list are passed over."""
    strings = [item for item in items if item is not None]
    if not all(type(item) is str for item in strings):
        raise NoAnswer("the list holds what is no string")
    run.check_string(sum(map(len, strings)) + len(delimiter or "") * len(strings))
    return (delimiter or "").join(strings)
