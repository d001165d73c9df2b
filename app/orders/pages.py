"""Orders as pages: the list, an order's whole story, and the form with its preview."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import marshmallow as ma
from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.catalogue import queries as catalogue
from app.customers import queries as customers
from app.database import Transaction, reading
from app.entered import identity
from app.errors import InvalidError, NotFoundError
from app.i18n import money, percent
from app.moments import utc_now
from app.orders import commands, detail, documents, drafts, expectation, foresight, locking, preview, queries
from app.orders.api import new_order_of
from app.orders.models import OrderStatus
from app.orders.pricing import price, total_of
from app.orders.schemas import OrderIn
from app.orders.terms import NewOrder
from app.orders.timeline import telling
from app.paging import after_moment, cut
from app.web import go, page, signed_in

blueprint = Blueprint("orders", __name__)
PAGE = 50
EDITABLE = (OrderStatus.DRAFT, OrderStatus.CHANGES_REQUESTED)


@blueprint.get("/orders")
@signed_in()
def list_page() -> Response:
    actor = current_actor()
    wanted = _filter()
    with reading(actor.org_id) as tx:
        rows = queries.list_orders(
            tx, wanted, after=after_moment(request.args.get("cursor") or None), limit=PAGE + 1
        )
        customer = customers.get_customer(tx, wanted.customer_id) if wanted.customer_id else None
    shown, following = cut(rows, PAGE, queries.cursor_of)
    return page(
        "orders/list.html",
        rows=shown,
        next=following,
        wanted=wanted,
        statuses=list(OrderStatus),
        customer=customer,
        export=_export(wanted),
        args=request.args,
    )


def _export(wanted: queries.OrderFilter) -> str:
    """Return the address of all that the list would show, as a spreadsheet."""
    named = {
        "search": wanted.search,
        "status": wanted.statuses,
        "customer_id": wanted.customer_id,
        "requester_id": wanted.requester_id,
        "entered_from": wanted.entered_from,
        "entered_to": wanted.entered_to,
    }
    query = urlencode({name: value for name, value in named.items() if value}, doseq=True)
    return f"/api/v1/orders.csv?{query}" if query else "/api/v1/orders.csv"


def _filter() -> queries.OrderFilter:
    args = request.args
    known = {str(status) for status in OrderStatus}
    return queries.OrderFilter(
        search=args.get("search", "").strip()[:100],
        statuses=tuple(s for s in args.getlist("status") if s in known),
        customer_id=identity(args.get("customer")),
        requester_id=current_actor().person_id if args.get("mine") else None,
        entered_from=_date(args.get("from")),
        entered_to=_date(args.get("to")),
    )


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@blueprint.get("/orders/new")
@signed_in(Role.SALES)
def new_page() -> Response:
    """Ask for the customer; the draft with its grid comes next."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        chosen = customers.list_customers(tx, is_active=True, limit=200)
    return page("orders/new.html", customers=chosen, error=None)


@blueprint.post("/orders/new")
@signed_in(Role.SALES)
def create() -> BaseResponse:
    actor = current_actor()
    customer_id = identity(request.form.get("customer_id"))
    if customer_id is None:
        return new_page()
    title = request.form.get("title", "").strip()
    order = commands.place(actor, NewOrder(customer_id=customer_id, title=title))
    return go(f"/orders/{order.id}/edit")


@blueprint.get("/orders/<uuid:order_id>")
@signed_in()
def order_page(order_id: UUID) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        order, entries = detail.get_order(tx, order_id), telling.timeline_of(tx, order_id)
        papers = documents.documents_of(tx, order_id)
        expected = expectation.expectation_of(tx, order, utc_now())
        foreseen = foresight.foresee_order(tx, order_id, utc_now())
    return page(
        "orders/detail.html",
        order=order,
        expected=expected,
        foreseen=foreseen,
        entries=entries,
        papers=papers,
        may_edit=order.status in EDITABLE and order.requester_id == actor.person_id,
        may_cancel=order.ended_at is None and actor.has_role(Role.SALES),
    )


@blueprint.get("/orders/<uuid:order_id>/edit")
@signed_in(Role.SALES)
def edit_page(order_id: UUID) -> BaseResponse:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        order = detail.get_order(tx, order_id)
        if order.status not in EDITABLE:
            return go(f"/orders/{order_id}", gettext("This order is submitted; it cannot be edited."))
        context = _form(tx, order)
    return page("orders/form.html", error=None, **context)


def _form(tx: Transaction, order: detail.OrderDetail) -> dict[str, Any]:
    """Gather what the form shows; `asked` is why the order was sent back last.

    Who will approve is asked for by the open form: looking ahead runs the engine, which no page does.
    """
    told = [entry for entry in telling.timeline_of(tx, order.id) if entry.kind == "decision" and entry.note]
    return {
        "order": order,
        "inputs": preview.inputs_of(tx, locking.find(tx, order.id)),
        "customer": customers.get_customer(tx, order.customer_id),
        "customers": customers.list_customers(tx, is_active=True, limit=200),
        "asked": told[-1] if told else None,
    }


