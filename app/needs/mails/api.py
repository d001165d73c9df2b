"""/api/v1/needs/mail: whether mails become needs, and what the service that hands them over must know."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.config import settings
from app.database import reading
from app.needs.mails import commands

blueprint = new_blueprint("need_mails", __name__, "Needs that come by mail.")


class NeedMailIn(Schema):
    """With `new_secret` the old one is worthless at once."""

    is_on = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    need_type = Text(required=True, longest=80, shortest=1)
    new_secret = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class NeedMailOut(Schema):
    is_on = ma.fields.Boolean(required=True)
    need_type = ma.fields.String(required=True)
    address = ma.fields.String(required=True)
    secret = ma.fields.String(required=True)


@blueprint.route("/needs/mail")
class NeedMail(MethodView):
    @allowed("needs:read", Role.ADMINISTRATOR)
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, NeedMailOut)
    def get(self) -> dict[str, Any]:
        """Return whether mails are taken, and the address and secret for the mail service."""
        with reading(current_actor().org_id) as tx:
            inbox = commands.inbox_of(tx)
        address = f"{settings().base_url}/hooks/mail/{inbox.slug}"
        return {
            "is_on": inbox.is_on,
            "need_type": inbox.need_type,
            "address": address,
            "secret": inbox.secret,
        }

    @allowed("needs:write", Role.ADMINISTRATOR)
    @blueprint.arguments(NeedMailIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any]) -> None:
        """Switch mails on or off, say of which type their needs are, or make a new secret."""
        commands.set_up(current_actor(), **given)
