"""Setting a form up, and keeping what customers send by it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from app import audit
from app.accounts import queries as accounts
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.customers import queries as customers
from app.database import Transaction, transaction
from app.entered import check_lengths
from app.errors import InvalidError, NotFoundError
from app.moments import utc_now
from app.needs import commands as needs
from app.needs.forms.models import ConsentText, NeedForm, NeedSubmission
from app.needs.models import Need
from app.wording import worded

CHANNEL = "form"
FIELDS = ("name", "email", "phone", "quantity")
MOST_TYPES, MOST_SITES = 50, 20
LONGEST = {"name": 190, "email": 190, "phone": 60, "text": 4000}
LONGEST_CONSENT = 4000
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form as its administrator wants it."""

    is_on: bool
    title_en: str
    title_zh: str
    types: Sequence[str]
    fields: Sequence[str]
    sites: Sequence[str]
    consent_en: str
    consent_zh: str


@dataclass(frozen=True, slots=True)
class Sending:
    """What a customer entered; `id` is the page that was shown: sent twice, it is one need."""

    id: UUID
    consent_version: int
    language: str
    has_consented: bool
    values: Mapping[str, Any]


def wanted_of(form: NeedForm | None, text: ConsentText | None) -> Wanted:
    """Return a form as it is set up now; where there is none yet, what it begins with."""
    if form is None:
        return Wanted(False, "", "", [], ["name", "email"], [], "", "")
    said = (text.text_en, text.text_zh) if text else ("", "")
    return Wanted(form.is_on, form.title_en, form.title_zh, form.types, form.fields, form.sites, *said)


def set_up(actor: Actor, wanted: Wanted) -> None:
    """Change the form; a consent text in other words is a new version. Raises InvalidError."""
    actor.require(Role.ADMINISTRATOR)
    _refuse_wrong(wanted)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        form = tx.session.get(NeedForm, actor.org_id, with_for_update=True, populate_existing=True)
        if form is None:
            form = NeedForm(org_id=actor.org_id, consent_version=0, version=0)
            tx.session.add(form)
        text = tx.session.get(ConsentText, (actor.org_id, form.consent_version))
        if text is None or (text.text_en, text.text_zh) != (wanted.consent_en, wanted.consent_zh):
            form.consent_version += 1
            tx.session.add(
                ConsentText(
                    org_id=actor.org_id,
                    version=form.consent_version,
                    text_en=wanted.consent_en,
                    text_zh=wanted.consent_zh,
                    person_id=actor.person_id,
                    created_at=now,
                )
            )
        form.is_on, form.title_en, form.title_zh = wanted.is_on, wanted.title_en, wanted.title_zh
        form.types, form.fields, form.sites = list(wanted.types), list(wanted.fields), list(wanted.sites)
        form.version += 1
        detail = {"on": wanted.is_on, "sites": list(wanted.sites), "consent": form.consent_version}
        audit.write(tx, "needs", actor.person_id, "needs.form_changed", detail, now)


def _refuse_wrong(wanted: Wanted) -> None:
    wrong: dict[str, list[str]] = {}
    if not wanted.types:
        wrong["types"] = ["is empty"]
    if len(wanted.types) > MOST_TYPES or any(len(each) > 80 for each in wanted.types):
        wrong["types"] = [
            worded("are more than {most}, or one is longer than 80 characters", most=MOST_TYPES)
        ]
    if set(wanted.fields) - set(FIELDS):
        wrong["fields"] = [worded("is not one of: {allowed}", allowed=", ".join(FIELDS))]
    if len(wanted.sites) > MOST_SITES or not all(map(is_site, wanted.sites)):
        wrong["sites"] = ["is no list of addresses such as https://www.example.com, at most twenty"]
    for name in ("title_en", "title_zh"):
        if len(getattr(wanted, name)) > 190:
            wrong[name] = [worded("has more than {longest} characters", longest=190)]
    for name in ("consent_en", "consent_zh"):
        if not getattr(wanted, name):
            wrong[name] = ["is empty"]
        elif len(getattr(wanted, name)) > LONGEST_CONSENT:
            wrong[name] = [worded("has more than {longest} characters", longest=LONGEST_CONSENT)]
    if wrong:
        raise InvalidError("the form was not changed", dict(wrong))


def is_site(text: str) -> bool:
    """Say whether a text is an origin as a browser names it: scheme, host, perhaps a port, nothing more."""
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?", text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and (parts.port or 1) < 65536
    except ValueError:
        return False


def take(org_id: UUID, sending: Sending) -> str:
    """Keep what a customer sent; return the need's number. Sent again, it is the same number.

    Raises InvalidError naming the fields, and NotFoundError where the form was switched off meanwhile.
    """
    now = utc_now()
    with transaction(org_id) as tx:
        form = tx.session.get(NeedForm, org_id)
        if form is None or not form.is_on:
            raise NotFoundError("form", "at this address")
        known = tx.session.get(NeedSubmission, sending.id)
        if known is not None:
            return tx.session.get_one(Need, known.need_id).number
        values = _checked(form, sending)
        need = needs.add_in(tx, None, _need_of(tx, values), now)
        tx.session.add(
            NeedSubmission(
                id=sending.id,
                org_id=org_id,
                need_id=need.id,
                name=values["name"],
                email=values["email"],
                phone=values["phone"],
                consent_version=sending.consent_version,
                consent_language=sending.language,
                sent_at=now,
            )
        )
        detail = {"need": need.id, "version": sending.consent_version, "language": sending.language}
        audit.write(tx, "needs", None, "consent.given", detail, now)
    return need.number


def _checked(form: NeedForm, sending: Sending) -> dict[str, Any]:
    values = dict.fromkeys(FIELDS, "") | {"need_type": "", "text": ""} | dict(sending.values)
    wrong = check_lengths(values, LONGEST)
    if values["need_type"] not in form.types:
        wrong["need_type"] = ["choose one"]
    if not values["text"]:
        wrong["text"] = ["is empty"]
    if "email" in form.fields and not _EMAIL.fullmatch(values["email"]):
        wrong["email"] = ["is not an e-mail address"]
    if "name" in form.fields and not values["name"]:
        wrong["name"] = ["is empty"]
    if values["quantity"] is None:
        wrong["quantity"] = ["is not a number"]
    if not sending.has_consented:
        wrong["consent"] = ["without it we may not keep what you write"]
    elif sending.consent_version != form.consent_version:
        wrong["consent"] = ["its text was changed meanwhile; read it and agree again"]
    if wrong:
        raise InvalidError("nothing was sent", dict(wrong))
    asked = (*form.fields, "need_type", "text")
    return {name: value if name in asked else "" for name, value in values.items()}


def _need_of(tx: Transaction, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the need's values; whose address is known to be exactly one customer's is theirs."""
    email = values["email"].lower()
    found = customers.customers_called(tx, [email])[email] if email else []
    return {
        "need_type": values["need_type"],
        "text": values["text"],
        "customer_id": found[0].id if len(found) == 1 else None,
        "customer_name": values["name"] or values["email"],
        "channel": CHANNEL,
        "quantity": values["quantity"] or 1,
        "currency": accounts.currency_of(tx),
        "owner_id": None,
    }
