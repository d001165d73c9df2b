"""/api/v1/customers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, g, jsonify, stream_with_context
from flask.views import MethodView

from app import downloads
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.accounts.queries import currency_of
from app.api import PageQuery, Schema, if_match, page_of, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Money, Text
from app.customers import commands, erasing, export, profiling, queries
from app.customers.models import Profiling, Risk
from app.database import reading
from app.insights.pseudonyms import hiding
from app.insights.segments import queries as segments
from app.paging import after_name, cut

blueprint = new_blueprint("customers", __name__, "Customers and their contacts.")
_RISKS = [str(risk) for risk in Risk]
COUNTRY = r"^[A-Z]{2}$"
ZERO = Decimal(0)


class CustomerIn(Schema):
    name = Text(shortest=1, metadata={"examples": ["Northwind Offices"]})
    kind = ma.fields.String(validate=ma.validate.OneOf(["business", "person"]))
    email = Text(allow_none=True)
    phone = Text(longest=60, allow_none=True)
    tax_number = Text(longest=60, allow_none=True)
    street = Text(allow_none=True)
    postcode = Text(longest=20, allow_none=True)
    city = Text(longest=120, allow_none=True)
    country = ma.fields.String(allow_none=True, validate=ma.validate.Regexp(COUNTRY))
    locale = ma.fields.String(validate=ma.validate.OneOf(commands.LOCALES))
    risk = ma.fields.String(validate=ma.validate.OneOf(_RISKS))
    credit_limit = Money(low=ZERO, high=commands.MOST_CREDIT)
    payment_days = ma.fields.Integer(strict=True, validate=ma.validate.Range(0, 365))
    notes = Text(longest=4000)
    is_active = ma.fields.Boolean(truthy={True}, falsy={False})


class NewCustomer(CustomerIn):
    name = Text(required=True, shortest=1, metadata={"examples": ["Northwind Offices"]})


class CustomerOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    email = ma.fields.String(required=True, allow_none=True)
    phone = ma.fields.String(required=True, allow_none=True)
    tax_number = ma.fields.String(required=True, allow_none=True)
    street = ma.fields.String(required=True, allow_none=True)
    postcode = ma.fields.String(required=True, allow_none=True)
    city = ma.fields.String(required=True, allow_none=True)
    country = ma.fields.String(required=True, allow_none=True)
    locale = ma.fields.String(required=True)
    risk = ma.fields.String(required=True)
    credit_limit = Money(required=True)
    payment_days = ma.fields.Integer(required=True)
    notes = ma.fields.String(required=True)
    is_active = ma.fields.Boolean(required=True)
    profiling = ma.fields.String(required=True, validate=ma.validate.OneOf([str(each) for each in Profiling]))
    profiling_text = ma.fields.String(required=True)
    profiling_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    version = ma.fields.Integer(required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    erased_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class CustomerQuery(PageQuery):
    search = Text(longest=100, load_default="")
    risk = ma.fields.String(load_default=None, validate=ma.validate.OneOf(_RISKS))
    is_active = ma.fields.Boolean(load_default=None)
    segment = Text(longest=20, load_default="")


class SavedCustomerOut(Schema):
    id = ma.fields.UUID(required=True)
    number = ma.fields.String(required=True)
    version = ma.fields.Integer(required=True)


class ContactIn(Schema):
    name = Text(required=True, shortest=1)
    email = Text(load_default=None, allow_none=True)
    phone = Text(longest=60, load_default=None, allow_none=True)
    position = Text(longest=120, load_default=None, allow_none=True)
    is_main = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class ContactOut(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    email = ma.fields.String(required=True, allow_none=True)
    phone = ma.fields.String(required=True, allow_none=True)
    position = ma.fields.String(required=True, allow_none=True)
    is_main = ma.fields.Boolean(required=True)


class ContactsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(ContactOut), required=True)


class NewIdOut(Schema):
    id = ma.fields.UUID(required=True)


class ErasedOut(Schema):
    """How many rows were cleared or removed in all rooms."""

    rows = ma.fields.Integer(required=True)


class ProfilingIn(Schema):
    """What the customer said, and which version of the text it was said to."""

    said = ma.fields.String(required=True, validate=ma.validate.OneOf(["agreed", "refused"]))
    text = Text(
        shortest=1,
        longest=profiling.LONGEST_TEXT,
        load_default=profiling.NEWEST_TEXT,
        metadata={"examples": [profiling.NEWEST_TEXT]},
    )


class ProfilingOut(Schema):
    """How many rows that were computed of the customer went."""

    rows = ma.fields.Integer(required=True)


class CustomerExportQuery(CustomerQuery):
    """As the list's, but all pages at once; with `pseudonyms` nobody is named."""

    class Meta(Schema.Meta):
        exclude = ("limit", "cursor")

    pseudonyms = ma.fields.Boolean(load_default=False)


