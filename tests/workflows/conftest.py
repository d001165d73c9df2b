"""Every case of the engine goes two ways: with specs kept, and with specs read anew before every step."""

from __future__ import annotations

import pytest

from tests.workflows.building import Run


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.untraced)], ids=["plain", "read anew"])
def each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "reread", request.param)
