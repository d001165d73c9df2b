"""/api/v1/orders/…: who approves and why, what happened, comments, papers, reports of parties."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import g
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.accounts.queries import currency_of
from app.api import blueprint as new_blueprint
from app.api import refusals
from app.database import reading
from app.moments import utc_now
from app.orders import arrivals, commands, detail, expectation, foresight, preview
from app.orders.api import new_order_of
from app.orders.documents import documents_of
from app.orders.schemas import CommentIn, CommentOut, OrderIn
from app.orders.story.schemas import DocumentsOut, OutlookOut, PreviewOut, ReportIn, TimelineOut
from app.orders.timeline import timeline_of

blueprint = new_blueprint("order_stories", __name__, "What follows from an order, and what came of it.")


@blueprint.route("/orders/preview")
class NewPreview(MethodView):
    @allowed("orders:read")
    @blueprint.arguments(OrderIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, PreviewOut)
    def post(self, given: dict[str, Any]) -> preview.Preview:
        """Say who would have to approve an order that is not kept, and why."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            g.currency = currency_of(tx)
            return preview.preview_new(tx, actor, new_order_of(given))


@blueprint.route("/orders/<uuid:order_id>/preview")
class KeptPreview(MethodView):
    @allowed("orders:read")
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, PreviewOut)
    def get(self, order_id: UUID) -> preview.Preview:
        """Say who would have to approve this order as it stands, and why."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            g.currency = currency_of(tx)
            return preview.preview_order(tx, order_id)


@blueprint.route("/orders/<uuid:order_id>/outlook")
class OrderOutlook(MethodView):
    @allowed("orders:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, OutlookOut)
    def get(self, order_id: UUID) -> dict[str, Any]:
        """Say how likely an order does not go well, with the main reasons, and when it is likely closed."""
        now = utc_now()
        with reading(current_actor().org_id) as tx:
            order = detail.get_order(tx, order_id)
            foreseen = foresight.foresee_order(tx, order_id, now)
            end = expectation.expectation_of(tx, order, now)
        return {"risk": foreseen.risk, "risk_lacking": foreseen.lacking, "end": end}


@blueprint.route("/orders/<uuid:order_id>/timeline")
class Timeline(MethodView):
    @allowed("orders:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, TimelineOut)
    def get(self, order_id: UUID) -> dict[str, Any]:
        """Tell everything that happened to an order, the oldest first."""
        with reading(current_actor().org_id) as tx:
            return {"items": timeline_of(tx, order_id)}


@blueprint.route("/orders/<uuid:order_id>/comments")
class Comments(MethodView):
    @allowed("orders:write")
    @blueprint.arguments(CommentIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(201, CommentOut)
    def post(self, given: dict[str, Any], order_id: UUID) -> commands.Said:
        """Say something about an order, for everybody who reads it."""
        return commands.comment(current_actor(), order_id, given["text"])


@blueprint.route("/orders/<uuid:order_id>/documents")
class Documents(MethodView):
    @allowed("orders:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, DocumentsOut)
    def get(self, order_id: UUID) -> dict[str, Any]:
        """Return the invoices and delivery notes of an order."""
        with reading(current_actor().org_id) as tx:
            return {"items": documents_of(tx, order_id)}


@blueprint.route("/orders/<uuid:order_id>/reports")
class Reports(MethodView):
    @allowed("orders:write", Role.SALES, Role.OPERATOR)
    @blueprint.arguments(ReportIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(202)
    def post(self, given: dict[str, Any], order_id: UUID) -> None:
        """Take a report: a parcel was delivered, goods or money arrived. Repeating it changes nothing."""
        arrivals.announce(current_actor(), order_id, given["event"], given["reference"])
