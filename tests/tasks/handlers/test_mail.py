"""Mails against a real mail server: both languages, both forms, handed over once, failures told apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from smtplib import SMTPException
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select, update

from app.customers.models import Customer
from app.database import reading, transaction
from app.orders.models import SentMail
from app.outbox.models import ServiceCall
from tasks import children, letters
from tasks.handlers import HopelessError, InputError, mail
from tests.builders import Firm
from tests.performing import a_call, run
from tests.selling import an_order


class Postman:
    """Takes what it is given; `refusals` are its answers to recipients it does not want."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 # aiosmtpd names it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type] # its default
        return "250 OK"


@pytest.fixture
def postman(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    """A mail server that is there, and set."""
    made = Postman()
    controller = Controller(made, hostname="127.0.0.1", port=children.free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}?from=orders@shop.example"
    monkeypatch.setitem(
        app.extensions, "placet.settings", replace(app.extensions["placet.settings"], smtp_url=url)
    )
    yield made
    controller.stop()


def _send(shop: Firm, template: str = "order_shipped", to: str = "customer", locale: str = "en") -> UUID:
    """Keep a mail about an order; return the call that asks for its delivery."""
    order = an_order(shop)
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Customer).where(Customer.id == order.customer_id).values(locale=locale))
    call = a_call(shop, "mail.send", order_id=order.id, template=template, to=to)
    run(shop, call)
    run(shop, call)  # as when a worker dies right after
    statement = select(ServiceCall).where(ServiceCall.handler == "mail.deliver")
    with reading(shop.org_id) as tx:
        asked = [each for each in tx.session.scalars(statement) if each.inputs["mail_id"] == str(call)]
    assert len(asked) == 1
    return asked[0].id


def _kept(shop: Firm, deliver: UUID) -> SentMail:
    with reading(shop.org_id) as tx:
        mail_id = tx.session.get_one(ServiceCall, deliver).inputs["mail_id"]
        return tx.session.get_one(SentMail, UUID(mail_id))


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        pytest.param("en", "is on its way", "has left our house", id="in English"),
        pytest.param("zh_Hans_CN", "已发货", "运单号", id="in Chinese"),
    ],
)
def test_a_customer_is_told_in_their_language_with_and_without_html(
    shop: Firm, postman: Postman, locale: str, subject: str, words: str
) -> None:
    deliver = _send(shop, locale=locale)

    run(shop, deliver)

    [sent] = postman.taken
    assert subject in sent["Subject"]
    assert sent["To"] == "orders@customer.example"
    assert sent["From"].addresses[0].addr_spec == "orders@shop.example"
    text, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert text
    assert html
    assert words in text.get_content()
    assert words in html.get_content()
    assert f'lang="{locale.replace("_", "-")}"' in html.get_content()


@pytest.mark.parametrize("template", sorted(mail.OF_ORDERS))
def test_every_template_says_everything_in_both_languages(
    shop: Firm, postman: Postman, template: str
) -> None:
    for locale in ("en", "zh_Hans_CN"):
        run(shop, _send(shop, template, "customer", locale))

    english, chinese = postman.taken
    assert english["Subject"] != chinese["Subject"]
    for sent in (english, chinese):
        body = sent.get_body(("plain",))
        assert body
        assert "$" not in sent["Subject"] + body.get_content()  # no fact was left out


def test_a_mail_is_handed_over_once(shop: Firm, postman: Postman) -> None:
    deliver = _send(shop)

    run(shop, deliver)
    run(shop, deliver)

    assert len(postman.taken) == 1
    kept = _kept(shop, deliver)
    assert kept.handed_over_at is not None
    assert postman.taken[0]["Message-ID"] == f"<{kept.id}@shop.example>"


def test_a_team_gets_one_mail_with_all_addresses(shop: Firm, postman: Postman) -> None:
    run(shop, _send(shop, "approval_reminder", "finance"))

    assert postman.taken[0]["To"] == shop.email("finance")


def test_an_address_that_is_refused_for_now_is_tried_again(shop: Firm, postman: Postman) -> None:
    postman.refusals["orders@customer.example"] = "450 mailbox busy"
    deliver = _send(shop)

    with pytest.raises(SMTPException):
        run(shop, deliver)

    error = _kept(shop, deliver).error
    assert error is not None
    assert "SMTPRecipientsRefused" in error
    postman.refusals.clear()
    run(shop, deliver)
    assert (len(postman.taken), _kept(shop, deliver).error) == (1, None)


def test_an_address_that_is_refused_for_good_is_hopeless(shop: Firm, postman: Postman) -> None:
    postman.refusals["orders@customer.example"] = "550 no such mailbox"

    with pytest.raises(HopelessError, match="the mail server refuses it"):
        run(shop, _send(shop))


def test_a_mail_server_that_is_away_is_tried_again(shop: Firm, postman: Postman, app: Flask) -> None:
    deliver = _send(shop)
    gone = replace(app.extensions["placet.settings"], smtp_url="smtp://127.0.0.1:1")
    app.extensions["placet.settings"] = gone

    with pytest.raises(OSError, match="refused"):
        run(shop, deliver)

    error = _kept(shop, deliver).error
    assert error is not None
    assert "ConnectionRefusedError" in error


def test_without_a_mail_server_the_mail_is_kept_and_says_why(shop: Firm) -> None:
    order = an_order(shop)
    call = a_call(shop, "mail.send", order_id=order.id, template="order_shipped", to="customer")

    run(shop, call)

    with reading(shop.org_id) as tx:
        kept = tx.session.get_one(SentMail, call)
    assert (kept.handed_over_at, kept.error) == (None, "no mail server is set (PLACET_SMTP_URL)")


@pytest.mark.parametrize(
    ("inputs", "wrong"),
    [
        pytest.param({"template": "poem", "to": "customer"}, "template", id="an unknown template"),
        pytest.param({"template": "order_shipped", "to": ""}, "to", id="nobody"),
    ],
)
def test_an_input_that_cannot_be_used_is_named(shop: Firm, inputs: dict[str, object], wrong: str) -> None:
    with pytest.raises(InputError) as caught:
        run(shop, a_call(shop, "mail.send", **inputs))

    assert caught.value.name == wrong


def test_what_people_typed_brings_no_link_into_our_mail() -> None:
    facts = {"order_number": "O-1", "order_title": "[click](http://evil.example) <b>now</b>"}

    _, body = letters.fill("order_shipped", "en", facts)

    html = letters.to_html(body, "en")
    assert "<a " not in html
    assert "<b>" not in html
