"""`placet rules`: checking, testing and asking the tables of a DMN file."""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, dumps, loads
from pathlib import Path
from typing import Any, Final, TypeAlias

from rules import dmn, feel
from rules.dmn import proposing, testing
from rules.dmn.graph import Decision
from rules.feel.temporal_text import parse_temporal
from rules.feel.types import STRING, Type
from tasks.errors import RulesFileError

Say: TypeAlias = Callable[[str], object]
_WORST_FIRST: Final = ("error", "warning", "information")


def check(file: Path, say: Say) -> bool:
    """Say what there is to look at, the worst first; return whether the file may be published."""
    with _told(file):
        found = dmn.check_document(file.read_bytes())
    for finding in sorted(found, key=lambda each: _WORST_FIRST.index(each.severity)):
        say(f"{finding.severity:<12} {finding.place}: {finding.message}")
    counts = Counter(finding.severity for finding in found)
    say(f"{file.name}: {counts['error']} errors, {counts['warning']} warnings, {counts['information']} notes")
    return not counts["error"]


def test(file: Path, tests: Path | None, decision: str | None, propose: bool, say: Say) -> bool:
    """Say how each failing case came out and which rules no case hits; return whether all is well."""
    beside = tests or file.with_suffix(".tests.csv")
    if not beside.exists():
        raise RulesFileError(f"{beside.name}: there is no such file; name another with --tests")
    with _told(file):
        model = dmn.load(file.read_bytes())
        asked = _asked(model, decision or file.stem, bool(decision))
    with _told(beside):
        text = beside.read_text(encoding="utf-8-sig")
        report = testing.run_tests(model, asked, text)
        more = proposing.propose(model, asked, text)
    for row in report.rows:
        for name in row.wrong:
            say(f"line {row.line}: {name} is {row.got[name] or 'null'}, not {row.expected[name] or 'null'}")
    say(f"{sum(row.passed for row in report.rows)} of {len(report.rows)} cases pass")
    for table, rules in report.unhit.items():
        say(
            f"{_title(model, table)}: "
            + (f"no case hits rules {', '.join(map(str, rules))}" if rules else "every rule is hit")
        )
    if more:
        say(f"{len(more)} more cases are worth a line" + (":" if propose else "; --propose prints them"))
    if propose:
        say(_csv(testing.columns_of(text), more))
    return report.complete


def evaluate(file: Path, decision: str, given: str, say: Say) -> None:
    """Print the answer to one case as JSON, with what it rests on."""
    with _told(file):
        model = dmn.load(file.read_bytes())
        node: Decision = model.find(decision, Decision)
        outcome = model.decide(node.id, _inputs(model, node, sys.stdin.read() if given == "-" else given))
        answer = _answer(outcome)
    say(dumps(answer, indent=2, ensure_ascii=False))


def _answer(outcome: dmn.Outcome) -> dict[str, Any]:
    return {
        "value": feel.to_plain_json(outcome.value),
        "matched": list(outcome.matched),
        "evidence": [
            {
                "decision": evidence.decision,
                "inputs": {name: feel.to_plain_json(value) for name, value in evidence.inputs.items()},
                "rules": [{"rule": hit.rule, "annotation": hit.annotation} for hit in evidence.hits],
            }
            for evidence in outcome.evidence
        ],
        "warnings": [str(warning) for warning in outcome.warnings],
    }


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Name the file in whatever its rules are refused for."""
    try:
        yield
    except OSError as error:
        raise RulesFileError(f"{file.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RulesFileError(f"{file.name}: is not UTF-8") from None
    except (dmn.DmnError, feel.FeelError) as error:
        raise RulesFileError(f"{file.name}: {error}") from None


def _title(model: dmn.Model, table: str) -> str:
    """Name a table by its decision, and by its id where the decision has several."""
    (owner, *_) = (each.owner for each in model.tables if each.name == table)
    return f"{owner} ({table})" if sum(each.owner == owner for each in model.tables) > 1 else owner


def _asked(model: dmn.Model, name: str, named: bool) -> str:
    """Return the decision to test: the one of this name, else, where nobody named one, the first table's."""
    if named or name in model.nodes:
        node: Decision = model.find(name, Decision)
        return node.id
    if not model.tables:
        raise dmn.DmnError(name, "the file holds no decision table")
    return model.tables[0].owner


def _inputs(model: dmn.Model, node: Decision, given: str) -> dict[str, Any]:
    values = _read(given)
    if not isinstance(values, dict):
        raise RulesFileError("--input: is no object of inputs by name")
    known = model.input_types(node.id)
    for name in values:
        if name not in known:
            raise RulesFileError(
                f"--input: {name!r} is no input of {node.name!r}; there are {', '.join(known) or 'none'}"
            )
    return {name: _typed(known[name], value) for name, value in values.items()}


def _read(given: str) -> Any:
    """Read what was given as JSON, in numbers that lose nothing."""
    try:
        values = loads(given, parse_float=Decimal, parse_constant=_refuse)
        dumps(values, ensure_ascii=False, default=str).encode()
    except JSONDecodeError as error:
        raise RulesFileError(f"--input: is not JSON at character {error.pos + 1}: {error.msg}") from None
    except RecursionError:
        raise RulesFileError("--input: nests too deep") from None
    except UnicodeEncodeError:
        raise RulesFileError("--input: holds half a character, which no text can") from None
    except (ValueError, InvalidOperation):
        # Python reads no number of thousands of digits, and none whose exponent has as many as twenty.
        raise RulesFileError("--input: holds a number that is too long") from None
    return values


def _refuse(constant: str) -> None:
    raise RulesFileError(f"--input: is not JSON: {constant} is no number")


def _typed(kind: Type | None, value: Any) -> Any:
    """Read a date or a duration where the input is declared as one; JSON has only texts for them."""
    if isinstance(value, str) and kind is not None and kind is not STRING:
        return parse_temporal(value) or value
    return value


def _csv(columns: list[str], cases: tuple[proposing.Case, ...]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([case.cells[column] for column in columns] for case in cases)
    return written.getvalue().rstrip("\n")
