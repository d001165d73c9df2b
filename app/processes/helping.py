"""The ways out of an incident: try again, go on elsewhere, answer by a BPMN error, end the instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import workflows
from app import audit
from app.database import Transaction
from app.errors import ConflictError, InvalidError
from app.outbox import wake
from app.outbox.models import CallStatus, ServiceCall
from app.processes import incidents, operating
from app.processes.errors import starved
from app.processes.incident_rows import TIMERS
from app.processes.loaded import Loaded
from app.processes.models import Incident
from app.processes.news import tell
from app.processes.operating import Act, Foreseen, Verb
from app.processes.projections import Cause, record
from app.processes.suspending import MESSAGE


class Way(StrEnum):
    """What operators do about an incident."""

    RETRY = "retry"
    SKIP = "skip"
    ANSWER = "answer"
    CANCEL = "cancel"
    REDELIVER = "redeliver"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Help:
    """One way with what it needs, and why it is gone.

    `variables` are set before the element is tried again: a call that was given up is then made anew, with
    its inputs evaluated again. `target` is where the instance goes on instead; `code` and `message` are the
    BPMN error's that the diagram is to catch; `business_key` says for whom a message is that nobody took.
    What nobody waits for, such as that message or a mail, can be let go.
    """

    way: Way
    reason: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""
    code: str = ""
    message: str = ""
    business_key: str = ""


def check(given: Help) -> None:
    """Raise InvalidError where no reason is given, or what the way needs is lacking."""
    needs = {
        Way.SKIP: {"target": given.target},
        Way.ANSWER: {"code": given.code},
        Way.REDELIVER: {"business_key": given.business_key},
    }
    wanted = {"reason": given.reason.strip(), **needs.get(given.way, {})}
    missing = {name: ["is empty"] for name, value in wanted.items() if not value}
    if missing:
        raise InvalidError("nothing was done", dict(missing))


def perform(tx: Transaction, incident_id: UUID, given: Help, by: UUID, now: datetime) -> None:
    """Go this way; raise ConflictError where it leads nowhere."""
    incident, loaded = incidents.lock(tx, incident_id)
    if given.way is Way.RETRY and not _is_anew(incident, given):
        incidents.retry_in(tx, incident, loaded, given.reason, given.variables, by, now)
        return
    if given.way in (Way.REDELIVER, Way.DROP):
        _deal_with_call(tx, incident, given, by, now)
        return
    stands = _standing(incident, loaded, given.way)
    if given.way is Way.CANCEL:
        incidents.close(tx, incident, "incident.cancelled", given.reason, by, now)
        operating.perform(tx, stands, Act(Verb.CANCEL, given.reason), by, now)
    else:
        step, action = _step(tx, incident, stands, given, now), _ACTIONS[given.way]
        incidents.close(tx, incident, action, given.reason, by, now)
        record(tx, stands, step, Cause(action, by, now, _told(incident, given)))
    tell(tx, "incident", incident.instance_id, now)


def foresee(
    tx: Transaction, incident: Incident, loaded: Loaded | None, given: Help, now: datetime
) -> Foreseen:
    """Return what `perform` would do; raise as it would."""
    if given.way is Way.RETRY and not _is_anew(incident, given):
        return _foresee_retry(tx, incident, loaded, given, now)
    if given.way in (Way.REDELIVER, Way.DROP):
        call = _loose_call(tx, incident, given.way)
        return Foreseen(calls=(call.handler,) if given.way is Way.REDELIVER else ())
    stands = _standing(incident, loaded, given.way)
    if given.way is Way.CANCEL:
        return operating.foresee(tx, stands, Act(Verb.CANCEL, given.reason), now)
    return operating.of_step(stands, _step(tx, incident, stands, given, now))


def _is_anew(incident: Incident, given: Help) -> bool:
    """Say whether a call is to be made with something else than before."""
    return bool(given.variables) and incident.service_call_id is not None and incident.token_key is not None


def _foresee_retry(
    tx: Transaction, incident: Incident, loaded: Loaded | None, given: Help, now: datetime
) -> Foreseen:
    """What the relay tries again by itself, a due timer or a held decision, moves nothing at once."""
    incidents.check_variables(incident, given.variables)
    if incident.service_call_id is not None:
        return Foreseen(calls=(tx.session.get_one(ServiceCall, incident.service_call_id).handler,))
    stands = _standing(incident, loaded, given.way)
    deployment, key = operating.deployment_of(tx, stands), incident.token_key or ""
    try:
        return operating.of_step(stands, workflows.retry(deployment, stands.state, key, now, given.variables))
    except workflows.NotOpenError:
        return Foreseen()
    except workflows.StarvedError as error:
        raise starved(error) from error


def _loose_call(tx: Transaction, incident: Incident, way: Way) -> ServiceCall:
    """Return the call of an incident that no element waits for; raise ConflictError for any other."""
    call = tx.session.get(ServiceCall, incident.service_call_id) if incident.service_call_id else None
    if call is None or call.call_key is not None or call.status != CallStatus.FAILED:
        raise ConflictError("an element waits for this: it cannot be let go or given to another")
    if way is Way.REDELIVER and not is_message(call):
        raise ConflictError("this is no message: it cannot be given to another")
    return call


def is_message(call: ServiceCall) -> bool:
    """Say whether a call carries a message, which is for one."""
    return call.handler == MESSAGE and call.inputs.get("kind") == "message"


def _deal_with_call(tx: Transaction, incident: Incident, given: Help, by: UUID, now: datetime) -> None:
    call = _loose_call(tx, incident, given.way)
    if given.way is Way.DROP:
        incidents.close(tx, incident, "incident.dropped", given.reason, by, now)
        call.status, call.due_at = CallStatus.WITHDRAWN, None
    else:
        incidents.close(tx, incident, "message.redelivered", given.reason, by, now)
        correlation = {**(call.inputs.get("correlation") or {}), "business_key": given.business_key}
        call.inputs = {**call.inputs, "correlation": correlation}
        call.status, call.attempts, call.due_at, call.error = CallStatus.WAITING, 0, now, None
        wake(tx)
    tell(tx, "incident", incident.instance_id, now)


def _standing(incident: Incident, loaded: Loaded | None, way: Way) -> Loaded:
    if loaded is None or (incident.token_key is None and way is not Way.CANCEL):
        raise ConflictError("no instance stands at this incident: it can only be tried again")
    return loaded


def _step(tx: Transaction, incident: Incident, loaded: Loaded, given: Help, now: datetime) -> workflows.Step:
    deployment, key = operating.deployment_of(tx, loaded), incident.token_key or ""
    if key == TIMERS:
        raise ConflictError("this is about the timers of an instance: give them another time, or try again")
    try:
        if given.way is Way.RETRY:
            return workflows.call_again(deployment, loaded.state, key, given.variables, now)
        if given.way is Way.SKIP:
            return workflows.skip(deployment, loaded.state, key, given.target, now)
        return workflows.raise_error(deployment, loaded.state, key, given.code, given.message, now)
    except workflows.NotOpenError as error:
        raise ConflictError("nothing stands at this incident any more: reload and look again") from error
    except (workflows.NotMovableError, workflows.UncaughtError) as error:
        raise operating.refusal(error) from error


_ACTIONS = {
    Way.RETRY: "incident.retried",
    Way.SKIP: "incident.skipped",
    Way.ANSWER: "incident.answered",
}


def _told(incident: Incident, given: Help) -> dict[str, Any]:
    about = {"reason": given.reason, "element": incident.element}
    if given.way is Way.RETRY:
        return {**about, **audit.told("variables", given.variables)}
    if given.way is Way.SKIP:
        return {**about, "target": given.target}
    return {**about, "code": given.code, "message": given.message}
