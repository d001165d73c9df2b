"""Finding a form: by its organisation's name in an address, or for its administrator."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, update

from app.accounts.models import Organisation
from app.customers.erasing import Erased
from app.database import Transaction, across_organisations, reading
from app.errors import NotFoundError
from app.needs.forms.models import ConsentText, NeedForm, NeedSubmission
from app.needs.models import Need


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A form as a customer sees it, in the language of the page."""

    org_id: UUID
    slug: str
    organisation: str
    title: str
    types: list[str]
    fields: list[str]
    sites: list[str]
    consent: str
    consent_version: int


def find_public(slug: str, *, is_chinese: bool) -> PublicForm:
    """Return the form behind an address; raise NotFoundError where there is none, or it is switched off."""
    with across_organisations() as tx:
        org_id = tx.session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    if org_id is None:
        raise NotFoundError("form", "at this address")
    with reading(org_id) as tx:
        form = tx.session.get(NeedForm, org_id)
        if form is None or not form.is_on:
            raise NotFoundError("form", "at this address")
        text = tx.session.get_one(ConsentText, (org_id, form.consent_version))
        return PublicForm(
            org_id=org_id,
            slug=slug,
            organisation=tx.session.get_one(Organisation, org_id).name,
            title=form.title_zh if is_chinese else form.title_en,
            types=form.types,
            fields=form.fields,
            sites=form.sites,
            consent=text.text_zh if is_chinese else text.text_en,
            consent_version=form.consent_version,
        )


def for_administrator(tx: Transaction) -> tuple[NeedForm | None, ConsentText | None, str]:
    """Return the form, its consent text and the name in its address."""
    form = tx.session.get(NeedForm, tx.organisation)
    text = tx.session.get(ConsentText, (tx.organisation, form.consent_version)) if form else None
    return form, text, tx.session.get_one(Organisation, tx.organisation).slug


def consent_of(tx: Transaction, need_id: UUID) -> tuple[NeedSubmission, ConsentText] | None:
    """Return what was sent with a need, and the very text that its sender agreed to."""
    sent = tx.session.scalar(select(NeedSubmission).where(NeedSubmission.need_id == need_id))
    if sent is None:
        return None
    return sent, tx.session.get_one(ConsentText, (tx.organisation, sent.consent_version))


def erase(tx: Transaction, whom: Erased) -> int:
    """Clear what a customer sent of themselves; that they agreed, to what and when, stays."""
    theirs = select(Need.id).where(Need.customer_id == whom.id)
    sent = NeedSubmission.need_id.in_(theirs)
    condition = or_(sent, func.lower(NeedSubmission.email).in_([each.lower() for each in whom.addresses]))
    cleared = tx.session.execute(
        update(NeedSubmission)
        .where(condition)
        .values(name="", email="", phone="")
        .execution_options(synchronize_session=False)
    )
    return int(cleared.rowcount)  # type: ignore[attr-defined] # an update's result counts its rows
