"""`--cov-whole` fails a run that leaves a branch of a package out, whoever ran its tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PLUGINS = ("xdist", "pytest_cov", "tests.whole_coverage", "tests.tracing")
_SIGN = "def sign(n):\n    if n < 0:\n        return -1\n    return 1\n"


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        pytest.param("(1, -1)", None, id="every branch"),
        pytest.param("(1, 1)", "made/signs.py", id="all but one"),
        pytest.param("(1, pytest.param(-1, marks=pytest.mark.untraced))", "made/signs.py", id="one untraced"),
        pytest.param('(1, pytest.param(-1, id="x-server"))', None, id="a name is no server"),
    ],
)
def test_a_package_is_covered_whole_or_the_run_fails(
    tmp_path: Path, numbers: str, told: str | None, workers: str
) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "__init__.py").touch()
    (tmp_path / "made" / "signs.py").write_text(_SIGN)
    (tmp_path / "test_it.py").write_text(
        "import pytest\nfrom made.signs import sign\n\n\n"
        f'@pytest.mark.parametrize("n", {numbers})\n'
        "def test_a_sign_is_a_sign(n):\n    assert abs(sign(n)) == 1\n"
    )
    options = ["--cov", "made", "--cov-branch", "--cov-report=", "--cov-whole", "made", "-n", workers]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *(f"-p{each}" for each in PLUGINS), *options],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("COV")},
            "PYTHONPATH": f"{ROOT}:{tmp_path}",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
    )

    assert done.returncode == (1 if told else 0), done.stdout
    assert "2 passed" in done.stdout
    assert ("made is not covered whole" in done.stdout) is bool(told)
    assert (told or "") in done.stdout
