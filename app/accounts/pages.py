"""Signing in and out, one's own settings and tokens, and the people of the organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import commands, door, passwords, queries, signing_in
from app.accounts.door import current_actor, find_actor
from app.accounts.models import ApiToken, Role
from app.config import settings
from app.database import Transaction, reading
from app.entered import whole_number
from app.errors import InvalidError, PlacetError
from app.i18n import COOKIE, LANGUAGES
from app.moments import utc_now
from app.rate_limiting import limited, limited_tries
from app.web import go, page, signed_in

blueprint = Blueprint("accounts", __name__)
LONGEST_TOKEN_DAYS = 3650


@blueprint.get("/")
def home() -> BaseResponse:
    return redirect("/inbox")


@blueprint.get("/sign-in")
def sign_in_page() -> BaseResponse:
    if find_actor() is not None:
        return redirect(_next())
    return page("accounts/sign_in.html", next=_next(), error=None, email="")


@blueprint.post("/sign-in")
@limited("120 per minute")
@limited_tries("10 per minute")
def sign_in() -> BaseResponse:
    """Open a session; a wrong password is said on the same page."""
    door.refuse_other_origins()
    email = request.form.get("email", "")
    try:
        signed = signing_in.sign_in(
            email, request.form.get("password", ""), request.headers.get("User-Agent")
        )
    except signing_in.LockedError as error:
        return page("accounts/sign_in.html", 429, next=_next(), error=_locked(error), email=email)
    except signing_in.SignInError:
        said = gettext("The address or the password is wrong.")
        return page("accounts/sign_in.html", 401, next=_next(), error=said, email=email)
    return _with_session(redirect(_next(), 303), signed)


def _locked(error: signing_in.LockedError) -> str:
    when = f"{error.until:%H:%M}"
    return str(gettext("Too many wrong passwords. Try again after %(time)s UTC.", time=when))


def _with_session(response: BaseResponse, signed: signing_in.SignedIn) -> BaseResponse:
    door.set_cookie(response, signed.secret, int(signing_in.SESSION_LASTS.total_seconds()))  # type: ignore[arg-type] # werkzeug's response has the same method
    return response


def _next() -> str:
    """Return where to go, on our own site only."""
    wanted = request.values.get("next", "/inbox")
    parts = urlsplit(wanted)
    safe = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc
    return wanted if safe and parts.path not in ("/", "/sign-in") else "/inbox"


@blueprint.post("/sign-out")
@signed_in()
def sign_out() -> BaseResponse:
    signing_in.sign_out(current_actor())
    response = redirect("/sign-in", 303)
    door.clear_cookie(response)  # type: ignore[arg-type] # werkzeug's response has the same method
    return response


@blueprint.post("/language")
def choose_language() -> BaseResponse:
    """Choose a language before signing in."""
    door.refuse_other_origins()
    response = redirect("/sign-in", 303)
    chosen = request.form.get("language", "en")
    if chosen in LANGUAGES:
        response.set_cookie(COOKIE, chosen, max_age=31536000, samesite="Lax", httponly=True)
    return response


@blueprint.get("/settings")
@signed_in()
def settings_page() -> Response:
    return _settings()


def _settings(
    secret: str = "",
    error: InvalidError | None = None,
    password_error: InvalidError | None = None,
    status: int = 0,
) -> Response:
    actor = current_actor()
    with reading(actor.org_id) as tx:
        tokens = _tokens(tx, actor.person_id)
    return page(
        "accounts/settings.html",
        status or (422 if error or password_error else 200),
        tokens=tokens,
        secret=secret,
        error=error,
        password_error=password_error,
        scopes=sorted(commands.SCOPES),
        now=utc_now(),
        undo_seconds=settings().undo_seconds,
    )


def _tokens(tx: Transaction, person_id: UUID) -> list[ApiToken]:
    statement = select(ApiToken).where(ApiToken.person_id == person_id).order_by(ApiToken.created_at.desc())
    return list(tx.session.scalars(statement))


@blueprint.post("/settings")
@signed_in()
def change_settings() -> BaseResponse:
    form = request.form
    chosen: dict[str, Any] = {
        "locale": form["locale"] if form.get("locale") in LANGUAGES else None,
        "theme": form["theme"] if form.get("theme") in ("light", "dark") else "system",
        "density": "compact" if form.get("density") == "compact" else "comfortable",
        "keys_on": form.get("keys_on") == "on",
    }
    commands.change_settings(current_actor(), **chosen)
    return go("/settings", gettext("Saved."))


@blueprint.post("/settings/password")
@limited("120 per minute")
@limited_tries("10 per minute")
@signed_in()
def change_password() -> BaseResponse:
    """Change one's own password; what is wrong is said at its field, with the status that signing in has."""
    current, new = request.form.get("current_password", ""), request.form.get("new_password", "")
    try:
        if new != request.form.get("repeated_password", ""):
            raise InvalidError("the password was not changed", {"repeated_password": ["is another one"]})
        revoke = bool(request.form.get("revoke_tokens"))
        changed = passwords.change_own(current_actor(), current, new, revoke_tokens=revoke)
    except InvalidError as error:
        return _settings(password_error=error)
    except (signing_in.SignInError, signing_in.LockedError) as error:
        said = _locked(error) if isinstance(error, signing_in.LockedError) else error.message
        refused = InvalidError("the password was not changed", {"current_password": [said]})
        return _settings(password_error=refused, status=error.status)
    said = gettext("Changed. All other sessions of yours have ended.")
    return _with_session(go("/settings", f"{said} {_tokens_left(changed.tokens_left)}"), changed.session)


