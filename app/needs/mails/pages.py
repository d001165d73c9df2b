"""Where mail services hand messages over, and the page that says how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.api import answer_error
from app.config import settings
from app.database import reading
from app.errors import InvalidError, PlacetError
from app.keeping import is_unkeepable
from app.needs.mails import commands
from app.needs.mails.reading import message_of
from app.rate_limiting import limited_tries
from app.web import go, page, signed_in

blueprint = Blueprint("need_mails", __name__)
SIGNATURE, TOKEN = "X-Placet-Signature", "X-Placet-Token"  # names of headers


@blueprint.url_value_preprocessor
def _keep_body(endpoint: str | None, _: Any) -> None:
    """A form's body is gone once it was read as a form; what is signed are its bytes."""
    if endpoint == "need_mails.take":
        request.get_data(cache=True)


@blueprint.post("/hooks/mail/<string:slug>")
@limited_tries("30 per minute")
def take(slug: str) -> Any:
    """Take a message; 200 with the need's number, also when it comes again."""
    try:
        token = request.headers.get(TOKEN) or request.args.get("token", "")
        inbox = commands.prove(slug, request.get_data(), request.headers.get(SIGNATURE, ""), token)
        taken = commands.take(inbox, message_of(_given()))
    except PlacetError as error:
        return answer_error(error)
    return jsonify({"need": taken.number, "new": taken.is_new})


def _given() -> Mapping[str, Any]:
    if request.mimetype in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return request.form.to_dict()
    try:
        given = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise InvalidError("the message was not taken", {"body": ["is neither JSON nor a form"]}) from error
    if not isinstance(given, Mapping) or is_unkeepable(given):
        raise InvalidError("the message was not taken", {"body": ["is no JSON object that can be kept"]})
    return given


@blueprint.get("/needs/mail")
@signed_in(Role.ADMINISTRATOR)
def setup_page() -> Response:
    return _setup(None)


def _setup(error: InvalidError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        inbox = commands.inbox_of(tx)
    return page(
        "needs/mail.html",
        422 if error else 200,
        inbox=inbox,
        error=error,
        address=f"{settings().base_url}/hooks/mail/{inbox.slug}",
        signature=SIGNATURE,
        token=TOKEN,
    )


@blueprint.post("/needs/mail")
@signed_in(Role.ADMINISTRATOR)
def set_up() -> BaseResponse:
    form = request.form
    try:
        commands.set_up(
            current_actor(),
            is_on=form.get("is_on") == "1",
            need_type=form.get("need_type", "").strip(),
            new_secret=form.get("new_secret") == "1",
        )
    except InvalidError as error:
        return _setup(error)
    return go("/needs/mail", gettext("Saved."))
