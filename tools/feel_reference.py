"""Writes under each heading of the functions' reference how its function is called, as the engine knows it.

`python -m tools.feel_reference` after a signature changed; a test is red until then.
"""

from __future__ import annotations

import re
from pathlib import Path

from rules.feel.builtins.library import SIGNATURES

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "feel-functions.md"
HEADING = re.compile(r"^### `(.+)`\n\n(?:`.+\n)*\n?", re.M)


def written(page: str) -> str:
    """The page with the signatures of every function that it has a heading for."""
    return HEADING.sub(_headed, page)


def _headed(heading: re.Match[str]) -> str:
    lines = "".join(f"`{signature}`\n" for signature in SIGNATURES.get(heading[1], ()))
    return f"### `{heading[1]}`\n\n{lines}\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
