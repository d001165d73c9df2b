"""A business that sells to quick parties, and whose calls the tests perform themselves."""

from __future__ import annotations

import pytest
from flask import Flask

from tasks.worker import load_handlers
from tests.builders import Firm, a_firm
from tests.selling import publish_shipped


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    load_handlers()
    at_once: dict[str, object] = {"seconds": 0}
    firm = a_firm(parties={"carrier": at_once, "supplier": at_once, "payments": at_once})
    publish_shipped(firm)
    return firm
