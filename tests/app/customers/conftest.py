"""A business where an order goes its whole way, for customers who are erased while it does."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.builders import Firm, a_firm
from tests.selling import publish_shipped


@pytest.fixture
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm
