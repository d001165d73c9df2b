"""The reference of FEEL says what is there: every function, every signature, and examples that come true."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from rules import feel
from rules.feel import bounds
from rules.feel.builtins.library import FUNCTIONS, SIGNATURES
from rules.feel.builtins.names import BUILTIN_NAMES
from tools.feel_reference import PAGE, written

LANGUAGE = PAGE.with_name("feel.md")
NOW = feel.parse_date_time("2026-03-02T09:30:00+08:00")


def _examples(page: Path) -> list[str]:
    blocks = re.findall(r"^```feel\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines()]


def _scope() -> dict[str, object]:
    block = re.search(r"^```json\n(.*?)^```$", LANGUAGE.read_text("utf-8"), re.M | re.S)
    assert block is not None
    scope: dict[str, object] = json.loads(block[1], parse_float=Decimal)
    return scope


@pytest.mark.parametrize("line", [*_examples(LANGUAGE), *_examples(PAGE)])
def test_an_example_comes_to_what_stands_behind_it(line: str) -> None:
    expression, _, expected = line.rpartition("// ")
    if expected.startswith("error: "):
        with pytest.raises(feel.FeelSyntaxError) as caught:
            feel.compile(expression, _scope())
        assert f"error: {caught.value.reason}" == expected
        return
    answer, _, reason = expected.partition(": ") if expected.startswith("null: ") else (expected, "", "")

    result = feel.run(expression, _scope(), NOW)

    assert feel.text_of(result.value) == answer
    assert reason in "\n".join(warning.reason for warning in result.warnings)


def test_every_built_in_function_has_its_entry_with_an_example() -> None:
    text = PAGE.read_text("utf-8")
    entries = dict(re.findall(r"^### `([^`\n]+)`\n(.*?)(?=^##|\Z)", text, re.M | re.S))

    assert sorted(entries) == sorted(FUNCTIONS) == sorted(BUILTIN_NAMES)
    assert [name for name, entry in entries.items() if f"\n{name}(" not in entry] == []
    assert [name for name, entry in entries.items() if not re.search(r"^[A-Z].*[.:]$", entry, re.M)] == []


def test_the_signatures_are_those_of_the_engine() -> None:
    page = PAGE.read_text("utf-8")

    assert written(page) == page
    assert SIGNATURES["floor"] == ("floor(n: number, scale?: number)",)


def test_a_function_that_the_reference_lacks_is_missed_and_a_wrong_signature_written_anew() -> None:
    page = "### `floor`\n\n`floor(x: string)`\n\nText.\n\n### `odd`\n\nMore.\n"

    assert written(page) == (
        "### `floor`\n\n`floor(n: number, scale?: number)`\n\nText.\n\n"
        "### `odd`\n\n`odd(number: number)`\n\nMore.\n"
    )


def test_every_bound_is_told() -> None:
    told = LANGUAGE.read_text("utf-8")
    whole = {name: value for name, value in vars(bounds).items() if name.isupper() and name != "COMPILED"}

    assert {"TEXT", "STEPS", "PATTERN_SECONDS"} <= set(whole)
    assert [name for name, value in whole.items() if f"{value:,}" not in told] == []
