"""Other passwords: one's own against the present one, and somebody's from who administers them."""

from __future__ import annotations

import threading
from dataclasses import replace
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts import commands, passwords, queries, secrets, signing_in
from app.accounts.actor import Actor
from app.accounts.models import Person, Role
from app.accounts.signing_in import LockedError, SignedIn, SignInError
from app.database import reading
from app.errors import InvalidError, NotFoundError, PlacetError, RefusedError
from app.moments import utc_now
from tests.builders import PASSWORD, Firm

pytestmark = pytest.mark.own_databases

NEW = "paper boat on the water"


@pytest.fixture
def email(app: Flask, firm: Firm) -> str:
    address = f"{uuid4()}@example.com"
    commands.add_person(firm.org_id, None, email=address, name="Pat", password=PASSWORD, roles=[Role.SALES])
    return address


def _find(secret: str) -> Actor | None:
    return queries.actor_by_session(secrets.digest_of(secret), utc_now())


def _whose(signed: SignedIn) -> Actor:
    found = _find(signed.secret)
    assert found is not None
    return found


def _signed_in(email: str) -> Actor:
    return _whose(signing_in.sign_in(email, PASSWORD, None))


def _entries(firm: Firm, action: str) -> str:
    with reading(firm.org_id) as tx:
        statement = text("select person_id, detail from audit_entries where action = :action")
        return repr(tx.execute(statement, {"action": action}).all())


def test_ones_own_new_password_opens_the_door_and_the_old_one_does_not(email: str) -> None:
    passwords.change_own(_signed_in(email), PASSWORD, NEW)

    assert _whose(signing_in.sign_in(email, NEW, None)).email == email
    with pytest.raises(SignInError):
        signing_in.sign_in(email, PASSWORD, None)


def test_all_other_sessions_end_and_this_one_goes_on_under_a_new_secret(email: str) -> None:
    elsewhere = signing_in.sign_in(email, PASSWORD, "a telephone")
    here = signing_in.sign_in(email, PASSWORD, "a browser")
    session_id = _whose(here).session_id

    renewed = passwords.change_own(_whose(here), PASSWORD, NEW).session

    assert _find(elsewhere.secret) is None
    assert _find(here.secret) is None
    assert _whose(renewed).session_id == session_id


def _token(firm: Firm, actor: Actor) -> str:
    return commands.add_token(firm.org_id, actor.person_id, None, "a program", ("*",), None).secret


def test_tokens_outlive_a_change_of_password_and_are_counted(firm: Firm, email: str) -> None:
    actor = _signed_in(email)
    secret = _token(firm, actor)

    own = passwords.change_own(actor, PASSWORD, NEW).tokens_left
    given = passwords.set_password(firm["admin"], actor.person_id, PASSWORD)

    assert (own, given) == (1, 1)
    assert queries.actor_by_token(secrets.digest_of(secret), utc_now())


@pytest.mark.parametrize("way", ["one's own", "an administrator's", "the command line's"])
def test_tokens_end_with_the_password_where_that_is_asked_for(firm: Firm, email: str, way: str) -> None:
    actor = _signed_in(email)
    secret, others = _token(firm, actor), _token(firm, firm["sales"])

    if way == "one's own":
        left = passwords.change_own(actor, PASSWORD, NEW, revoke_tokens=True).tokens_left
    elif way == "an administrator's":
        left = passwords.set_password(firm["admin"], actor.person_id, NEW, revoke_tokens=True)
    else:
        left = passwords.reset_password(firm.org_id, actor.person_id, NEW, revoke_tokens=True)

    assert left == 0
    assert queries.actor_by_token(secrets.digest_of(secret), utc_now()) is None
    assert queries.actor_by_token(secrets.digest_of(others), utc_now())


def test_a_password_of_ones_own_ends_nobody_elses_session(firm: Firm, email: str) -> None:
    other = f"{uuid4()}@example.com"
    commands.add_person(firm.org_id, None, email=other, name="Lee", password=PASSWORD, roles=[])
    theirs = signing_in.sign_in(other, PASSWORD, None)

    passwords.change_own(_signed_in(email), PASSWORD, NEW)

    assert _whose(theirs).email == other


