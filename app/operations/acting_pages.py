"""The pages of an operator's verbs: a form, what would come of it, and then it is done."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.entered import whole_number
from app.errors import NotFoundError, PlacetError
from app.moments import utc_now
from app.operations import acting, acting_view
from app.operations.acting_forms import act_from, help_from
from app.orders.standing import standing_of
from app.processes.operating import Foreseen
from app.web import go, page, signed_in

blueprint = Blueprint("acting", __name__)


@blueprint.get("/instances/<uuid:instance_id>/act")
@signed_in(Role.OPERATOR)
def act_page(instance_id: UUID) -> Response:
    return _act_page(instance_id)


@blueprint.post("/instances/<uuid:instance_id>/act")
@signed_in(Role.OPERATOR)
def act(instance_id: UUID) -> BaseResponse:
    """Say what would come of it; do it once somebody has seen that."""
    actor = current_actor()
    try:
        asked = act_from(request.form, utc_now())
        if "sure" not in request.form:
            return _act_page(instance_id, acting.foresee(actor, instance_id, asked))
        acting.do(actor, instance_id, asked, whole_number(request.form.get("revision")))
    except NotFoundError:
        raise
    except PlacetError as error:
        return _act_page(instance_id, error=error)
    return go(f"/instances/{instance_id}", gettext("It is done, and in the record."))


def _act_page(
    instance_id: UUID, foreseen: Foreseen | None = None, error: PlacetError | None = None
) -> Response:
    with reading(current_actor().org_id) as tx:
        subject = acting_view.subject_of(tx, instance_id)
        standings = standing_of(tx, instance_id)
    verb = request.values.get("verb", "")
    if verb not in subject.verbs:
        verb = next(iter(subject.verbs), "")
    return page(
        "operations/act.html",
        error.status if error else 200,
        subject=subject,
        standings=standings,
        verb=verb,
        given=request.form,
        foreseen=foreseen,
        error=error,
    )


@blueprint.get("/incidents/<uuid:incident_id>/act")
@signed_in(Role.OPERATOR)
def help_page(incident_id: UUID) -> Response:
    return _help_page(incident_id)


@blueprint.post("/incidents/<uuid:incident_id>/act")
@signed_in(Role.OPERATOR)
def help_out(incident_id: UUID) -> BaseResponse:
    """As `act`, for a way out of an incident."""
    actor = current_actor()
    try:
        asked = help_from(request.form, utc_now())
        if "sure" not in request.form:
            return _help_page(incident_id, acting.foresee_help(actor, incident_id, asked))
        acting.help_out(actor, incident_id, asked)
    except NotFoundError:
        raise
    except PlacetError as error:
        return _help_page(incident_id, error=error)
    return go("/incidents", gettext("It is done, and in the record."))


def _help_page(
    incident_id: UUID, foreseen: Foreseen | None = None, error: PlacetError | None = None
) -> Response:
    with reading(current_actor().org_id) as tx:
        stuck = acting_view.stuck_at(tx, incident_id)
        found = standing_of(tx, stuck.subject.id) if stuck.subject else ()
    standings = sorted(found, key=lambda each: stuck.element not in each.lit)  # where it stopped comes first
    way = request.values.get("way", "")
    if way not in stuck.ways:
        way = next(iter(stuck.ways), "")
    return page(
        "operations/act_incident.html",
        error.status if error else 200,
        stuck=stuck,
        subject=stuck.subject,
        standings=standings,
        way=way,
        given=request.form,
        foreseen=foreseen,
        error=error,
    )
