"""A customer's own form: kept once, with consent to a text that stays known; programs are kept out."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role
from app.customers import erasing
from app.database import reading
from app.errors import InvalidError, RefusedError
from app.needs.forms import commands, guarding, queries
from app.needs.models import Need
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import form_token, signed_in

WANTED = commands.Wanted(
    True,
    "Ask us",
    "告诉我们",
    ["lamps", "chairs"],
    ["name", "email", "quantity"],
    ["https://shop.example.com"],
    "You may keep this.",
    "同意保存。",
)


@pytest.fixture
def open_firm(app: Flask) -> Firm:
    made = a_firm()
    commands.set_up(made["admin"], WANTED)
    return made


@pytest.fixture(autouse=True)
def _as_slow_as_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "SHORTEST_SECONDS", -1)


def _entered(page: str, **changes: str) -> dict[str, str]:
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    entered = {"need_type": "lamps", "text": "Ten", "name": "Ann", "email": "ann@example.com", "consent": "1"}
    return {**hidden, "quantity": "10", **entered, **changes}


def _send(client: FlaskClient, firm: Firm, query: str = "", **changes: str) -> tuple[int, str]:
    path = f"/f/{firm.slug}{query}"
    answer = client.post(path, data=_entered(client.get(path).get_data(as_text=True), **changes))
    return answer.status_code, answer.get_data(as_text=True)


def _needs(firm: Firm) -> list[Need]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need).order_by(Need.number)))


def test_what_a_customer_sends_is_a_need_with_the_consent_that_they_gave(
    client: FlaskClient, open_firm: Firm
) -> None:
    status, said = _send(client, open_firm, "?lang=zh")

    (need,) = _needs(open_firm)
    assert (status, need.channel, need.customer_name, need.quantity) == (200, "form", "Ann", 10)
    assert need.number in said
    commands.set_up(open_firm["admin"], commands.Wanted(**{**_as_dict(), "consent_zh": "新"}))
    with reading(open_firm.org_id) as tx:
        found = queries.consent_of(tx, need.id)
    assert found
    assert (found[0].consent_version, found[0].consent_language, found[1].text_zh) == (
        1,
        "zh_Hans_CN",
        "同意保存。",
    )


def _as_dict() -> dict[str, object]:
    return {name: getattr(WANTED, name) for name in WANTED.__dataclass_fields__}


def test_the_page_speaks_the_language_of_its_address(client: FlaskClient, open_firm: Firm) -> None:
    chinese = client.get(f"/f/{open_firm.slug}?lang=zh").get_data(as_text=True)
    english = client.get(f"/f/{open_firm.slug}?lang=en").get_data(as_text=True)

    assert ("告诉我们" in chinese, 'lang="zh-CN"' in chinese) == (True, True)
    assert "Ask us" in english


def test_a_page_sent_twice_is_one_need(client: FlaskClient, open_firm: Firm) -> None:
    path = f"/f/{open_firm.slug}"
    entered = _entered(client.get(path).get_data(as_text=True))

    first, second = (client.post(path, data=entered).get_data(as_text=True) for _ in range(2))

    (need,) = _needs(open_firm)
    assert need.number in first
    assert need.number in second


def test_who_is_known_by_their_address_is_that_customer_and_is_erased_with_it(
    client: FlaskClient, open_firm: Firm
) -> None:
    customer_id = a_customer(open_firm, "Ann's")
    _send(client, open_firm, email="Orders@Customer.example")
    (need,) = _needs(open_firm)
    assert need.customer_id == customer_id

    erasing.erase(open_firm["admin"], customer_id)

    with reading(open_firm.org_id) as tx:
        found = queries.consent_of(tx, need.id)
    assert found
    assert (found[0].name, found[0].email, found[0].consent_version) == ("", "", 1)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"consent": ""}, "without it we may not keep"),
        ({"consent_version": "7"}, "was changed meanwhile"),
        ({"need_type": "boats"}, "choose one"),
        ({"text": " "}, "is empty"),
        ({"email": "ann"}, "is not an e-mail address"),
        ({"quantity": "0"}, "is not a number"),
        ({"website": "http://spam"}, "leave the hidden field empty"),
        ({"seal": "x.y.z"}, "is not one of ours"),
    ],
)
def test_what_is_missing_or_no_persons_work_is_said_and_not_kept(
    client: FlaskClient, open_firm: Firm, changes: dict[str, str], why: str
) -> None:
    status, said = _send(client, open_firm, "?lang=en", **changes)

    assert (status, _needs(open_firm)) == (422, [])
    assert why in said


def test_a_seal_is_good_for_one_business_after_a_moment_and_for_a_day(
    app: Flask, open_firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = guarding.seal(open_firm.org_id)
    monkeypatch.setattr(guarding, "SHORTEST_SECONDS", 3)
    later = time.time() + 60

    assert guarding.opened(open_firm.org_id, sealed, "", lambda: later)
    for org_id, at in ((open_firm.org_id, time.time()), (uuid4(), later)):
        with pytest.raises(InvalidError):
            guarding.opened(org_id, sealed, "", lambda at=at: at)  # type: ignore[misc] # each its moment
    monkeypatch.setattr(guarding, "LONGEST_SECONDS", -1)
    with pytest.raises(InvalidError):
        guarding.opened(open_firm.org_id, sealed, "", lambda: later)


def test_only_the_sites_that_were_named_may_show_the_form(client: FlaskClient, open_firm: Firm) -> None:
    form, other = client.get(f"/f/{open_firm.slug}"), client.get("/sign-in")

    assert "frame-ancestors https://shop.example.com" in form.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in other.headers["Content-Security-Policy"]


def test_a_form_that_is_off_or_nobodys_is_not_there(client: FlaskClient, open_firm: Firm) -> None:
    commands.set_up(open_firm["admin"], commands.Wanted(**{**_as_dict(), "is_on": False}))  # type: ignore[arg-type] # one is changed

    assert client.get(f"/f/{open_firm.slug}").status_code == 404
    assert client.get("/f/nobody-here").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("types", []),
        ("types", ["x" * 81]),
        ("fields", ["age"]),
        ("sites", ["example.com"]),
        ("sites", ["https://a.example/; script-src *"]),
        ("sites", ["https://a.example:99999"]),
        ("title_en", "x" * 191),
        ("consent_en", ""),
        ("consent_zh", "x" * 4001),
    ],
)
def test_a_form_that_cannot_work_is_refused(app: Flask, open_firm: Firm, field: str, value: object) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.set_up(open_firm["admin"], commands.Wanted(**{**_as_dict(), field: value}))  # type: ignore[arg-type] # on purpose

    assert list(refused.value.fields) == [field]


def test_the_administrator_sets_it_up_and_sees_link_and_code(app: Flask) -> None:
    firm = a_firm()
    client = signed_in(app, firm, Role.ADMINISTRATOR)
    data = {
        "is_on": "1", "title_en": "Ask", "types": "lamps\nchairs\n", "fields": ["email"],
        "sites": "https://a.example/", "consent_en": "Yes", "consent_zh": "好",
    }  # fmt: skip

    wrong = client.post(
        "/needs/form", data={**data, "sites": "a", "csrf_token": form_token(client, "/needs/form")}
    )
    saved = client.post("/needs/form", data={**data, "csrf_token": form_token(client, "/needs/form")})

    shown = client.get("/needs/form").get_data(as_text=True)
    assert (wrong.status_code, saved.status_code) == (422, 303)
    assert f"/f/{firm.slug}" in shown
    assert "&lt;iframe src=" in shown
    with pytest.raises(RefusedError):
        commands.set_up(firm["sales"], WANTED)


def test_a_site_shows_the_form_in_its_own_way(client: FlaskClient, open_firm: Firm) -> None:
    path = f"/api/v1/forms/{open_firm.slug}"
    shown = client.get(f"{path}?lang=zh").get_json()
    sent = {"seal": shown["seal"], "need_type": "lamps", "text": "Ten", "name": "Ann", "quantity": "10"}
    sent |= {"email": "ann@example.com", "consent_version": shown["consent_version"], "lang": "zh"}

    without = client.post(path, json={**sent, "consent": False})
    first = client.post(path, json={**sent, "consent": True})
    again = client.post(path, json={**sent, "consent": True})

    assert (shown["title"], shown["consent"]) == ("告诉我们", "同意保存。")
    assert without.status_code == 422
    assert list(without.get_json()["error"]["fields"]) == ["consent"]
    assert first.status_code == 201
    assert first.get_json() == again.get_json()
    (need,) = _needs(open_firm)
    told = client.get(f"/api/v1/needs/{need.id}", headers=open_firm.headers("sales")).get_json()
    del told["consent"]["given_at"]
    assert told["consent"] == {"version": 1, "language": "zh_Hans_CN", "text": "同意保存。"}


def test_a_programs_seal_of_another_business_is_refused(
    client: FlaskClient, open_firm: Firm, stranger: Firm
) -> None:
    sent = {"seal": guarding.seal(stranger.org_id), "need_type": "lamps", "text": "Ten", "consent": True}

    answer = client.post(f"/api/v1/forms/{open_firm.slug}", json={**sent, "consent_version": 1})

    assert answer.status_code == 422
    assert _needs(open_firm) == []


def test_a_program_sets_the_form_up_and_what_it_leaves_out_stays(client: FlaskClient, app: Flask) -> None:
    firm, path = a_firm(), "/api/v1/needs/form"
    headers = firm.headers("admin")
    whole = {"is_on": True, "types": ["lamps"], "consent_en": "Yes.", "consent_zh": "同意。"}

    bare = client.get(path, headers=headers).get_json()
    half = client.put(path, json={"is_on": True}, headers=headers)
    done = client.put(path, json=whole, headers=headers)
    client.put(path, json={"title_en": "Ask us"}, headers=headers)

    assert (bare["is_on"], bare["consent_version"], half.status_code, done.status_code) == (
        False,
        0,
        422,
        204,
    )
    shown = client.get(path, headers=headers).get_json()
    assert (shown["types"], shown["title_en"], shown["consent_version"]) == (["lamps"], "Ask us", 1)
    assert shown["address"].endswith(f"/f/{firm.slug}")


def test_a_needs_page_shows_the_text_that_was_agreed_to(
    app: Flask, client: FlaskClient, open_firm: Firm
) -> None:
    _send(client, open_firm)
    commands.set_up(open_firm["admin"], commands.Wanted(**{**_as_dict(), "consent_en": "Other words."}))

    shown = signed_in(app, open_firm, Role.SALES).get(f"/needs/{_needs(open_firm)[0].id}")

    assert "You may keep this." in shown.get_data(as_text=True)
    assert "Other words." not in shown.get_data(as_text=True)
