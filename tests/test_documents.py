"""The documents say what is there: no link is dead, no setting, command or handler is left out."""

from __future__ import annotations

import re
import subprocess
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest
from click import Group

from app.database import Model
from app.orders.models import OrderStatus
from app.processes.forms import FORMS
from tasks import cli, handlers
from tasks.worker import load_handlers
from workflows.reading.processes import CLASSES

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# What stands behind the pages of a running Placet, not in the tree.
INTERNAL_HANDLERS = {"mail.deliver", "process.message", "party.report", "simulator.event"} | {
    "experiments.look",
    "surveys.estimate",
    "needs.import",
    "needs.unpack",
    "insights.group_table",
}


def _documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in listed.stdout.split("\0") if name]
    return [ROOT / name for name in names if not name.startswith("tasks/templates/")]


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", _documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_dead(document: Path) -> None:
    dead = []
    for target in LINK.findall(document.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (document.parent / path).resolve() if path else document
        if not found.exists() or (anchor and anchor not in _anchors(found)):
            dead.append(target)

    assert dead == []


def test_decisions_are_numbered_without_a_gap_or_a_double() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(file.name[:4]) for file in files]

    assert numbers == sorted(set(numbers))
    assert all(after - before == 1 for before, after in pairwise(numbers))
    assert [file.name for file in files if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", file.name)] == []
    for file, number in zip(files, numbers, strict=True):
        text = file.read_text("utf-8")
        assert text.startswith(f"# {number}. "), file.name
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), file.name


def test_every_setting_is_explained() -> None:
    source = _text("app/config.py") + _text("tasks/environment.py")
    explained = _text("docs/reference/settings.md")

    assert [
        name for name in set(re.findall(r"PLACET_[A-Z_]+\b", source)) if f"`{name}`" not in explained
    ] == []


def test_every_command_is_explained() -> None:
    explained = _text("docs/reference/commands.md")
    commands = []
    for name, command in cli.placet.commands.items():
        inside = [f"{name} {each}" for each in command.commands] if isinstance(command, Group) else [name]
        commands += inside

    assert [name for name in commands if f"`placet {name}" not in explained] == []


def test_every_make_target_is_explained() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", _text("Makefile"), re.M)
    explained = _text("docs/reference/commands.md")

    assert {"run", "setup", "test", "test-long", "bench", "chaos", "lint"} <= set(targets)
    assert [name for name in targets if f"`make {name}`" not in explained] == []


def test_every_handler_is_explained() -> None:
    load_handlers()
    explained = _text("docs/reference/handlers.md")

    assert [name for name in sorted(handlers.known()) if f"`{name}`" not in explained] == []
    assert handlers.known() >= INTERNAL_HANDLERS


def test_every_form_and_milestone_is_named() -> None:
    explained = _text("docs/reference/diagrams.md")

    assert [key for key in FORMS if f"`{key}`" not in explained] == []
    milestones = set(OrderStatus) - {OrderStatus.DRAFT}
    assert [name for name in milestones if f"`{name}`" not in explained] == []


def test_every_element_that_is_executed_is_named() -> None:
    explained = _text("docs/reference/diagrams.md").lower()
    kinds = {re.sub(r"([A-Z])", r" \1", kind).lower().split()[0] for kind in CLASSES}

    assert [kind for kind in kinds - {"sub", "task"} if kind not in explained] == []


def test_the_architecture_names_every_table() -> None:
    explained = _text("docs/architecture.md")

    assert [name for name in Model.metadata.tables if f"`{name}`" not in explained] == []
