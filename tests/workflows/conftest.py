"""Every case of the engine goes two ways, with specs kept and with specs read anew before every step.

Neither way may change anything of the specs, which all instances and threads share.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows.building import Run
from tests.workflows.fingerprints import Shared


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.untraced)], ids=["plain", "reread"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "reread", request.param)


@pytest.fixture(autouse=True)
def nothing_shared_changes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shared = Shared()
    monkeypatch.setattr(Run, "shared", shared)
    yield
    assert shared.changed() == []
