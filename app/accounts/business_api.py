"""/api/v1/organisation: the business itself, and the parties that it works with."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts import business
from app.accounts.business import PARTIES, PartyChoice, PartyKind
from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading

blueprint = new_blueprint("organisation", __name__, "The business, and the parties that it works with.")


class PartyOut(Schema):
    """A party; whether it has a token is said, the token never is."""

    role = ma.fields.String(required=True)
    kind = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    url = ma.fields.String(required=True)
    has_token = ma.fields.Boolean(required=True)


class OrganisationOut(Schema):
    name = ma.fields.String(required=True)
    currency = ma.fields.String(required=True)
    profiles_unasked = ma.fields.Boolean(required=True)
    parties = ma.fields.List(ma.fields.Nested(PartyOut), required=True)


class PartyIn(Schema):
    """`simulator`, `http` with a url, or `real` for customers; an empty token keeps the one that is there."""

    role = ma.fields.String(required=True, validate=ma.validate.OneOf(list(PARTIES)))
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf([str(kind) for kind in PartyKind]))
    name = Text(load_default="", longest=80)
    url = Text(
        load_default="", longest=business.LONGEST_URL, metadata={"examples": ["https://carrier.example"]}
    )
    token = Text(load_default="", longest=business.LONGEST_TOKEN, load_only=True)


class OrganisationIn(Schema):
    """What is left out stays as it is.

    `profiles_unasked` says whether customers who were never asked are profiled; false removes at once what
    was computed of them.
    """

    name = Text(shortest=1, longest=190)
    profiles_unasked = ma.fields.Boolean(truthy={True}, falsy={False})
    parties = ma.fields.List(ma.fields.Nested(PartyIn), validate=ma.validate.Length(max=len(PARTIES)))


@blueprint.route("/organisation")
class OneOrganisation(MethodView):
    @allowed("accounts:read", Role.ADMINISTRATOR)
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, OrganisationOut)
    def get(self) -> business.Business:
        """Return the business and its parties."""
        with reading(current_actor().org_id) as tx:
            return business.read_business(tx)

    @allowed("accounts:write", Role.ADMINISTRATOR)
    @blueprint.arguments(OrganisationIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def patch(self, given: dict[str, Any]) -> None:
        """Rename the business, choose its parties, or whom to profile."""
        choices = {
            party["role"]: PartyChoice(party["kind"], party["name"], party["url"], party["token"])
            for party in given.get("parties", [])
        }
        asked = given.get("profiles_unasked")
        business.change_business(current_actor(), given.get("name"), choices, asked)
