"""What every room's pages share: who may see them, how they are rendered, how errors look."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Response, g, make_response, redirect, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import csrf_token, find_actor, find_actor_quietly
from app.accounts.models import Role
from app.api import answer_error, answer_http
from app.api_wording import answer_of
from app.config import settings
from app.database import is_away, lost_race
from app.errors import AwayError, BusyError, PlacetError, RefusedError, UnauthenticatedError
from app.field_words import field_words, order_field_words, problem_words
from app.i18n import HTML_LANGUAGE, LANGUAGES, language
from app.observing import log

View = TypeVar("View", bound=Callable[..., Any])
LOOKING = ("GET", "HEAD", "OPTIONS")
JSON_PATHS = ("/api/", "/events/", "/orders/products", "/orders/panel")


def signed_in(*roles: Role) -> Callable[[View], View]:
    """Guard a page: a visitor is sent to sign in, a person without one of these roles is refused."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor = find_actor()
            if actor is None:
                return _to_sign_in()
            if actor.scopes is not None:  # a page asks for no scope, so a token must not open it
                raise RefusedError("a token opens the API; pages are for people who sign in")
            if roles:
                actor.require(*roles)
            return view(*args, **kwargs)

        return cast(View, guarded)

    return guard


def _to_sign_in() -> BaseResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else _page_asked_from()
    where = f"/sign-in?next={quote(wanted)}"
    if is_fragment():
        return Response(status=401, headers={"HX-Redirect": where})
    return redirect(where)


def _page_asked_from() -> str:
    """Return the page whose form or button was used, so that signing in leads back to it."""
    parts = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    return parts.path + (f"?{parts.query}" if parts.query else "") if parts.netloc == request.host else "/"


def is_fragment() -> bool:
    """Say whether a part of a page is asked for, by htmx."""
    return request.headers.get("HX-Request") == "true"


def page(template: str, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(template, **context), status)


def go(where: str, message: str | None = None) -> BaseResponse:
    """Send the browser on after a change; `message` is shown there once."""
    fragment = Response(status=204, headers={"HX-Redirect": where})
    response: BaseResponse = fragment if is_fragment() else redirect(where, 303)
    if message:
        response.set_cookie("placet_said", quote(message), max_age=20, samesite="Lax", httponly=True)
    return response


def init(app: Flask) -> None:
    """Give templates what they all need, and errors their page."""
    app.context_processor(_shell)
    app.jinja_env.filters["urldecode"] = unquote
    app.jinja_env.filters["field_words"] = field_words
    app.jinja_env.filters["problem_words"] = problem_words
    app.jinja_env.globals["order_field_words"] = order_field_words
    app.jinja_env.globals["form_token"] = csrf_token  # a macro sees globals only, not the context of its page
    app.register_error_handler(PlacetError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DBAPIError, _answer_database)
    app.after_request(_forget_message)


def _shell() -> dict[str, Any]:
    actor = find_actor_quietly()
    return {
        "actor": actor,
        "csrf_token": csrf_token() if actor else "",
        "events_url": settings().events_url if actor else "",
        "lang": HTML_LANGUAGE[language()],
        "language": language(),
        "languages": LANGUAGES,
        "message": unquote(request.cookies.get("placet_said", "")),
        "role": Role,
    }


def _forget_message(response: Response) -> Response:
    if "placet_said" in request.cookies and response.status_code == 200 and response.mimetype == "text/html":
        response.delete_cookie("placet_said")
    return response


def _wants_json() -> bool:
    return request.path.startswith(JSON_PATHS) or request.is_json


def _answer_error(error: PlacetError) -> Any:
    if _wants_json():
        return answer_error(error)
    if isinstance(error, UnauthenticatedError):
        return _to_sign_in()
    return _error_page(error.status, error.message, getattr(error, "fields", {}))


def _answer_database(error: DBAPIError) -> Any:
    """Say that it may be tried again where that is so; whatever else a database says is a fault of ours."""
    if is_away(error):
        log.warning("the database is away", error=type(error.orig).__name__)
        return _answer_error(AwayError())
    if lost_race(error):
        return _answer_error(BusyError("somebody changed this at the same moment; try again"))
    raise error


def _answer_http(error: HTTPException) -> Any:
    if _wants_json():
        return answer_http(error)
    code = error.code or 500
    if 300 <= code < 400:
        return error
    return _error_page(code, answer_of(error), {})


def _error_page(status: int, message: str, fields: dict[str, Any]) -> Response:
    template = "_error.html" if is_fragment() else "error.html"
    response = page(
        template,
        status,
        error_message=message,
        error_fields=fields,
        error_status=status,
        wanted_change=request.method not in LOOKING,
        request_id=g.request_id,
    )
    if is_fragment():
        response.headers["HX-Retarget"] = "#alerts"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
