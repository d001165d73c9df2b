"""Regular expressions in XPath's dialect, which FEEL borrows, run with a bound on time and size."""

import re
from collections.abc import Callable
from functools import lru_cache
from time import thread_time
from typing import Any, Final

import regex
from elementpath.regex import RegexError, translate_pattern

from rules.feel import bounds
from rules.feel.builtins.pattern_weight import weigh
from rules.feel.builtins.registry import NoAnswer
from rules.feel.errors import FeelLimitError
from rules.feel.evaluation import OUT_OF_PATIENCE, Evaluation

_FLAGS: Final = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE, "x": re.VERBOSE}
_PREPARING: Final = 0.03
_CATEGORY: Final = re.compile(r"\\[pP]")
_REFERENCE: Final = re.compile(r"\\(.?)|\$(\d*)", re.DOTALL)


def find(run: Evaluation, string: str, pattern: str, flags: str) -> bool:
    compiled = _prepared(run, string, pattern, flags)
    return bool(_bounded(run, lambda: compiled.search(string, timeout=run.patience)))


def replace_all(run: Evaluation, string: str, pattern: str, replacement: str, flags: str) -> str:
    compiled = _prepared(run, string, pattern, flags)
    template = _template(replacement, compiled.groups)

    def fill(match: Any) -> str:
        return "".join(part if isinstance(part, str) else match[part] or "" for part in template)

    if compiled.fullmatch(""):
        raise NoAnswer("the pattern fits nothing at all")
    return str(_bounded(run, lambda: compiled.sub(fill, string, timeout=run.patience)))


def split_at(run: Evaluation, string: str, pattern: str) -> list[str]:
    compiled = _prepared(run, string, pattern, "")

    def cut() -> list[str]:
        parts, position = [], 0
        for match in compiled.finditer(string, timeout=run.patience):
            if match.end() > match.start():
                parts.append(string[position : match.start()])
                position = match.end()
        return [*parts, string[position:]]

    parts: list[str] = _bounded(run, cut)
    return parts


def _prepared(run: Evaluation, string: str, pattern: str, flags: str) -> Any:
    if len(string) > bounds.PATTERN_INPUT:
        raise FeelLimitError(f"patterns run over {bounds.PATTERN_INPUT:,} characters at most")
    if len(pattern) > bounds.PATTERN:
        raise FeelLimitError(f"a pattern has {bounds.PATTERN} characters at most")
    started = thread_time()
    compiled = _compiled(pattern, flags)
    # The first pattern of a process is slow since tables are loaded, which is not its fault.
    run.spend(min(thread_time() - started, _PREPARING))
    if isinstance(compiled, str):
        raise NoAnswer(compiled)
    return compiled


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Any:
    """Return the compiled pattern, or why there is none; raise FeelLimitError where it would be too large."""
    if set(flags) - _FLAGS.keys():
        return f"{flags!r} are no flags; there are s, m, i and x"
    bits = 0
    for flag in flags:
        bits |= _FLAGS[flag]
    if bits & re.VERBOSE:
        pattern = _without_space(pattern)
        bits &= ~re.VERBOSE
    if len(_CATEGORY.findall(pattern)) > bounds.PATTERN_CATEGORIES:
        raise FeelLimitError(f"a pattern has {bounds.PATTERN_CATEGORIES} categories of characters at most")
    if weigh(pattern) > bounds.PATTERN_WEIGHT:
        raise FeelLimitError(f"a pattern repeats {bounds.PATTERN_WEIGHT:,} characters at most")
    fault = _reference_fault(pattern)
    if fault:
        return fault
    try:
        return regex.compile(translate_pattern(pattern, bits, xsd_version="1.1"), _regex_flags(bits))
    except (RegexError, regex.error, RecursionError, OverflowError) as error:
        return f"{pattern!r} is no pattern: {error}"


def _regex_flags(bits: int) -> int:
    flags = int(regex.V0)
    flags |= int(regex.DOTALL) if bits & re.DOTALL else 0
    flags |= int(regex.MULTILINE) if bits & re.MULTILINE else 0
    return flags | (int(regex.IGNORECASE) if bits & re.IGNORECASE else 0)


def _without_space(pattern: str) -> str:
    """Take out white space as flag `x` asks, save inside a character class."""
    kept, depth, escaped = [], 0, False
    for character in pattern:
        if not escaped:
            depth += (character == "[") - (character == "]" and depth > 0)
        if depth or not character.isspace():
            kept.append(character)
            escaped = character == "\\" and not escaped
    return "".join(kept)


def _reference_fault(pattern: str) -> str | None:
    """Refuse a back-reference to a group that is not closed before it."""
    closed, opened, stack, position, in_class = set(), 0, [], 0, 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            digit = pattern[position + 1 : position + 2]
            if digit.isdigit() and (in_class or int(digit) not in closed):
                return f"\\{digit} refers to no group before it"
            position += 2
            continue
        in_class += (character == "[") - (character == "]" and in_class > 0)
        if character == "(" and not in_class:
            capturing = pattern[position + 1 : position + 3] != "?:"
            opened += capturing
            stack.append(opened if capturing else 0)
        elif character == ")" and not in_class and stack:
            closed.add(stack.pop())
        position += 1
    return None


def _template(replacement: str, groups: int) -> list[str | int]:
    """Cut a replacement into texts and group numbers: `$1` is a group, `\\$` a dollar sign."""
    parts: list[str | int] = []
    position = 0
    for match in _REFERENCE.finditer(replacement):
        parts.append(replacement[position : match.start()])
        position = match.end()
        if match[2] is None:
            if match[1] not in {"\\", "$"}:
                raise NoAnswer("a backslash in a replacement stands before \\ or $")
            parts.append(match[1])
            continue
        digits = match[2]
        if not digits:
            raise NoAnswer("a $ in a replacement stands before a number")
        # As many digits as name a group; the rest is text, and a group that is not there is empty.
        while len(digits) > 1 and int(digits) > groups:
            digits, position = digits[:-1], position - 1
        parts.append(int(digits) if int(digits) <= groups else "")
    return [*parts, replacement[position:]]


def _bounded(run: Evaluation, work: Callable[[], Any]) -> Any:
    """Run a pattern for as long as its evaluation still may, and count how long that was."""
    started = thread_time()
    try:
        answer = work()
    except TimeoutError:
        raise FeelLimitError(OUT_OF_PATIENCE) from None
    run.spend(thread_time() - started)
    return answer
