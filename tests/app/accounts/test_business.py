"""The business and its parties: chosen by its administrator, with no secret that comes back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import business
from app.accounts.business import PartyChoice
from app.accounts.models import Organisation, Role
from app.audit.queries import list_entries
from app.database import reading
from app.errors import InvalidError, RefusedError
from tests.builders import Firm
from tests.signing_in import form_token, signed_in

CARRIER = PartyChoice("http", "Swift", "https://swift.example/v1", "top secret")


def _said(firm: Firm, role: str) -> dict[str, object]:
    with reading(firm.org_id) as tx:
        found: dict[str, object] = tx.session.get_one(Organisation, firm.org_id).settings["parties"][role]
        return found


def test_parties_are_simulated_and_customers_real_until_said_otherwise(firm: Firm) -> None:
    with reading(firm.org_id) as tx:
        found = business.read_business(tx)

    kinds = {party.role: party.kind for party in found.parties}
    assert kinds == {
        "carrier": "simulator",
        "supplier": "simulator",
        "payments": "simulator",
        "customer": "real",
    }


def test_a_party_s_token_is_kept_and_never_shown(client: FlaskClient, firm: Firm) -> None:
    business.change_business(firm["admin"], None, {"carrier": CARRIER})

    answer = client.get("/api/v1/organisation", headers=firm.headers("admin"))

    assert _said(firm, "carrier")["token"] == "top secret"
    assert b"top secret" not in answer.data
    assert answer.json is not None
    assert next(p for p in answer.json["parties"] if p["role"] == "carrier") == {
        "role": "carrier",
        "kind": "http",
        "name": "Swift",
        "url": "https://swift.example/v1",
        "has_token": True,
    }


def test_an_empty_token_keeps_the_one_that_is_there(firm: Firm) -> None:
    business.change_business(firm["admin"], None, {"carrier": CARRIER})

    business.change_business(firm["admin"], None, {"carrier": PartyChoice("http", "Swifter", CARRIER.url)})

    assert (_said(firm, "carrier")["name"], _said(firm, "carrier")["token"]) == ("Swifter", "top secret")


def test_a_token_is_forgotten_with_its_address(firm: Firm) -> None:
    business.change_business(firm["admin"], None, {"carrier": CARRIER})

    business.change_business(
        firm["admin"], None, {"carrier": PartyChoice("http", "", "https://other.example")}
    )

    assert _said(firm, "carrier")["token"] == ""


@pytest.mark.parametrize(
    ("role", "choice", "field"),
    [
        pytest.param("pigeon", PartyChoice("http"), "parties.pigeon", id="a party that there is not"),
        pytest.param("carrier", PartyChoice("real"), "parties.carrier.kind", id="a kind that it cannot be"),
        pytest.param("carrier", PartyChoice("http", url="ftp://x"), "parties.carrier.url", id="not the web"),
        pytest.param("carrier", PartyChoice("http", url="http://[x"), "parties.carrier.url", id="no address"),
        pytest.param(
            "carrier",
            PartyChoice("http", url="https://x.example", token="x" * 501),
            "parties.carrier.token",
            id="a token that is too long",
        ),
    ],
)
def test_a_party_that_cannot_be_used_is_refused_by_name(
    firm: Firm, role: str, choice: PartyChoice, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        business.change_business(firm["admin"], None, {role: choice})

    assert list(refused.value.fields) == [field]


def test_only_an_administrator_changes_the_business(firm: Firm) -> None:
    with pytest.raises(RefusedError, match="administrator"):
        business.change_business(firm["owner"], "Ours", {})


def test_the_business_is_changed_by_api(client: FlaskClient, firm: Firm) -> None:
    body = {"name": "New name", "parties": [{"role": "customer", "kind": "simulator"}]}

    answer = client.patch("/api/v1/organisation", json=body, headers=firm.headers("admin"))

    assert answer.status_code == 204
    with reading(firm.org_id) as tx:
        found = business.read_business(tx)
    assert found.name == "New name"
    assert [p.kind for p in found.parties if p.role == "customer"] == ["simulator"]


def test_a_business_profiles_customers_who_were_never_asked_until_it_says_otherwise(
    client: FlaskClient, app: Flask, firm: Firm
) -> None:
    address, key = "/api/v1/organisation", firm.headers("admin")
    assert client.get(address, headers=key).get_json()["profiles_unasked"] is True

    assert client.patch(address, json={"profiles_unasked": False}, headers=key).status_code == 204

    browser = signed_in(app, firm, Role.ADMINISTRATOR)
    page = browser.get("/business").text
    assert 'name="profiles_unasked" value="no" checked' in page
    token = form_token(browser, "/business")
    browser.post("/business", data={"csrf_token": token, "name": "Renamed"})
    assert client.get(address, headers=key).get_json()["profiles_unasked"] is False
    answer = browser.post("/business", data={"csrf_token": token, "profiles_unasked": "yes"})
    assert answer.status_code == 303
    with reading(firm.org_id) as tx:
        assert business.read_business(tx).profiles_unasked
        told = [each.detail.get("changes") for each in list_entries(tx, action="organisation.changed")]
    assert told[:3] == [{"profiles_unasked": [False, True]}, None, {"profiles_unasked": [True, False]}]