@blueprint.post("/settings/tokens")
@signed_in()
def add_token() -> Response:
    """Make a token and show its secret on the answer itself: it is kept nowhere."""
    days = whole_number(request.form.get("days", "90"))
    try:
        if days is None or days > LONGEST_TOKEN_DAYS:
            raise InvalidError("no token was made", {"days": [gettext("is not a number of days")]})
        expires = utc_now() + timedelta(days=days) if days else None
        made = commands.add_own_token(
            current_actor(), request.form.get("name", ""), request.form.getlist("scopes"), expires
        )
    except InvalidError as error:
        return _settings(error=error)
    return _settings(secret=made.secret)


@blueprint.post("/settings/tokens/<uuid:token_id>/revoke")
@signed_in()
def revoke_token(token_id: UUID) -> BaseResponse:
    commands.revoke_token(current_actor(), token_id)
    return go("/settings#tokens", gettext("The token opens nothing any more."))


@blueprint.get("/people")
@signed_in(Role.ADMINISTRATOR)
def people_page() -> Response:
    return _people()


def _people(error: PlacetError | None = None, given: Any = None, about: UUID | None = None) -> Response:
    """`about`: the person whose form was wrong; none where it was that of a new one."""
    actor = current_actor()
    with reading(actor.org_id) as tx:
        people, teams = queries.people_with_teams(tx), queries.list_teams(tx)
    return page(
        "accounts/people.html",
        error.status if error else 200,
        people=people,
        teams=teams,
        roles=list(Role),
        error=error,
        given=given or {},
        about=about,
    )


@blueprint.post("/people")
@signed_in(Role.ADMINISTRATOR)
def add_person() -> BaseResponse:
    actor = current_actor()
    try:
        commands.add_person(
            actor.org_id,
            actor.person_id,
            email=request.form.get("email", ""),
            name=request.form.get("name", ""),
            password=request.form.get("password", ""),
            roles=request.form.getlist("roles"),
            teams=request.form.getlist("teams"),
        )
    except InvalidError as error:
        return _people(error, request.form)
    return go("/people", gettext("Added."))


@blueprint.post("/people/<uuid:person_id>")
@signed_in(Role.ADMINISTRATOR)
def change_person(person_id: UUID) -> BaseResponse:
    try:
        commands.change_person(
            current_actor(),
            person_id,
            roles=request.form.getlist("roles"),
            teams=request.form.getlist("teams"),
            is_active=request.form.get("is_active") == "on",
        )
    except InvalidError as error:
        return _people(error, about=person_id)
    return go("/people", gettext("Saved."))


@blueprint.post("/people/<uuid:person_id>/password")
@signed_in(Role.ADMINISTRATOR)
def set_password(person_id: UUID) -> BaseResponse:
    given, revoke = request.form.get("password", ""), bool(request.form.get("revoke_tokens"))
    try:
        left = passwords.set_password(current_actor(), person_id, given, revoke_tokens=revoke)
    except InvalidError as error:
        return _people(error, about=person_id)
    said = gettext("The new password is set. All sessions of this person have ended.")
    return go("/people", f"{said} {_tokens_left(left)}")


def _tokens_left(count: int) -> str:
    if not count:
        return str(gettext("No API token is valid."))
    return str(ngettext("%(num)s API token stays valid.", "%(num)s API tokens stay valid.", count))


@blueprint.post("/teams")
@signed_in(Role.ADMINISTRATOR)
def add_team() -> BaseResponse:
    actor = current_actor()
    try:
        commands.add_team(
            actor.org_id, actor.person_id, request.form.get("key", ""), request.form.get("name", "")
        )
    except InvalidError as error:
        return _people(error)
    return go("/people", gettext("Added."))
