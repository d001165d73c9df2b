"""Browser-like clients for tests: signed in with a password, as a person would be."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask
from flask.testing import FlaskClient

from app.accounts import commands, secrets
from app.accounts.models import Role
from tests.builders import PASSWORD, Firm


def signed_in(app: Flask, firm: Firm, *roles: Role, teams: Iterable[str] = ()) -> FlaskClient:
    """Return a client with the session of a new person of these roles and teams."""
    email = f"p{secrets.new_secret()[:10].lower().replace('_', 'x').replace('-', 'x')}@example.com"
    commands.add_person(
        firm.org_id, None, email=email, name="Pat", password=PASSWORD, roles=list(roles), teams=list(teams)
    )
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client


def form_token(client: FlaskClient, path: str) -> str:
    """Return the token that a page puts into its forms."""
    page = client.get(path).get_data(as_text=True)
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
