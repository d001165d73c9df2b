"""Taking a message that a mail service hands over: whose it is proved by a secret, kept once."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Organisation, Role
from app.config import settings
from app.customers import queries as customers
from app.database import Transaction, across_organisations, transaction
from app.errors import InvalidError, UnauthenticatedError
from app.moments import utc_now
from app.needs import commands as needs
from app.needs.mails.models import InboundMail
from app.needs.mails.reading import Message
from app.needs.models import Need
from app.wording import worded

CHANNEL = "mail"
SETTING = "inbound_mail"
LONGEST_TEXT = 4000
CUT = "\n[…]"


@dataclass(frozen=True, slots=True)
class Inbox:
    """Whether an organisation takes mails, of which type their needs are, and the secret that proves them."""

    org_id: UUID
    slug: str
    is_on: bool
    need_type: str
    secret: str


@dataclass(frozen=True, slots=True)
class Taken:
    number: str
    is_new: bool


def inbox_of(tx: Transaction) -> Inbox:
    return _inbox(tx.session.get_one(Organisation, tx.organisation))


def _inbox(organisation: Organisation) -> Inbox:
    said = organisation.settings.get(SETTING, {})
    return Inbox(
        organisation.id,
        organisation.slug,
        bool(said.get("is_on")),
        str(said.get("need_type") or "mail"),
        _secret(organisation.id, int(said.get("round", 1))),
    )


def _secret(org_id: UUID, number: int) -> str:
    """Make the secret of an organisation out of the installation's key; another number is another secret."""
    about = b"inbound mail:" + org_id.bytes + str(number).encode()
    return hmac.new(settings().secret_key.encode(), about, "sha256").hexdigest()


def set_up(actor: Actor, *, is_on: bool, need_type: str, new_secret: bool = False) -> None:
    """Switch mails on or off; a new secret makes the old one worthless at once."""
    actor.require(Role.ADMINISTRATOR)
    if not 0 < len(need_type) <= 80:
        why = worded("is empty or longer than {longest} characters", longest=80)
        raise InvalidError("nothing was changed", {"need_type": [why]})
    with transaction(actor.org_id) as tx:
        organisation = tx.session.get_one(Organisation, actor.org_id, with_for_update=True)
        number = int(organisation.settings.get(SETTING, {}).get("round", 1)) + new_secret
        said = {"is_on": is_on, "need_type": need_type, "round": number}
        organisation.settings = {**organisation.settings, SETTING: said}
        flag_modified(organisation, "settings")
        detail = {"on": is_on, "type": need_type, "new_secret": new_secret}
        audit.write(tx, "needs", actor.person_id, "needs.mail_changed", detail)


def prove(slug: str, body: bytes, signature: str, token: str) -> Inbox:
    """Return whose mails these are; raise UnauthenticatedError, whatever it is that does not fit."""
    with across_organisations() as tx:
        organisation = tx.session.scalar(select(Organisation).where(Organisation.slug == slug))
        inbox = _inbox(organisation) if organisation else None
    secret = inbox.secret if inbox else _secret(UUID(int=0), 0)
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    fits = hmac.compare_digest(signed.encode(), signature.removeprefix("sha256=").encode())
    fits |= hmac.compare_digest(secret.encode(), token.encode())
    if inbox is None or not inbox.is_on or not fits:
        raise UnauthenticatedError("the signature or the token is wrong, or no mails are taken here")
    return inbox


def take(inbox: Inbox, message: Message) -> Taken:
    """Make a need of a message; the same message again is the same need."""
    now = utc_now()
    with transaction(inbox.org_id) as tx:
        known = tx.session.get(InboundMail, (inbox.org_id, message.digest))
        if known is not None:
            return Taken(tx.session.get_one(Need, known.need_id).number, is_new=False)
        address = message.address.lower()
        found = customers.customers_called(tx, [address])[address]
        values = {
            "need_type": inbox.need_type,
            "text": _text_of(message),
            "customer_id": found[0].id if len(found) == 1 else None,
            "customer_name": message.name or message.address,
            "channel": CHANNEL,
            "currency": accounts.currency_of(tx),
            "owner_id": None,
        }
        need = needs.add_in(tx, None, values, now)
        tx.session.add(
            InboundMail(org_id=inbox.org_id, digest=message.digest, need_id=need.id, received_at=now)
        )
    return Taken(need.number, is_new=True)


def _text_of(message: Message) -> str:
    text = "\n\n".join(part for part in (message.subject, message.text) if part)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(CUT)] + CUT