def test_wrong_present_passwords_lock_the_form_and_the_door(email: str) -> None:
    actor = _signed_in(email)
    for _ in range(signing_in.ATTEMPTS - 2):
        with pytest.raises(SignInError, match="the present password is wrong"):
            passwords.change_own(actor, "wrong", NEW)
    with pytest.raises(SignInError):
        signing_in.sign_in(email, "wrong", None)

    with pytest.raises(LockedError):
        passwords.change_own(actor, "wrong", NEW)

    with pytest.raises(LockedError):
        passwords.change_own(actor, PASSWORD, NEW)
    with pytest.raises(LockedError):
        signing_in.sign_in(email, PASSWORD, None)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("seven b", id="too short"),
        pytest.param("x" * 201, id="too long"),
        pytest.param(PASSWORD, id="the present one"),
    ],
)
def test_a_new_password_that_is_none_changes_nothing_and_is_no_guess(email: str, new: str) -> None:
    actor = _signed_in(email)

    for _ in range(signing_in.ATTEMPTS + 1):
        with pytest.raises(InvalidError) as refused:
            passwords.change_own(actor, PASSWORD, new)

    assert list(refused.value.fields) == ["new_password"]
    assert _signed_in(email).email == email


def test_a_token_changes_no_password_of_its_own_person(email: str) -> None:
    program = replace(_signed_in(email), session_id=None, scopes=frozenset({"*"}))

    with pytest.raises(RefusedError, match="a token changes no password"):
        passwords.change_own(program, PASSWORD, NEW)


