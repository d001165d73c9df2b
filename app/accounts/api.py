"""/api/v1/me, people, teams, tokens."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, jsonify
from flask.views import MethodView
from sqlalchemy import select

from app.accounts import commands, passwords, queries
from app.accounts.door import allowed, csrf_token, current_actor, set_cookie
from app.accounts.models import ApiToken, Role
from app.accounts.signing_in import SESSION_LASTS
from app.api import Schema, refusals
from app.api import blueprint as new_blueprint
from app.api_fields import Text
from app.database import reading
from app.rate_limiting import limited, limited_tries

blueprint = new_blueprint("accounts", __name__, "People, teams, tokens, and who is asking.")
_ROLES = [str(role) for role in Role]
_PASSWORD = ma.validate.Length(passwords.SHORTEST, passwords.LONGEST)
_TEAM = r"^[a-z][a-z0-9_]{0,58}$"


class MeOut(Schema):
    """Who is asking; `csrf_token` is empty for a token."""

    person_id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    email = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    teams = ma.fields.List(ma.fields.String(), required=True)
    csrf_token = ma.fields.String(required=True)


class SettingsIn(Schema):
    """One's own settings; what is left out stays. A language of null is the browser's."""

    locale = ma.fields.String(allow_none=True, validate=ma.validate.OneOf(commands.LANGUAGES))
    theme = ma.fields.String(validate=ma.validate.OneOf(["system", "light", "dark"]))
    density = ma.fields.String(validate=ma.validate.OneOf(["comfortable", "compact"]))
    keys_on = ma.fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "Whether single keys are shortcuts."}
    )


class _PasswordChange(Schema):
    """`revoke_tokens`: the person's API tokens end too; otherwise they stay valid."""

    revoke_tokens = ma.fields.Boolean(load_default=False, truthy={True}, falsy={False})


class OwnPasswordIn(_PasswordChange):
    current_password = ma.fields.String(
        required=True, load_only=True, validate=ma.validate.Length(1, passwords.LONGEST)
    )
    new_password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class PasswordIn(_PasswordChange):
    password = ma.fields.String(required=True, load_only=True, validate=_PASSWORD)


class PasswordOut(Schema):
    """How many API tokens of the person are still valid."""

    tokens_left = ma.fields.Integer(required=True)


class PersonOut(Schema):
    id = ma.fields.UUID(required=True)
    email = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    roles = ma.fields.List(ma.fields.String(), required=True)
    teams = ma.fields.List(ma.fields.String(), required=True)
    is_active = ma.fields.Boolean(required=True)


class PeopleOut(Schema):
    items = ma.fields.List(ma.fields.Nested(PersonOut), required=True)


class NewPersonIn(Schema):
    email = Text(required=True, shortest=3, metadata={"examples": ["ann@example.com"]})
    name = Text(required=True, shortest=1, longest=120)
    password = ma.fields.String(load_default=None, allow_none=True, load_only=True, validate=_PASSWORD)
    roles = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(_ROLES)), required=True)
    teams = ma.fields.List(ma.fields.String(validate=ma.validate.Regexp(_TEAM)), load_default=list)


class PersonChangeIn(Schema):
    name = Text(shortest=1, longest=120)
    roles = ma.fields.List(ma.fields.String(validate=ma.validate.OneOf(_ROLES)))
    teams = ma.fields.List(ma.fields.String(validate=ma.validate.Regexp(_TEAM)))
    is_active = ma.fields.Boolean(truthy={True}, falsy={False})


class TeamOut(Schema):
    id = ma.fields.UUID(required=True)
    key = ma.fields.String(required=True)
    name = ma.fields.String(required=True)


class TeamsOut(Schema):
    items = ma.fields.List(ma.fields.Nested(TeamOut), required=True)


class NewTeamIn(Schema):
    """A diagram names a team by its key, which never changes."""

    key = ma.fields.String(required=True, validate=ma.validate.Regexp(_TEAM))
    name = Text(required=True, shortest=1, longest=120)


class IdOut(Schema):
    id = ma.fields.UUID(required=True)


class TokenOut(Schema):
    id = ma.fields.UUID(required=True)
    name = ma.fields.String(required=True)
    scopes = ma.fields.List(ma.fields.String(), required=True)
    created_at = ma.fields.AwareDateTime(required=True)
    expires_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    revoked_at = ma.fields.AwareDateTime(required=True, allow_none=True)


class TokensOut(Schema):
    items = ma.fields.List(ma.fields.Nested(TokenOut), required=True)


class NewTokenIn(Schema):
    name = Text(required=True, shortest=1, longest=120)
    scopes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(sorted([*commands.SCOPES, "*"]))),
        required=True,
        validate=ma.validate.Length(1, 30),
    )
    expires_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class NewTokenOut(Schema):
    """`secret` is shown this once."""

    id = ma.fields.UUID(required=True)
    secret = ma.fields.String(required=True)


