"""A message becomes one need: proved by the organisation's secret, in the shapes of the usual services."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role
from app.database import reading
from app.errors import RefusedError
from app.needs.mails import commands
from app.needs.mails.reading import message_of, written_now
from app.needs.models import Need
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import form_token, signed_in

POSTMARK = {
    "From": "Ann <ann@example.com>",
    "FromFull": {"Email": "ann@example.com", "Name": "Ann"},
    "Subject": "Lamps",
    "TextBody": "Ten please\n\nOn Mon, 1 Jan 2026 Bo <bo@x.example> wrote:\n> What?",
    "MessageID": "m-1",
}


@pytest.fixture
def open_firm(app: Flask) -> Firm:
    made = a_firm()
    commands.set_up(made["admin"], is_on=True, need_type="post")
    return made


def _secret(firm: Firm) -> str:
    with reading(firm.org_id) as tx:
        return commands.inbox_of(tx).secret


def _needs(firm: Firm) -> list[Need]:
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(select(Need).order_by(Need.number)))


def _hand_over(client: FlaskClient, firm: Firm, **options: Any) -> Any:
    headers = {"X-Placet-Token": _secret(firm)} | options.pop("headers", {})
    return client.post(f"/hooks/mail/{firm.slug}", headers=headers, **options)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        pytest.param(POSTMARK, "Lamps\n\nTen please", id="Postmark"),
        pytest.param(
            {
                "headers": {"from": "Ann <ann@example.com>", "subject": "Lamps", "message_id": "<m-2>"},
                "plain": "Ten\n-- \nAnn, Ltd.",
            },
            "Lamps\n\nTen",
            id="CloudMailin",
        ),
        pytest.param(
            {
                "from": "ann@example.com",
                "html": "<style>x</style><p>Ten&nbsp;lamps</p><blockquote>old</blockquote>",
            },
            "Ten lamps",
            id="HTML alone",
        ),
        pytest.param(
            {
                "sender": "ann@example.com",
                "stripped-text": "Ten",
                "body-plain": "Ten\n> old",
                "Message-Id": "<m-3>",
            },
            "Ten",
            id="Mailgun's names",
        ),
    ],
)
def test_the_shapes_of_the_usual_services_are_read(given: dict[str, Any], text: str) -> None:
    message = message_of(given)

    assert "\n\n".join(part for part in (message.subject, message.text) if part) == text
    assert message.address == "ann@example.com"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("十盏灯\n\n在 2026年1月1日，Bo <bo@x.example> 写道：\n> 什么？", "十盏灯"),
        ("Zehn\n\nAm 1. Januar 2026 um 10:00 schrieb Bo <bo@x.example>:\n> Was?", "Zehn"),
        ("Ten\n-----Original Message-----\nFrom: Bo", "Ten"),
        ("Ten\n发自我的iPhone", "Ten"),
        ("> all quoted", "> all quoted"),
        ("> old\nmine below", "mine below"),
    ],
)
def test_quotes_and_signatures_are_left_out(text: str, written: str) -> None:
    assert written_now(text) == written


def test_a_message_is_one_need_of_the_customer_whose_address_it_has(
    client: FlaskClient, open_firm: Firm
) -> None:
    customer_id = a_customer(open_firm)
    given = {**POSTMARK, "FromFull": {"Email": "Orders@customer.example"}}

    first = _hand_over(client, open_firm, json=given).get_json()
    again = _hand_over(client, open_firm, json={**given, "Subject": "Lamps, again"}).get_json()

    (need,) = _needs(open_firm)
    assert first == {"need": need.number, "new": True}
    assert again == {"need": need.number, "new": False}
    assert (need.channel, need.need_type, need.customer_id) == ("mail", "post", customer_id)


def test_a_form_with_attachments_is_taken_and_its_bytes_may_be_signed(
    app: Flask, client: FlaskClient, open_firm: Firm
) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="from"\r\n\r\nAnn <ann@example.com>\r\n'
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nTen lamps\r\n'
        b'--b\r\nContent-Disposition: form-data; name="headers"\r\n\r\nMessage-ID: <m-9>\r\n'
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\nx\r\n--b--\r\n'
    )
    signed = hmac.new(_secret(open_firm).encode(), body, hashlib.sha256).hexdigest()

    answer = client.post(
        f"/hooks/mail/{open_firm.slug}",
        data=body,
        content_type="multipart/form-data; boundary=b",
        headers={"X-Placet-Signature": f"sha256={signed}"},
    )

    assert answer.status_code == 200
    assert [need.text for need in _needs(open_firm)] == ["Ten lamps"]


def test_who_does_not_prove_it_is_refused(client: FlaskClient, open_firm: Firm, stranger: Firm) -> None:
    path = f"/hooks/mail/{open_firm.slug}"
    wrong = (
        {"X-Placet-Token": "x"},
        {"X-Placet-Signature": "sha256=ü"},
        {"X-Placet-Token": _secret(stranger)},
    )

    refused = [client.post(path, json=POSTMARK, headers=headers).status_code for headers in wrong]

    assert refused == [401, 401, 401]
    assert client.post("/hooks/mail/nobody", json=POSTMARK).status_code == 401
    assert _hand_over(client, stranger, json=POSTMARK).status_code == 401


def test_a_new_secret_makes_the_old_one_worthless(client: FlaskClient, open_firm: Firm) -> None:
    path, old = f"/hooks/mail/{open_firm.slug}", _secret(open_firm)

    commands.set_up(open_firm["admin"], is_on=True, need_type="post", new_secret=True)

    assert client.post(f"{path}?token={old}", json=POSTMARK).status_code == 401
    assert client.post(f"{path}?token={_secret(open_firm)}", json=POSTMARK).status_code == 200


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"no json", "body"),
        (b"[1]", "body"),
        (b'{"text": "Ten"}', "from"),
        (b'{"from": "ann@example.com", "text": " "}', "text"),
    ],
)
def test_a_body_that_is_no_message_is_named(
    client: FlaskClient, open_firm: Firm, data: bytes, field: str
) -> None:
    answer = _hand_over(client, open_firm, data=data, content_type="text/plain")

    assert answer.status_code == 422
    assert list(answer.get_json()["error"]["fields"]) == [field]
    assert _needs(open_firm) == []


def test_a_long_message_is_cut_visibly(client: FlaskClient, open_firm: Firm) -> None:
    _hand_over(client, open_firm, json={**POSTMARK, "TextBody": "lamp " * 2_000})

    (need,) = _needs(open_firm)
    assert (len(need.text), need.text[-3:]) == (4_000, "[…]")


def test_the_administrator_switches_it_on_and_sees_the_secret(app: Flask) -> None:
    firm = a_firm()
    client = signed_in(app, firm, Role.ADMINISTRATOR)
    data = {"is_on": "1", "need_type": "post", "csrf_token": form_token(client, "/needs/mail")}

    wrong = client.post("/needs/mail", data={**data, "need_type": ""})
    saved = client.post("/needs/mail", data=data)

    assert (wrong.status_code, saved.status_code) == (422, 303)
    assert _secret(firm) in client.get("/needs/mail").get_data(as_text=True)
    with pytest.raises(RefusedError):
        commands.set_up(firm["sales"], is_on=True, need_type="x")


def test_a_program_sets_mails_up(client: FlaskClient, app: Flask) -> None:
    firm, path = a_firm(), "/api/v1/needs/mail"
    headers = firm.headers("admin")
    before = client.get(path, headers=headers).get_json()

    put = client.put(path, json={"is_on": True, "need_type": "lamps", "new_secret": True}, headers=headers)

    after = client.get(path, headers=headers).get_json()
    assert put.status_code == 204
    assert (before["is_on"], after["is_on"], after["need_type"]) == (False, True, "lamps")
    assert before["secret"] != after["secret"]
    assert after["address"].endswith(f"/hooks/mail/{firm.slug}")
