"""An application on the module's database, and people of two organisations in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.config import Settings
from app.database import db
from tests.builders import Firm, a_firm


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """The wired application with an application context, as a command would have."""
    made = create_app(settings)
    with made.app_context():
        yield made
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def firm(app: Flask) -> Firm:
    """A business with a person for each role and the teams of the shared diagrams."""
    return a_firm()


@pytest.fixture(scope="module")
def stranger(app: Flask) -> Firm:
    """Another business in the same installation."""
    return a_firm()
