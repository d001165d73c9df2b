"""The door: sessions, wrong passwords, forged requests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts import commands, queries, secrets, signing_in
from app.accounts.models import Person, Role, WebSession
from app.database import transaction
from app.moments import utc_now
from tests.builders import PASSWORD, Firm


@pytest.fixture
def email(app: Flask, firm: Firm) -> str:
    address = f"p{secrets.new_secret()[:10].lower()}@example.com"
    commands.add_person(
        firm.org_id, None, email=address, name="Pat", password=PASSWORD, roles=[Role.SALES], teams=["sales"]
    )
    return address


def test_the_right_password_opens_a_session(email: str) -> None:
    signed = signing_in.sign_in(email.upper(), PASSWORD, "a browser")

    actor = queries.actor_by_session(secrets.digest_of(signed.secret), utc_now())
    assert actor is not None
    assert (actor.name, actor.teams) == ("Pat", frozenset({"sales"}))


def test_an_expired_session_is_nobodys(email: str, firm: Firm) -> None:
    signed = signing_in.sign_in(email, PASSWORD, None)

    later = utc_now() + signing_in.SESSION_LASTS + timedelta(seconds=1)

    assert queries.actor_by_session(secrets.digest_of(signed.secret), later) is None


@pytest.mark.parametrize(
    ("address", "password"),
    [
        pytest.param(None, "wrong password", id="a wrong password"),
        pytest.param("nobody@example.com", PASSWORD, id="an unknown address"),
    ],
)
def test_a_wrong_sign_in_does_not_say_what_was_wrong(email: str, address: str | None, password: str) -> None:
    with pytest.raises(signing_in.SignInError, match="the address or the password is wrong"):
        signing_in.sign_in(address or email, password, None)


def test_five_wrong_passwords_lock_the_door_for_a_quarter_of_an_hour(email: str) -> None:
    for _ in range(signing_in.ATTEMPTS - 1):
        with pytest.raises(signing_in.SignInError):
            signing_in.sign_in(email, "wrong", None)
    with pytest.raises(signing_in.LockedError):
        signing_in.sign_in(email, "wrong", None)

    with pytest.raises(signing_in.LockedError) as locked:
        signing_in.sign_in(email, PASSWORD, None)

    assert locked.value.until <= utc_now() + signing_in.LOCKED_FOR


def test_a_person_set_inactive_cannot_enter(email: str, firm: Firm) -> None:
    with transaction(firm.org_id) as tx:
        tx.session.execute(update(Person).where(Person.email == email).values(is_active=False))

    with pytest.raises(signing_in.SignInError):
        signing_in.sign_in(email, PASSWORD, None)


def test_setting_a_person_inactive_ends_their_sessions(email: str, firm: Firm) -> None:
    signed = signing_in.sign_in(email, PASSWORD, None)
    actor = queries.actor_by_session(secrets.digest_of(signed.secret), utc_now())
    assert actor is not None

    commands.change_person(firm["admin"], actor.person_id, is_active=False)

    assert queries.actor_by_session(secrets.digest_of(signed.secret), utc_now()) is None


def _signed_in(client: FlaskClient, email: str) -> str:
    answer = client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return str(answer.json["csrf_token"])


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: FlaskClient, email: str) -> None:
    answer = client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_change_without_the_csrf_token_is_refused(client: FlaskClient, email: str) -> None:
    _signed_in(client, email)

    answer = client.delete("/api/v1/sessions")

    assert answer.status_code == 403


def test_a_change_from_another_site_is_refused(client: FlaskClient, email: str) -> None:
    token = _signed_in(client, email)

    answer = client.delete(
        "/api/v1/sessions", headers={"X-CSRF-Token": token, "Origin": "https://evil.example"}
    )

    assert answer.status_code == 403


def test_signing_out_ends_the_session(client: FlaskClient, email: str, firm: Firm) -> None:
    token = _signed_in(client, email)

    answer = client.delete("/api/v1/sessions", headers={"X-CSRF-Token": token})

    assert answer.status_code == 204
    assert client.get("/api/v1/inbox").status_code == 401


def test_a_session_of_another_organisation_is_not_seen(email: str, stranger: Firm) -> None:
    signing_in.sign_in(email, PASSWORD, None)

    with transaction(stranger.org_id) as tx:
        assert tx.session.query(WebSession).count() == 0