def test_two_changes_at_once_are_one(app: Flask, email: str) -> None:
    actor, told = _signed_in(email), []
    together = threading.Barrier(2)

    def change(new: str) -> None:
        with app.app_context():
            together.wait()
            try:
                passwords.change_own(actor, PASSWORD, new)
                told.append("changed")
            except PlacetError as error:
                told.append(error.code)

    threads = [threading.Thread(target=change, args=(f"new password {n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # The slower one meets the other's password before it proves the old one, or after.
    assert sorted(told) in (["changed", "conflict"], ["changed", "sign_in"])


def test_an_administrator_gives_a_password_and_unlocks_the_door(firm: Firm, email: str) -> None:
    inside = signing_in.sign_in(email, PASSWORD, None)
    person_id = _whose(inside).person_id
    for _ in range(signing_in.ATTEMPTS):
        with pytest.raises((SignInError, LockedError)):
            signing_in.sign_in(email, "wrong", None)

    passwords.set_password(firm["admin"], person_id, NEW)

    assert _find(inside.secret) is None
    assert _whose(signing_in.sign_in(email, NEW, None)).person_id == person_id


def test_guesses_before_a_new_password_are_forgotten(firm: Firm, email: str) -> None:
    for _ in range(signing_in.ATTEMPTS - 1):
        with pytest.raises(SignInError):
            signing_in.sign_in(email, "wrong", None)

    passwords.set_password(firm["admin"], _signed_in(email).person_id, NEW)

    with pytest.raises(SignInError):
        signing_in.sign_in(email, "wrong", None)
    assert _whose(signing_in.sign_in(email, NEW, None)).email == email


def test_an_administrator_is_not_told_that_a_password_was_guessed(firm: Firm, email: str) -> None:
    passwords.set_password(firm["admin"], _signed_in(email).person_id, PASSWORD)

    assert _signed_in(email).email == email


def test_only_an_administrator_gives_passwords(firm: Firm) -> None:
    with pytest.raises(RefusedError, match="administrator"):
        passwords.set_password(firm["operator"], firm["sales"].person_id, NEW)


def test_an_administrator_proves_the_present_password_for_their_own(firm: Firm) -> None:
    with pytest.raises(RefusedError, match="in the settings"):
        passwords.set_password(firm["admin"], firm["admin"].person_id, NEW)


def test_another_organisations_person_is_given_none(firm: Firm, stranger: Firm) -> None:
    with pytest.raises(NotFoundError):
        passwords.set_password(firm["admin"], stranger["sales"].person_id, NEW)

    with reading(stranger.org_id) as tx:
        kept = select(Person.password_hash).where(Person.id == stranger["sales"].person_id)
        assert tx.session.scalar(kept) is None


@pytest.mark.parametrize("new", ["seven b", "x" * 201], ids=["too short", "too long"])
def test_nobody_is_given_a_password_that_is_none(firm: Firm, new: str) -> None:
    with pytest.raises(InvalidError) as refused:
        passwords.set_password(firm["admin"], firm["sales"].person_id, new)

    assert list(refused.value.fields) == ["password"]


def test_the_record_says_who_changed_whose_password_and_not_to_what(firm: Firm, email: str) -> None:
    actor = _signed_in(email)

    passwords.change_own(actor, PASSWORD, NEW)
    passwords.set_password(firm["admin"], actor.person_id, "a third one of them")

    own, given = _entries(firm, "person.password_changed"), _entries(firm, "person.password_set")
    assert str(actor.person_id) in own
    assert str(actor.person_id) in given
    with reading(firm.org_id) as tx:
        everything = repr(tx.execute(text("select detail from audit_entries")).all())
    assert not [word for word in (PASSWORD, NEW, "a third one of them") if word in everything]


class Browser:
    """Signed in through the API, and sends the token that its changes must carry."""

    def __init__(self, client: FlaskClient, email: str) -> None:
        self.client = client
        signed = client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD}).get_json()
        self.headers = {"X-CSRF-Token": signed["csrf_token"]}

    def change(self, current: str, new: str) -> tuple[int, str]:
        body = {"current_password": current, "new_password": new}
        answer = self.client.post("/api/v1/me/password", json=body, headers=self.headers)
        return answer.status_code, answer.get_json()["error"]["code"] if answer.status_code >= 400 else ""


def test_a_browser_changes_its_password_over_the_api_and_stays_signed_in(app: Flask, email: str) -> None:
    here, elsewhere = Browser(app.test_client(), email), Browser(app.test_client(), email)
    before = here.client.get_cookie("placet")

    changed = here.change(PASSWORD, NEW)

    after = here.client.get_cookie("placet")
    assert changed == (200, "")
    assert before
    assert after
    assert before.value != after.value
    assert here.client.get("/api/v1/me").get_json()["email"] == email
    assert elsewhere.client.get("/api/v1/me").status_code == 401
    assert here.change(NEW, PASSWORD) == (200, "")


def test_the_api_refuses_a_wrong_present_password_as_it_refuses_a_sign_in(app: Flask, email: str) -> None:
    browser = Browser(app.test_client(), email)

    told = [browser.change("wrong", NEW) for _ in range(signing_in.ATTEMPTS)]

    assert told == [(401, "sign_in")] * (signing_in.ATTEMPTS - 1) + [(429, "locked")]


@pytest.mark.parametrize("scopes", [("*",), ("accounts:write",)])
def test_no_scope_lets_a_token_change_the_password(
    client: FlaskClient, firm: Firm, scopes: tuple[str, ...]
) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}

    answer = client.post("/api/v1/me/password", json=body, headers=firm.headers("sales", *scopes))

    assert answer.status_code == 403
    assert "token" in answer.get_json()["error"]["message"]


def test_an_administrators_program_gives_a_password(client: FlaskClient, firm: Firm, email: str) -> None:
    path = f"/api/v1/people/{_signed_in(email).person_id}/password"

    refused = client.post(path, json={"password": NEW}, headers=firm.headers("admin", "accounts:read"))
    given = client.post(path, json={"password": NEW}, headers=firm.headers("admin", "accounts:write"))

    assert (refused.status_code, given.status_code) == (403, 200)
    assert _whose(signing_in.sign_in(email, NEW, None)).email == email
