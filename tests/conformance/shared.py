"""Where material lies that the project uses but does not copy."""

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


def shared(folder: str) -> Path:
    """Return a folder of the shared material, or skip aloud; where it is required, fail."""
    path = PROJECT / os.environ.get("PLACET_SHARED", "../shared") / folder
    if path.is_dir():
        return path
    reason = f"{path} is absent: set PLACET_SHARED to the shared material"
    if os.environ.get("PLACET_REQUIRE_SHARED") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
