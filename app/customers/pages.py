"""Customers as pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.catalogue.queries import list_products
from app.customers import commands, erasing, profiling, queries
from app.customers.models import Risk
from app.database import reading
from app.entered import amount, whole_number
from app.errors import InvalidError
from app.i18n import LANGUAGES
from app.insights.segments import queries as segments
from app.insights.suggestions_shown import suggestions_for
from app.needs.observations.queries import timeline_of
from app.paging import after_name, cut
from app.web import go, page, signed_in

blueprint = Blueprint("customers", __name__)
PAGE = 50
TEXTS = (
    "name",
    "kind",
    "email",
    "phone",
    "tax_number",
    "street",
    "postcode",
    "city",
    "country",
    "locale",
    "risk",
    "notes",
)


@blueprint.get("/customers")
@signed_in()
def list_page() -> Response:
    actor = current_actor()
    segment = request.args.get("segment", "")[:20]
    search, cursor = request.args.get("search", "").strip()[:100], request.args.get("cursor")
    with reading(actor.org_id) as tx:
        among = segments.narrow(tx, segment) if segment else None
        rows = queries.list_customers(
            tx, search=search, among=among, after=after_name(cursor or None), limit=PAGE + 1
        )
        groups = segments.names(tx)
    shown, following = cut(rows, PAGE, lambda row: (row.name, row.id))
    return page(
        "customers/list.html",
        rows=shown,
        next=following,
        search=search,
        segment=segment,
        segments=groups,
        export="/api/v1/customers.csv?" + urlencode({"search": search, "segment": segment}),
        args=request.args,
    )


@blueprint.get("/customers/new")
@signed_in(Role.SALES)
def new_page() -> Response:
    return _form({"kind": "business", "risk": "low", "locale": "en", "payment_days": 30}, None, None)


def _form(given: Any, customer: Any, error: InvalidError | None) -> Response:
    return page(
        "customers/form.html",
        422 if error else 200,
        given=given,
        customer=customer,
        error=error,
        risks=list(Risk),
        locales=LANGUAGES,
    )


def _values() -> dict[str, Any]:
    values: dict[str, Any] = {name: request.form.get(name, "").strip() or None for name in TEXTS}
    values["name"], values["notes"] = values["name"] or "", values["notes"] or ""
    for name, default in (("kind", "business"), ("locale", "en"), ("risk", "low")):
        values[name] = values[name] or default
    values["country"] = values["country"].upper() if values["country"] else None
    values["credit_limit"] = amount(request.form.get("credit_limit") or "0")
    values["payment_days"] = whole_number(request.form.get("payment_days") or "30")
    wrong = [name for name in ("credit_limit", "payment_days") if values[name] is None]
    if wrong:
        message = gettext("is not a number")
        raise InvalidError("the customer was not saved", {name: [message] for name in wrong})
    return values


@blueprint.post("/customers/new")
@signed_in(Role.SALES)
def create() -> BaseResponse:
    try:
        saved = commands.create(current_actor(), _values())
    except InvalidError as error:
        return _form(request.form, None, error)
    return go(f"/customers/{saved.id}", gettext("Kept as %(number)s.", number=saved.number))


@blueprint.get("/customers/<uuid:customer_id>")
@signed_in()
def customer_page(customer_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        customer = queries.get_customer(tx, customer_id)
        contacts = queries.list_contacts(tx, customer_id)
        suggestions = suggestions_for(tx, customer)
        segment = segments.of_customer(tx, customer_id)
        happened = timeline_of(tx, customer_id)
        products = [(each.id, each.name) for each in list_products(tx, is_active=True, limit=200)]
    return page(
        "customers/detail.html",
        customer=customer,
        contacts=contacts,
        suggestions=suggestions,
        segment=segment,
        segment_words=segments.words_of(segment.code) if segment else [],
        happened=happened,
        products=products,
        texts=profiling.TEXTS,
        newest=profiling.NEWEST_TEXT,
    )


@blueprint.post("/customers/<uuid:customer_id>/profiling")
@signed_in(Role.SALES)
def say_profiling(customer_id: UUID) -> BaseResponse:
    """Keep whether the customer agrees to be suggested what they may want next."""
    said = request.form.get("said", "")
    profiling.say(current_actor(), customer_id, said, request.form.get("text", ""))
    told = gettext("Refused: nothing is suggested any more, and what was computed is gone.")
    return go(f"/customers/{customer_id}#suggestions", gettext("Agreed.") if said == "agreed" else told)


@blueprint.get("/customers/<uuid:customer_id>/edit")
@signed_in(Role.SALES)
def edit_page(customer_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        customer = queries.get_customer(tx, customer_id)
    given = {name: getattr(customer, name) for name in (*TEXTS, "credit_limit", "payment_days")}
    return _form(given, customer, None)


@blueprint.post("/customers/<uuid:customer_id>/edit")
@signed_in(Role.SALES)
def change(customer_id: UUID) -> BaseResponse:
    actor = current_actor()
    version = request.form.get("version", "")
    try:
        commands.change(actor, customer_id, _values(), whole_number(version))
    except InvalidError as error:
        with reading(actor.org_id) as tx:
            customer = queries.get_customer(tx, customer_id)
        return _form(request.form, customer, error)
    return go(f"/customers/{customer_id}", gettext("Saved."))


@blueprint.post("/customers/<uuid:customer_id>/contacts")
@signed_in(Role.SALES)
def add_contact(customer_id: UUID) -> BaseResponse:
    names = ("name", "email", "phone", "position")
    values: dict[str, Any] = {name: request.form.get(name, "").strip() or None for name in names}
    values["name"] = values["name"] or ""
    commands.add_contact(current_actor(), customer_id, values)
    return go(f"/customers/{customer_id}", gettext("Added."))


@blueprint.post("/customers/<uuid:customer_id>/contacts/<uuid:contact_id>/remove")
@signed_in(Role.SALES)
def remove_contact(customer_id: UUID, contact_id: UUID) -> BaseResponse:
    commands.remove_contact(current_actor(), customer_id, contact_id)
    return go(f"/customers/{customer_id}", gettext("Removed."))


@blueprint.get("/customers/<uuid:customer_id>/erase")
@signed_in(Role.ADMINISTRATOR)
def erase_page(customer_id: UUID) -> Response:
    """Ask once more, saying what goes and what stays."""
    with reading(current_actor().org_id) as tx:
        customer = queries.get_customer(tx, customer_id)
    erasing.refuse_erased(customer)
    return page("customers/erase.html", customer=customer, wrong=False)


@blueprint.post("/customers/<uuid:customer_id>/erase")
@signed_in(Role.ADMINISTRATOR)
def erase(customer_id: UUID) -> BaseResponse:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        customer = queries.get_customer(tx, customer_id)
    if request.form.get("number", "").strip() != customer.number:
        return page("customers/erase.html", 422, customer=customer, wrong=True)
    rows = erasing.erase(actor, customer_id)
    return go(f"/customers/{customer_id}", gettext("Erased: %(count)s rows were cleared.", count=rows))
