"""An application on the module's database and a test's broker, for what real workers do with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.config import Settings
from app.database import db
from tests.builders import Firm, a_firm
from tests.tasks.installation import Installation, installation


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    with made.app_context():
        yield made
        db.engine.dispose()


@pytest.fixture(scope="module")
def firm(app: Flask) -> Firm:
    return a_firm()


@pytest.fixture
def running(settings: Settings, broker_url: str) -> Iterator[Installation]:
    """An installation on this test's broker; the test starts its processes."""
    with installation(replace(settings, broker_url=broker_url)) as made:
        yield made
