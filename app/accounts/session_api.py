"""/api/v1/sessions: signing in and out for programs that act as a person in a browser."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, jsonify, request
from flask.views import MethodView

from app.accounts import door, queries, secrets, signing_in
from app.accounts.door import allowed, current_actor
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.config import settings
from app.moments import utc_now
from app.rate_limiting import limited, limited_tries

blueprint = new_blueprint("sessions", __name__, "Signing in with an address and a password.")


class SignInIn(Schema):
    email = ma.fields.String(required=True, validate=ma.validate.Length(min=3, max=190))
    password = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(min=1, max=200))


class SignedInOut(Schema):
    """The session itself is a cookie; changes must send `csrf_token` as X-CSRF-Token."""

    csrf_token = ma.fields.String(required=True)
    expires_at = ma.fields.AwareDateTime(required=True)


@blueprint.route("/sessions")
class Sessions(MethodView):
    @limited("120 per minute")
    @limited_tries("10 per minute")
    @blueprint.arguments(SignInIn)
    @refusals(blueprint, 401, 403, 422, 429)
    @blueprint.response(201, SignedInOut)
    @blueprint.doc(security=[])
    def post(self, given: dict[str, Any]) -> Response:
        """Sign in: sets the session cookie and returns the token that changes must carry."""
        door.refuse_other_origins()
        signed = signing_in.sign_in(given["email"], given["password"], request.headers.get("User-Agent"))
        actor = queries.actor_by_session(secrets.digest_of(signed.secret), utc_now())
        if actor is None or actor.session_id is None:
            raise AssertionError("a session that was just opened is not there")
        token = secrets.csrf_token(settings().secret_key, actor.session_id)
        response = jsonify(csrf_token=token, expires_at=signed.expires_at.isoformat())
        response.status_code = 201
        door.set_cookie(response, signed.secret, int(signing_in.SESSION_LASTS.total_seconds()))
        return response

    @allowed("accounts:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(204)
    def delete(self) -> Response:
        """Sign out: ends the session that this request came with."""
        signing_in.sign_out(current_actor())
        response = Response(status=204)
        door.clear_cookie(response)
        return response
