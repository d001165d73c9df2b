"""The administrator's page of the business and its parties."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import business
from app.accounts.business import PARTIES, PartyChoice
from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.errors import InvalidError
from app.web import go, page, signed_in

blueprint = Blueprint("business", __name__)


@blueprint.get("/business")
@signed_in(Role.ADMINISTRATOR)
def business_page() -> Response:
    return _business()


def _business(error: InvalidError | None = None) -> Response:
    with reading(current_actor().org_id) as tx:
        found = business.read_business(tx)
    return page("accounts/business.html", 422 if error else 200, business=found, kinds=PARTIES, error=error)


@blueprint.post("/business")
@signed_in(Role.ADMINISTRATOR)
def change() -> BaseResponse:
    form = request.form
    choices = {
        role: PartyChoice(
            form[f"{role}.kind"],
            form.get(f"{role}.name", ""),
            form.get(f"{role}.url", "").strip(),
            form.get(f"{role}.token", ""),
        )
        for role in PARTIES
        if f"{role}.kind" in form
    }
    whom = form.get("profiles_unasked")
    try:
        rows = business.change_business(
            current_actor(), form.get("name"), choices, None if whom is None else whom == "yes"
        )
    except InvalidError as error:
        return _business(error)
    if rows:
        gone = gettext("Of customers who never agreed %(count)s computed rows were removed.", count=rows)
        return go("/business", gone)
    return go("/business", gettext("Saved. The next service call goes there."))
