"""A business that sells: the shipped flows are published."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.builders import Firm, a_firm
from tests.selling import publish_shipped


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


@pytest.fixture(scope="module")
def other_shop(app: Flask) -> Firm:
    """Another business in the same installation that sells, too."""
    firm = a_firm()
    publish_shipped(firm)
    return firm
