"""/api/v1/needs/form for who sets the form up, /api/v1/forms/… for a site that shows it in its own way."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask.views import MethodView

from app.accounts.door import allowed, current_actor
from app.accounts.models import Role
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Measure, Text
from app.config import settings
from app.database import reading
from app.needs.forms import commands, guarding, queries
from app.rate_limiting import limited

blueprint = new_blueprint("need_forms", __name__, "The form by which customers enter their needs themselves.")
_LANGUAGES = {"en": "en", "zh": "zh_Hans_CN"}
_FIELDS = ma.validate.OneOf(list(commands.FIELDS))


class NeedFormIn(Schema):
    """What is left out stays; `asked` beside type and text. Other words of consent are a new version."""

    is_on = ma.fields.Boolean(truthy={True}, falsy={False})
    title_en = Text(longest=190)
    title_zh = Text(longest=190)
    types = ma.fields.List(Text(longest=80, shortest=1), metadata={"examples": [["lighting", "chairs"]]})
    asked = ma.fields.List(ma.fields.String(validate=_FIELDS), metadata={"examples": [["name", "email"]]})
    sites = ma.fields.List(ma.fields.String(), metadata={"examples": [["https://www.example.com"]]})
    consent_en = Text(longest=4000, metadata={"examples": ["You may keep this to answer me."]})
    consent_zh = Text(longest=4000, metadata={"examples": ["同意保存以便回复。"]})


class NeedFormOut(Schema):
    is_on = ma.fields.Boolean(required=True)
    title_en = ma.fields.String(required=True)
    title_zh = ma.fields.String(required=True)
    types = ma.fields.List(ma.fields.String(), required=True)
    asked = ma.fields.List(ma.fields.String(), required=True)
    sites = ma.fields.List(ma.fields.String(), required=True)
    consent_en = ma.fields.String(required=True)
    consent_zh = ma.fields.String(required=True)
    consent_version = ma.fields.Integer(required=True)
    address = ma.fields.String(required=True)


class FormLanguageQuery(Schema):
    lang = ma.fields.String(load_default="en", validate=ma.validate.OneOf(list(_LANGUAGES)))


class PublicFormOut(Schema):
    """What to show and ask; `seal` goes back with the answer, three seconds to a day later."""

    organisation = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    types = ma.fields.List(ma.fields.String(), required=True)
    asked = ma.fields.List(ma.fields.String(), required=True)
    consent = ma.fields.String(required=True)
    consent_version = ma.fields.Integer(required=True)
    seal = ma.fields.String(required=True)


class SentNeedIn(Schema):
    """What a customer wants; nothing is kept without `consent` to the version that they were shown."""

    seal = ma.fields.String(required=True, validate=ma.validate.Length(max=400))
    need_type = Text(required=True, longest=80)
    text = Text(required=True, longest=4000, shortest=1)
    name = Text(load_default="", longest=190)
    email = Text(load_default="", longest=190)
    phone = Text(load_default="", longest=60)
    quantity = Measure(load_default=Decimal(1), low=Decimal(0), high=Decimal(10**12))
    consent = ma.fields.Boolean(required=True, truthy={True}, falsy={False})
    consent_version = ma.fields.Integer(required=True, strict=True)
    lang = ma.fields.String(load_default="en", validate=ma.validate.OneOf(list(_LANGUAGES)))


class SentNeedOut(Schema):
    number = ma.fields.String(required=True)


@blueprint.route("/needs/form")
class OneNeedForm(MethodView):
    @allowed("needs:read", Role.ADMINISTRATOR)
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, NeedFormOut)
    def get(self) -> dict[str, Any]:
        """Return the public form as it is set up, with the address of its page."""
        with reading(current_actor().org_id) as tx:
            form, text, slug = queries.for_administrator(tx)
        wanted = commands.wanted_of(form, text)
        told = {name: getattr(wanted, name) for name in wanted.__slots__} | {"asked": wanted.fields}
        version = form.consent_version if form else 0
        return {**told, "consent_version": version, "address": f"{settings().base_url}/f/{slug}"}

    @allowed("needs:write", Role.ADMINISTRATOR)
    @blueprint.arguments(NeedFormIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def put(self, given: dict[str, Any]) -> None:
        """Set the public form up, or switch it on and off."""
        actor = current_actor()
        if "asked" in given:
            given["fields"] = given.pop("asked")
        with reading(actor.org_id) as tx:
            form, text, _ = queries.for_administrator(tx)
        commands.set_up(actor, replace(commands.wanted_of(form, text), **given))


@blueprint.route("/forms/<string:slug>")
class PublicForm(MethodView):
    @limited("60 per minute")
    @blueprint.arguments(FormLanguageQuery, location="query")
    @refusals(blueprint, 404, 422, 429)
    @blueprint.response(200, PublicFormOut)
    @blueprint.doc(security=[])
    def get(self, query: dict[str, Any], slug: str) -> dict[str, Any]:
        """Say what a business's form asks, and the text that its sender must agree to."""
        form = queries.find_public(slug, is_chinese=query["lang"] == "zh")
        names = ("organisation", "title", "types", "consent", "consent_version")
        told = {name: getattr(form, name) for name in names}
        return {**told, "asked": form.fields, "seal": guarding.seal(form.org_id)}

    @limited("10 per minute; 100 per day")
    @blueprint.arguments(SentNeedIn)
    @refusals(blueprint, 404, 422, 429)
    @blueprint.response(201, SentNeedOut)
    @blueprint.doc(security=[])
    def post(self, given: dict[str, Any], slug: str) -> dict[str, str]:
        """Send a need; the same seal again is the same need, with the same number."""
        language = given.pop("lang")
        form = queries.find_public(slug, is_chinese=language == "zh")
        sending = commands.Sending(
            guarding.opened(form.org_id, given.pop("seal"), ""),
            given.pop("consent_version"),
            _LANGUAGES[language],
            given.pop("consent"),
            given,
        )
        return {"number": commands.take(form.org_id, sending)}
