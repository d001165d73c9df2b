"""Products as pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.catalogue import commands, queries
from app.database import reading
from app.entered import amount, whole_number
from app.errors import InvalidError
from app.paging import after_name, cut
from app.web import go, page, signed_in

blueprint = Blueprint("catalogue", __name__)
PAGE = 50
TEXTS = ("sku", "name", "description", "unit", "currency")
NUMBERS = ("price", "cost", "tax_percent")


@blueprint.get("/products")
@signed_in()
def list_page() -> Response:
    actor = current_actor()
    search, cursor = request.args.get("search", "").strip()[:100], request.args.get("cursor")
    with reading(actor.org_id) as tx:
        rows = queries.list_products(tx, search=search, after=after_name(cursor or None), limit=PAGE + 1)
    shown, following = cut(rows, PAGE, lambda row: (row.name, row.id))
    return page(
        "catalogue/list.html",
        rows=shown,
        next=following,
        search=search,
        args=request.args,
    )


@blueprint.get("/products/new")
@signed_in(Role.SALES, Role.OPERATOR)
def new_page() -> Response:
    return _form({"unit": "pcs", "currency": "EUR", "is_stocked": True, "is_active": True}, None, None)


def _form(given: Any, product: Any, error: InvalidError | None) -> Response:
    return page("catalogue/form.html", 422 if error else 200, given=given, product=product, error=error)


def _values() -> dict[str, Any]:
    form = request.form
    values: dict[str, Any] = {name: form.get(name, "").strip() for name in TEXTS}
    wrong: dict[str, list[str]] = {}
    for name in NUMBERS:
        values[name] = amount(form.get(name) or "0")
        if values[name] is None:
            wrong[name] = [gettext("is not a number")]
    if wrong:
        raise InvalidError("the product was not saved", dict(wrong))
    values["currency"] = values["currency"].upper()
    values["is_stocked"], values["is_active"] = form.get("is_stocked") == "on", form.get("is_active") == "on"
    return values


@blueprint.post("/products/new")
@signed_in(Role.SALES, Role.OPERATOR)
def create() -> BaseResponse:
    try:
        saved = commands.create(current_actor(), _values())
    except InvalidError as error:
        return _form(request.form, None, error)
    return go(f"/products/{saved.id}", gettext("Added."))


@blueprint.get("/products/<uuid:product_id>")
@signed_in()
def product_page(product_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        product = queries.get_product(tx, product_id)
    given = {name: getattr(product, name) for name in (*TEXTS, *NUMBERS, "is_stocked", "is_active")}
    return _form(given, product, None)


@blueprint.post("/products/<uuid:product_id>")
@signed_in(Role.SALES, Role.OPERATOR)
def change(product_id: UUID) -> BaseResponse:
    actor = current_actor()
    version = request.form.get("version", "")
    try:
        commands.change(actor, product_id, _values(), whole_number(version))
    except InvalidError as error:
        with reading(actor.org_id) as tx:
            product = queries.get_product(tx, product_id)
        return _form(request.form, product, error)
    return go(f"/products/{product_id}", gettext("Saved."))


@blueprint.post("/products/<uuid:product_id>/stock")
@signed_in(Role.SALES, Role.OPERATOR)
def correct_stock(product_id: UUID) -> BaseResponse:
    actor = current_actor()
    on_hand = amount(request.form.get("on_hand"))
    try:
        if on_hand is None:
            raise InvalidError("the stock was not corrected", {"on_hand": [gettext("is not a number")]})
        commands.correct_stock(actor, product_id, on_hand, request.form.get("reason", ""))
    except InvalidError as refused:
        with reading(actor.org_id) as tx:
            product = queries.get_product(tx, product_id)
        given = {name: getattr(product, name) for name in (*TEXTS, *NUMBERS, "is_stocked", "is_active")}
        return _form(given, product, refused)
    return go(f"/products/{product_id}", gettext("Corrected."))
