"""The form that customers see, perhaps within another site's page, and the page that sets it up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext, refresh
from markupsafe import escape
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.config import settings
from app.database import reading
from app.entered import amount
from app.errors import InvalidError
from app.i18n import ASKED, LANGUAGES, language
from app.needs.forms import commands, guarding, queries
from app.needs.forms.queries import PublicForm
from app.rate_limiting import limited
from app.security_headers import policy
from app.web import go, page, signed_in

blueprint = Blueprint("need_forms", __name__)
_SHORT = {"en": "en", "zh": "zh_Hans_CN"}


@blueprint.get("/f/<string:slug>")
@limited("60 per minute")
def form_page(slug: str) -> Response:
    return _shown(_find(slug), {}, None)


@blueprint.post("/f/<string:slug>")
@limited("10 per minute; 100 per day")
def send(slug: str) -> Response:
    """Keep what a customer sent, once; nobody signs in for it."""
    form = _find(slug)
    entered = request.form
    values: dict[str, Any] = {
        name: entered.get(name, "").strip() for name in ("need_type", "text", "name", "email", "phone")
    }
    values["quantity"] = amount(entered.get("quantity") or "1")
    if values["quantity"] is not None and values["quantity"] <= Decimal(0):
        values["quantity"] = None
    try:
        shown = guarding.opened(form.org_id, entered.get("seal", ""), entered.get(guarding.TRAP, ""))
        version = entered.get("consent_version", "")
        sending = commands.Sending(
            shown,
            int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            language(),
            entered.get("consent") == "1",
            values,
        )
        number = commands.take(form.org_id, sending)
    except InvalidError as error:
        return _shown(form, entered, error)
    return _framed(form, page("needs/forms/thanks.html", form=form, number=number))


def _find(slug: str) -> PublicForm:
    if asked := _SHORT.get(request.args.get("lang", "")):
        request.environ[ASKED] = asked
        refresh()
    return queries.find_public(slug, is_chinese=language() != "en")


def _shown(form: PublicForm, given: Any, error: InvalidError | None) -> Response:
    shown = page(
        "needs/forms/form.html",
        422 if error else 200,
        form=form,
        given=given,
        error=error,
        seal=guarding.seal(form.org_id),
        trap=guarding.TRAP,
        short={long: short for short, long in _SHORT.items()}[language()],
        choices={short: LANGUAGES[long] for short, long in _SHORT.items()},
    )
    return _framed(form, shown)


def _framed(form: PublicForm, response: Response) -> Response:
    """Let the organisation's own sites, and no others, show this page within theirs."""
    response.headers["Content-Security-Policy"] = policy(settings(), " ".join(form.sites) or "'none'")
    return response


@blueprint.get("/needs/form")
@signed_in(Role.ADMINISTRATOR)
def setup_page() -> Response:
    return _setup(None)


def _setup(error: InvalidError | None) -> Response:
    with reading(current_actor().org_id) as tx:
        form, text, slug = queries.for_administrator(tx)
    address = f"{settings().base_url}/f/{slug}"
    title = form.title_en if form else ""
    return page(
        "needs/forms/setup.html",
        422 if error else 200,
        form=form,
        text=text,
        given=request.form if error else None,
        error=error,
        address=address,
        code=f'<iframe src="{address}" title="{escape(title)}" width="100%" height="900"></iframe>',
        fields=commands.FIELDS,
    )


@blueprint.post("/needs/form")
@signed_in(Role.ADMINISTRATOR)
def set_up() -> BaseResponse:
    form = request.form
    wanted = commands.Wanted(
        is_on=form.get("is_on") == "1",
        title_en=form.get("title_en", "").strip(),
        title_zh=form.get("title_zh", "").strip(),
        types=_lines(form.get("types", "")),
        fields=form.getlist("fields"),
        sites=[site.rstrip("/") for site in _lines(form.get("sites", ""))],
        consent_en=form.get("consent_en", "").strip().replace("\r\n", "\n"),
        consent_zh=form.get("consent_zh", "").strip().replace("\r\n", "\n"),
    )
    try:
        commands.set_up(current_actor(), wanted)
    except InvalidError as error:
        return _setup(error)
    return go("/needs/form", gettext("Saved."))


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