@blueprint.route("/me")
class Me(MethodView):
    @refusals(blueprint, 401)
    @blueprint.response(200, MeOut)
    def get(self) -> dict[str, Any]:
        """Say who is asking."""
        actor = current_actor()
        return {
            "person_id": actor.person_id,
            "name": actor.name,
            "email": actor.email,
            "roles": sorted(actor.roles),
            "teams": sorted(actor.teams),
            "csrf_token": csrf_token(),
        }

    @allowed("accounts:write")
    @blueprint.arguments(SettingsIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(204)
    def patch(self, given: dict[str, Any]) -> None:
        """Change one's own language, theme, density or keys."""
        commands.change_settings(current_actor(), **given)


@blueprint.route("/me/password")
class OwnPassword(MethodView):
    @limited("120 per minute")
    @limited_tries("10 per minute")
    @allowed("accounts:write")
    @blueprint.arguments(OwnPasswordIn)
    @refusals(blueprint, 401, 403, 409, 422, 429)
    @blueprint.response(200, PasswordOut)
    def post(self, given: dict[str, Any]) -> Response:
        """Change one's own password: ends all other sessions and renews the cookie of this one.

        API tokens stay valid unless `revoke_tokens`; the answer says how many are left.
        Only for a session: no scope lets a token do it. A wrong present password is answered 401 and counts
        as one at `POST /sessions` does; after five, both are locked (429).
        """
        current, new, revoke = given["current_password"], given["new_password"], given["revoke_tokens"]
        changed = passwords.change_own(current_actor(), current, new, revoke_tokens=revoke)
        response = jsonify(PasswordOut().dump(changed))
        set_cookie(response, changed.session.secret, int(SESSION_LASTS.total_seconds()))
        return response


@blueprint.route("/people")
class People(MethodView):
    @allowed("accounts:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, PeopleOut)
    def get(self) -> dict[str, Any]:
        """List the people of the organisation with their roles and teams."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"items": [asdict(person) for person in queries.people_with_teams(tx)]}

    @allowed("accounts:write", Role.ADMINISTRATOR)
    @blueprint.arguments(NewPersonIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, IdOut)
    def post(self, given: dict[str, Any]) -> dict[str, UUID]:
        """Add somebody who can sign in."""
        actor = current_actor()
        return {"id": commands.add_person(actor.org_id, actor.person_id, **given)}


@blueprint.route("/people/<uuid:person_id>")
class OnePerson(MethodView):
    @allowed("accounts:write", Role.ADMINISTRATOR)
    @blueprint.arguments(PersonChangeIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(204)
    def patch(self, given: dict[str, Any], person_id: UUID) -> None:
        """Change a person's name, roles or teams, or end their access."""
        commands.change_person(current_actor(), person_id, **given)


@blueprint.route("/people/<uuid:person_id>/password")
class PasswordOfPerson(MethodView):
    @allowed("accounts:write", Role.ADMINISTRATOR)
    @blueprint.arguments(PasswordIn)
    @refusals(blueprint, 401, 403, 404, 422)
    @blueprint.response(200, PasswordOut)
    def post(self, given: dict[str, Any], person_id: UUID) -> dict[str, int]:
        """Give a person a new password: ends their sessions and unlocks their door. Not for oneself."""
        actor, revoke = current_actor(), given["revoke_tokens"]
        left = passwords.set_password(actor, person_id, given["password"], revoke_tokens=revoke)
        return {"tokens_left": left}


@blueprint.route("/teams")
class Teams(MethodView):
    @allowed("accounts:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, TeamsOut)
    def get(self) -> dict[str, Any]:
        """List the teams that diagrams can name."""
        actor = current_actor()
        with reading(actor.org_id) as tx:
            return {"items": queries.list_teams(tx)}

    @allowed("accounts:write", Role.ADMINISTRATOR)
    @blueprint.arguments(NewTeamIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, IdOut)
    def post(self, given: dict[str, Any]) -> dict[str, UUID]:
        """Add a team."""
        actor = current_actor()
        return {"id": commands.add_team(actor.org_id, actor.person_id, given["key"], given["name"])}


@blueprint.route("/tokens")
class Tokens(MethodView):
    @allowed("accounts:read")
    @refusals(blueprint, 401, 403)
    @blueprint.response(200, TokensOut)
    def get(self) -> dict[str, Any]:
        """List one's own tokens; their secrets are not kept."""
        actor = current_actor()
        statement = (
            select(ApiToken).where(ApiToken.person_id == actor.person_id).order_by(ApiToken.created_at.desc())
        )
        with reading(actor.org_id) as tx:
            return {"items": list(tx.session.scalars(statement))}

    @allowed("accounts:write")
    @blueprint.arguments(NewTokenIn)
    @refusals(blueprint, 401, 403, 422)
    @blueprint.response(201, NewTokenOut)
    def post(self, given: dict[str, Any]) -> commands.NewToken:
        """Make a token that acts as oneself within its scopes."""
        return commands.add_own_token(current_actor(), given["name"], given["scopes"], given["expires_at"])


@blueprint.route("/tokens/<uuid:token_id>")
class OneToken(MethodView):
    @allowed("accounts:write")
    @refusals(blueprint, 401, 403, 404)
    @blueprint.response(204)
    def delete(self, token_id: UUID) -> None:
        """End a token at once."""
        commands.revoke_token(current_actor(), token_id)