@blueprint.post("/orders/panel")
@signed_in(Role.SALES)
def panel() -> Response:
    """Answer the form as it looks: totals, and who would approve `order` and why."""
    try:
        given = OrderIn(unknown=ma.EXCLUDE).load(request.get_json(silent=True) or {})
    except ma.ValidationError as error:
        raise InvalidError("the form is not complete", _flat(error.messages)) from None
    actor = current_actor()
    new = new_order_of(given)
    order_id = identity(request.args.get("order"))
    with reading(actor.org_id) as tx:
        seen = preview.preview_change(tx, order_id, new) if order_id else preview.preview_new(tx, actor, new)
        totals = _totals(tx, new, seen)
    risk = render_template("orders/_risk.html", foreseen=seen.foreseen, within=True)
    html = render_template("orders/_preview.html", preview=seen)
    return jsonify(html=html, risk=risk.strip(), totals=totals)


def _totals(tx: Transaction, new: NewOrder, foreseen: preview.Preview) -> dict[str, str]:
    currency = drafts.currency_of(tx, new.currency)
    priced = price(tx, new.lines, currency)
    total = total_of(priced)
    shown = {
        "subtotal": money(total.subtotal, currency),
        "discount": money(-total.discount, currency),
        "tax": money(total.tax, currency),
        "total": money(total.total, currency),
        "margin": percent(foreseen.inputs.margin_percent),
    }
    return {**shown, **{f"line-{n}": money(line.totals.net, currency) for n, line in enumerate(priced)}}


def _flat(messages: Any, path: str = "") -> dict[str, list[str]]:
    """Name each wrong field by its path: lines.0.quantity."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, inside in messages.items():
            found.update(_flat(inside, f"{path}.{key}" if path else str(key)))
        return found
    return {path: [str(each) for each in messages]}


@blueprint.get("/orders/products")
@signed_in()
def products() -> Response:
    """Find products for the grid."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        found = catalogue.list_products(tx, search=request.args.get("q", "")[:100], is_active=True, limit=12)
    return jsonify(
        [
            {
                "id": str(product.id),
                "sku": product.sku,
                "name": product.name,
                "price": f"{product.price.normalize():f}",
                "tax_percent": f"{product.tax_percent.normalize():f}",
                "unit": product.unit,
                "available": f"{(product.on_hand - product.reserved).normalize():f}"
                if product.is_stocked
                else None,
            }
            for product in found
        ]
    )


@blueprint.post("/orders/<uuid:order_id>/submit")
@signed_in(Role.SALES)
def submit(order_id: UUID) -> BaseResponse:
    actor = current_actor()
    try:
        commands.submit(actor, order_id)
    except InvalidError as error:
        with reading(actor.org_id) as tx:
            context = _form(tx, detail.get_order(tx, order_id))
        return page("orders/form.html", 422, error=error, **context)
    return go(f"/orders/{order_id}", gettext("Submitted. Its page shows who decides."))


@blueprint.post("/orders/<uuid:order_id>/customer")
@signed_in(Role.SALES)
def change_customer(order_id: UUID) -> BaseResponse:
    """Give a draft another customer; the form then says what that did to its prices."""
    actor = current_actor()
    customer_id = identity(request.form.get("customer_id"))
    with reading(actor.org_id) as tx:
        detail.get_order(tx, order_id)  # whoever may not see it learns nothing, whatever they sent
    if customer_id is None:
        raise InvalidError("the customer cannot order", {"customer_id": ["is empty"]})
    count = commands.change_customer(actor, order_id, customer_id)
    said = gettext("The customer was changed. No price is another one by that.")
    if count:
        said = ngettext(
            "The customer was changed. %(num)d line was quoted anew at its list price.",
            "The customer was changed. %(num)d lines were quoted anew at their list prices.",
            count,
        )
    return go(f"/orders/{order_id}/edit", said)


@blueprint.post("/orders/<uuid:order_id>/cancel")
@signed_in(Role.SALES)
def cancel(order_id: UUID) -> BaseResponse:
    commands.cancel(current_actor(), order_id, request.form.get("reason", ""))
    return go(
        f"/orders/{order_id}", gettext("Cancelled. What was reserved is released, what was paid is refunded.")
    )


@blueprint.post("/orders/<uuid:order_id>/comment")
@signed_in()
def comment(order_id: UUID) -> BaseResponse:
    commands.comment(current_actor(), order_id, request.form.get("text", ""))
    return go(f"/orders/{order_id}#timeline", gettext("Commented."))


@blueprint.get("/orders/<uuid:order_id>/documents/<uuid:document_id>")
@signed_in()
def document(order_id: UUID, document_id: UUID) -> Response:
    """Show an invoice or a delivery note, ready to print."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        papers = documents.documents_of(tx, order_id)
    found = _one(papers, document_id)
    return page("orders/document.html", paper=found)


def _one(papers: Iterable[documents.Document], document_id: UUID) -> documents.Document:
    for paper in papers:
        if paper.id == document_id:
            return paper
    raise NotFoundError("document", document_id)