@blueprint.route("/customers.csv")
class CustomerExport(MethodView):
    @allowed("customers:read")
    @blueprint.arguments(CustomerExportQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, {"type": "string"}, content_type="text/csv")
    def get(self, query: dict[str, Any]) -> Response:
        """Export all customers that a list would show; with pseudonyms to who does not work with them."""
        actor = current_actor()
        pseudonym = hiding(actor, query["pseudonyms"])
        downloads.note(actor, "customers.csv", hidden=pseudonym is not None, asked=query)
        with reading(actor.org_id) as tx:
            among = segments.narrow(tx, query["segment"]) if query["segment"] else None
        lines = export.csv_lines(
            actor.org_id,
            search=query["search"],
            risk=query["risk"],
            is_active=query["is_active"],
            among=among,
            pseudonym=pseudonym,
        )
        headers = {"Content-Disposition": 'attachment; filename="customers.csv"'}
        return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


@blueprint.route("/customers")
class Customers(MethodView):
    @allowed("customers:read")
    @blueprint.arguments(CustomerQuery, location="query")
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(200, page_of(CustomerOut))
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List customers in order of name."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            g.currency = currency_of(tx)
            rows = queries.list_customers(
                tx,
                search=query["search"],
                risk=query["risk"],
                is_active=query["is_active"],
                among=segments.narrow(tx, query["segment"]) if query["segment"] else None,
                after=after_name(query["cursor"]),
                limit=query["limit"] + 1,
            )
        page, following = cut(rows, query["limit"], lambda row: (row.name, row.id))
        return {"items": page, "next": following}

    @allowed("customers:write", Role.SALES)
    @blueprint.arguments(NewCustomer)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, SavedCustomerOut)
    def post(self, given: dict[str, Any]) -> commands.Saved:
        """Add a customer."""
        return commands.create(current_actor(), given)


@blueprint.route("/customers/<uuid:customer_id>")
class OneCustomer(MethodView):
    @allowed("customers:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, CustomerOut)
    def get(self, customer_id: UUID) -> Response:
        """Return a customer; the ETag is its version."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            g.currency = currency_of(tx)
            customer = queries.get_customer(tx, customer_id)
        response = jsonify(CustomerOut().dump(customer))
        response.headers["ETag"] = f'"{customer.version}"'
        return response

    @allowed("customers:write", Role.SALES)
    @blueprint.arguments(CustomerIn)
    @refusals(blueprint, 401, 403, 404, 409, 412, 422)
    @blueprint.response(200, SavedCustomerOut)
    def patch(self, given: dict[str, Any], customer_id: UUID) -> commands.Saved:
        """Change what is given; with If-Match somebody else's change is never overwritten."""
        return commands.change(current_actor(), customer_id, given, if_match())


@blueprint.route("/customers/<uuid:customer_id>/contacts")
class Contacts(MethodView):
    @allowed("customers:read")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(200, ContactsOut)
    def get(self, customer_id: UUID) -> dict[str, Any]:
        """List the people to talk to at a customer."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            queries.get_customer(tx, customer_id)
            return {"items": queries.list_contacts(tx, customer_id)}

    @allowed("customers:write", Role.SALES)
    @blueprint.arguments(ContactIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(201, NewIdOut)
    def post(self, given: dict[str, Any], customer_id: UUID) -> dict[str, UUID]:
        """Add a person to talk to."""
        return {"id": commands.add_contact(current_actor(), customer_id, given)}


@blueprint.route("/customers/<uuid:customer_id>/contacts/<uuid:contact_id>")
class OneContact(MethodView):
    @allowed("customers:write", Role.SALES)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(204)
    def delete(self, customer_id: UUID, contact_id: UUID) -> None:
        """Remove a person to talk to."""
        commands.remove_contact(current_actor(), customer_id, contact_id)


@blueprint.route("/customers/<uuid:customer_id>/erase")
class CustomerErasure(MethodView):
    @allowed("customers:write", Role.ADMINISTRATOR)
    @refusals(blueprint, 401, 403, 404, 409)
    @blueprint.response(200, ErasedOut)
    def post(self, customer_id: UUID) -> dict[str, int]:
        """Erase all that is about this person, for good; what was sold stays under their number."""
        return {"rows": erasing.erase(current_actor(), customer_id)}


@blueprint.route("/customers/<uuid:customer_id>/profiling")
class CustomerProfiling(MethodView):
    @allowed("customers:write", Role.SALES)
    @blueprint.arguments(ProfilingIn)
    @refusals(blueprint, 401, 403, 404, 409, 422)
    @blueprint.response(200, ProfilingOut)
    def put(self, given: dict[str, Any], customer_id: UUID) -> dict[str, int]:
        """Keep whether the customer agrees that what they may want next is learned from their orders.

        A refusal counts at once: nothing is suggested any more, and what was computed is removed.
        """
        return {"rows": profiling.say(current_actor(), customer_id, given["said"], given["text"])}
