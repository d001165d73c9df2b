"""The relay's rounds: many a second, so they must disturb nobody while there is nothing to do."""

from __future__ import annotations

import time

from flask import Flask

from app.database import transaction
from tasks.broker import make_celery
from tasks.publishing import Publisher
from tests.builders import a_firm


def test_an_idle_relay_waits_for_no_writer_and_asks_no_broker(app: Flask) -> None:
    firm = a_firm()
    publisher = Publisher(make_celery("redis://127.0.0.1:1/0"))

    with transaction(firm.org_id):
        began_at = time.monotonic()
        publisher.publish_due()

    assert time.monotonic() - began_at < 2
