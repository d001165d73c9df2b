"""Forms that come from our own pages are taken: each carries the token that proves it."""

from __future__ import annotations

import re

from flask import Flask

from app.accounts.models import Role
from tests.builders import Firm
from tests.signing_in import signed_in


def test_every_form_of_a_page_carries_the_same_token(app: Flask, firm: Firm) -> None:
    client = signed_in(app, firm, Role.PROCESS_OWNER)

    page = client.get("/processes").get_data(as_text=True)

    tokens = re.findall(r'name="csrf_token" value="([^"]*)"', page)
    assert len(tokens) > 1
    assert len(set(tokens)) == 1
    assert len(tokens[0]) > 20
