"""/api/v1/products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, jsonify
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import PageQuery, Schema, if_match, page_of, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Currency, Measure, Money, Text
from app.catalogue import commands, queries
from app.database import reading
from app.paging import after_name, cut

blueprint = new_blueprint("catalogue", __name__, "Products with price, tax, cost and stock.")
ZERO, MOST = Decimal(0), commands.MOST


class ProductIn(Schema):
    sku = Text(longest=60, shortest=1, metadata={"examples": ["CHR-200"]})
    name = Text(shortest=1, metadata={"examples": ["Office chair, mesh back"]})
    description = Text(longest=4000)
    unit = Text(longest=20, shortest=1)
    currency = Currency()
    price = Money(low=ZERO, high=MOST)
    cost = Money(low=ZERO, high=MOST)
    tax_percent = Measure(low=ZERO, high=Decimal(100), metadata={"examples": ["19"]})
    is_stocked = ma.fields.Boolean(truthy={True}, falsy={False})
    is_active = ma.fields.Boolean(truthy={True}, falsy={False})


class NewProduct(ProductIn):
    sku = Text(required=True, longest=60, shortest=1, metadata={"examples": ["CHR-200"]})
    name = Text(required=True, shortest=1, metadata={"examples": ["Office chair, mesh back"]})
    currency = Currency(required=True)
    price = Money(required=True, low=ZERO, high=MOST)


class ProductOut(Schema):
    id = ma.fields.UUID(required=True)
    sku = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    unit = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    price = Money(required=True)
    cost = Money(required=True)
    tax_percent = Measure(required=True)
    is_stocked = ma.fields.Boolean(required=True)
    on_hand = Measure(required=True)
    reserved = Measure(required=True)
    is_active = ma.fields.Boolean(required=True)
    version = ma.fields.Integer(required=True)


class ProductQuery(PageQuery):
    search = Text(longest=100, load_default="")
    is_active = ma.fields.Boolean(load_default=None)


class SavedProductOut(Schema):
    id = ma.fields.UUID(required=True)
    version = ma.fields.Integer(required=True)


class StockIn(Schema):
    """How many lie in the warehouse now, and why this differs from what was kept."""

    on_hand = Measure(required=True, low=ZERO, high=MOST, metadata={"examples": ["120"]})
    reason = Text(required=True, shortest=1, longest=500)


@blueprint.route("/products")
class Products(MethodView):
    @allowed("catalogue:read")
    @blueprint.arguments(ProductQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(ProductOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List products in order of name."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            rows = queries.list_products(
                tx,
                search=query["search"],
                is_active=query["is_active"],
                after=after_name(query["cursor"]),
                limit=query["limit"] + 1,
            )
        page, following = cut(rows, query["limit"], lambda row: (row.name, row.id))
        return {"items": page, "next": following}

    @allowed("catalogue:write", Role.SALES, Role.OPERATOR)
    @blueprint.arguments(NewProduct)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, SavedProductOut)
    def post(self, given: dict[str, Any]) -> commands.Saved:
        """Add a product."""
        return commands.create(current_actor(), given)


@blueprint.route("/products/<uuid:product_id>")
class OneProduct(MethodView):
    @allowed("catalogue:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, ProductOut)
    def get(self, product_id: UUID) -> Response:
        """Return a product; the ETag is its version."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            product = queries.get_product(tx, product_id)
        response = jsonify(ProductOut().dump(product))
        response.headers["ETag"] = f'"{product.version}"'
        return response

    @allowed("catalogue:write", Role.SALES, Role.OPERATOR)
    @blueprint.arguments(ProductIn)
    @refusals(blueprint, 401, 403, 404, 412, 422)
    @blueprint.response(200, SavedProductOut)
    def patch(self, given: dict[str, Any], product_id: UUID) -> commands.Saved:
        """Change what is given; orders keep the prices that they were made with."""
        return commands.change(current_actor(), product_id, given, if_match())


@blueprint.route("/products/<uuid:product_id>/stock")
class Stock(MethodView):
    @allowed("catalogue:write", Role.SALES, Role.OPERATOR)
    @blueprint.arguments(StockIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, SavedProductOut)
    def put(self, given: dict[str, Any], product_id: UUID) -> commands.Saved:
        """Correct the stock, with a reason that the record keeps."""
        return commands.correct_stock(current_actor(), product_id, given["on_hand"], given["reason"])
