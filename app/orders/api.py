"""/api/v1/orders: orders entered, found, changed, submitted and cancelled."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from flask import Response
from flask.views import MethodView

from app import downloads
from app.accounts.actor import Actor
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import blueprint as new_blueprint
from app.api import body_digest, if_match, refusals
from app.customers.queries import customers_erased
from app.database import reading
from app.insights.pseudonyms import hiding
from app.orders import commands, export, idempotency, queries
from app.orders.detail import OrderDetail, get_order
from app.orders.idempotency import Answer
from app.orders.schemas import (
    CancelIn,
    ChangeIn,
    ExportQuery,
    IdempotencyHeaders,
    NewOrderIn,
    OrderOut,
    OrderPage,
    OrderQuery,
    VersionHeaders,
)
from app.orders.terms import Change, NewLine, NewOrder
from app.paging import after_moment, cut

blueprint = new_blueprint("orders", __name__, "Orders, from draft to closed.")
_ORDER = OrderOut()


@blueprint.route("/orders")
class Orders(MethodView):
    @allowed("orders:read")
    @blueprint.arguments(OrderQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, OrderPage)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List orders, the newest first."""
        with reading(current_actor().org_id) as tx:
            after = after_moment(query["cursor"])
            rows = queries.list_orders(tx, filter_of(query), after=after, limit=query["limit"] + 1)
        page, following = cut(rows, query["limit"], queries.cursor_of)
        return {"items": page, "next": following}

    @allowed("orders:write", Role.SALES)
    @blueprint.arguments(IdempotencyHeaders, location="headers")
    @blueprint.arguments(NewOrderIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, OrderOut)
    def post(self, headers: dict[str, Any], given: dict[str, Any]) -> Response:
        """Enter an order, and submit it where `submit` is true."""
        actor, submit = current_actor(), given.pop("submit")
        new = new_order_of(given)
        answer = _place(actor, new, submit, headers["key"])
        return Response(orjson.dumps(answer.body), answer.status, mimetype="application/json")


def _place(actor: Actor, new: NewOrder, submit: bool, key: str | None) -> Answer:
    if key is None:
        return _answer(commands.place(actor, new, submit=submit))
    return idempotency.answer_once(
        actor.org_id,
        key,
        "POST /api/v1/orders",
        body_digest(),
        lambda tx: _answer(commands.place_in(tx, actor, new, submit=submit)),
    )


def _answer(order: OrderDetail) -> Answer:
    return Answer(201, _ORDER.dump(order))


def filter_of(query: dict[str, Any]) -> queries.OrderFilter:
    """Return the filter that a list's query asks for."""
    return queries.OrderFilter(
        search=query["search"],
        statuses=tuple(str(status) for status in query["status"]),
        **{
            name: query[name]
            for name in (
                "customer_id",
                "requester_id",
                "entered_from",
                "entered_to",
                "total_from",
                "total_to",
            )
        },
    )


def new_order_of(given: dict[str, Any]) -> NewOrder:
    """Return a loaded OrderIn as a value."""
    return NewOrder(**{**given, "lines": _lines(given["lines"])})


def _lines(given: list[dict[str, Any]]) -> tuple[NewLine, ...]:
    return tuple(NewLine(**line) for line in given)


def _tagged(order: OrderDetail) -> tuple[OrderDetail, dict[str, str]]:
    return order, {"ETag": f'"{order.version}"'}


@blueprint.route("/orders.csv")
class Export(MethodView):
    @allowed("orders:read")
    @blueprint.arguments(ExportQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, query: dict[str, Any]) -> Response:
        """Export all orders that a list would show; with pseudonyms to who does not work with customers."""
        actor = current_actor()
        pseudonym = hiding(actor, query["pseudonyms"])
        downloads.note(actor, "orders.csv", hidden=pseudonym is not None, asked=query)
        with reading(actor.org_id) as tx:
            erased = customers_erased(tx) if pseudonym else frozenset()
            body = "".join(export.csv_lines(queries.every_order(tx, filter_of(query)), pseudonym, erased))
        headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
        return Response(body, mimetype="text/csv", headers=headers)


@blueprint.route("/orders/<uuid:order_id>")
class OneOrder(MethodView):
    @allowed("orders:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, OrderOut)
    def get(self, order_id: UUID) -> tuple[OrderDetail, dict[str, str]]:
        """Return an order with its lines, its milestones and where it stands."""
        with reading(current_actor().org_id) as tx:
            return _tagged(get_order(tx, order_id))

    @allowed("orders:write", Role.SALES)
    @blueprint.arguments(VersionHeaders, location="headers")
    @blueprint.arguments(ChangeIn)
    @refusals(blueprint, 401, 403, 404, 409, 412, 422)
    @blueprint.response(200, OrderOut)
    def patch(
        self, headers: dict[str, Any], given: dict[str, Any], order_id: UUID
    ) -> tuple[OrderDetail, dict[str, str]]:
        """Change a draft, or an order that was sent back for changes."""
        if "lines" in given:
            given["lines"] = _lines(given["lines"])
        return _tagged(commands.change_order(current_actor(), order_id, Change(**given), if_match()))


@blueprint.route("/orders/<uuid:order_id>/submit")
class Submission(MethodView):
    @allowed("orders:write", Role.SALES)
    @blueprint.arguments(VersionHeaders, location="headers")
    @refusals(blueprint, 401, 403, 404, 409, 412, 422)
    @blueprint.response(200, OrderOut)
    def post(self, headers: dict[str, Any], order_id: UUID) -> tuple[OrderDetail, dict[str, str]]:
        """Submit a draft, or an order that was changed as asked."""
        return _tagged(commands.submit(current_actor(), order_id, if_match()))


@blueprint.route("/orders/<uuid:order_id>/cancel")
class Cancellation(MethodView):
    @allowed("orders:write")
    @blueprint.arguments(CancelIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, OrderOut)
    def post(self, given: dict[str, Any], order_id: UUID) -> tuple[OrderDetail, dict[str, str]]:
        """Cancel an order: what was reserved is released, what was paid is refunded."""
        return _tagged(commands.cancel(current_actor(), order_id, given["reason"]))
