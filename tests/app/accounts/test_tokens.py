"""Programs: tokens with scopes and an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts import commands, queries, secrets
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from tests.builders import Firm


def test_a_token_stands_for_its_person_within_its_scopes(firm: Firm) -> None:
    sales = firm["sales"]

    token = commands.add_token(firm.org_id, sales.person_id, None, "erp", ["orders:write"], None)

    actor = queries.actor_by_token(secrets.digest_of(token.secret), utc_now())
    assert actor is not None
    assert (actor.person_id, actor.scopes) == (sales.person_id, frozenset({"orders:write"}))


def test_the_right_to_write_includes_the_right_to_read(client: FlaskClient, firm: Firm) -> None:
    answer = client.get("/api/v1/inbox", headers=firm.headers("sales", "inbox:write"))

    assert answer.status_code == 200


def test_a_token_without_the_scope_is_refused_by_name(client: FlaskClient, firm: Firm) -> None:
    answer = client.get("/api/v1/inbox", headers=firm.headers("sales", "orders:read"))

    assert answer.status_code == 403
    assert answer.json is not None
    assert "inbox:read" in answer.json["error"]["message"]


def test_a_token_ends_at_its_moment(firm: Firm) -> None:
    end = utc_now() + timedelta(hours=1)
    token = commands.add_token(firm.org_id, firm["sales"].person_id, None, "erp", ["*"], end)

    assert queries.actor_by_token(secrets.digest_of(token.secret), end) is None


def test_a_revoked_token_opens_nothing_from_that_moment(client: FlaskClient, firm: Firm) -> None:
    token = commands.add_token(firm.org_id, firm["sales"].person_id, None, "erp", ["*"], None)
    headers = {"Authorization": f"Bearer {token.secret}"}
    assert client.get("/api/v1/inbox", headers=headers).status_code == 200

    commands.revoke_token(firm["sales"], token.id)

    assert client.get("/api/v1/inbox", headers=headers).status_code == 401


def test_nobody_revokes_another_persons_token_but_an_administrator(firm: Firm) -> None:
    token = commands.add_token(firm.org_id, firm["sales"].person_id, None, "erp", ["*"], None)

    with pytest.raises(NotFoundError):
        commands.revoke_token(firm["lead"], token.id)

    commands.revoke_token(firm["admin"], token.id)


@pytest.mark.parametrize(
    ("scopes", "field"),
    [
        pytest.param([], "scopes", id="no scope"),
        pytest.param(["orders:fly"], "scopes", id="an unknown scope"),
    ],
)
def test_a_token_with_wrong_scopes_is_not_made(firm: Firm, scopes: list[str], field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.add_token(firm.org_id, firm["sales"].person_id, None, "x", scopes, None)

    assert field in refused.value.fields


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Basic abc", id="another scheme"),
        pytest.param("Bearer ", id="nothing"),
        pytest.param("Bearer placet_made_up", id="made up"),
    ],
)
def test_a_wrong_authorization_header_is_401(client: FlaskClient, header: str) -> None:
    assert client.get("/api/v1/inbox", headers={"Authorization": header}).status_code == 401
