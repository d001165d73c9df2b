"""A shop with one of everything that an address can name."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.app.api.things import Things, things_of
from tests.builders import Firm, a_firm
from tests.selling import publish_shipped


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


@pytest.fixture(scope="module")
def things(shop: Firm) -> Things:
    return things_of(shop)
