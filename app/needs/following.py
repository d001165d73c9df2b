"""Moving a need along its diagram: its instance begins when somebody first moves or plans it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.errors import ConflictError, NotFoundError
from app.needs import stages
from app.needs.models import Need, NeedStatus
from app.needs.stages import Flow, Stage
from app.processes import advance, deployments, operating
from app.processes.loaded import Loaded
from app.processes.operating import Act, Verb
from app.wording import worded

NOTE = worded("The flow of needs that Placet ships")
QUIET = timedelta(days=7)
# A due day reminds in the morning (UTC).
REMINDED_AT = time(8)


@dataclass(frozen=True, slots=True)
class Held:
    """A locked need, and its locked instance where it has one that runs."""

    need: Need
    loaded: Loaded | None


def lock(tx: Transaction, need_id: UUID) -> Held:
    """Lock a need, its instance first, as everywhere; raise NotFoundError for another organisation's."""
    instance_id = tx.session.scalar(select(Need.instance_id).where(Need.id == need_id))
    loaded = advance.load(tx, instance_id) if instance_id else None
    need = tx.session.get(Need, need_id, with_for_update=True, populate_existing=True)
    if need is None:
        raise NotFoundError("need", need_id)
    if need.instance_id != instance_id:
        raise ConflictError("somebody else moved this on at the same moment; reload and look again")
    return Held(need, loaded if loaded and not loaded.finished else None)


def possible(tx: Transaction, need: Need) -> tuple[str, ...]:
    """Return the stages to which a need can go now; none while something else is waited for.

    They are what its diagram allows at its stage, read from no state: an instance whose own variables allow
    less refuses when it is moved.
    """
    if need.merged_into_id is not None:
        return ()
    newest = stages.current(tx)
    stands = newest.stage(need.status)
    if need.closed_at is not None:
        return () if need.order_id is not None else (newest.first.key,)
    if need.instance_id is not None:
        loaded = advance.look(tx, need.instance_id)
        if not _awaits_move(loaded) or loaded.suspended:
            return ()
        flow = stages.deployed(tx, loaded.deployment_id)
        if stands is None or _is_same(flow, newest):
            return stages.moves_by_stage(flow).get(need.status, ())
    return stages.moves_by_stage(newest).get((stands or newest.first).key, ())


def move_in(tx: Transaction, held: Held, stage: str, reason: str, by: UUID | None, now: datetime) -> None:
    """Let the diagram take a need to a stage; raise ConflictError saying what is possible."""
    need = held.need
    if need.merged_into_id is not None:
        raise ConflictError("this need was merged into another; move that one, or part them")
    if need.closed_at is not None:
        _reopen(tx, need, stage, by, now)
    else:
        loaded = _brought_up(tx, held, by, now)
        flow = stages.deployed(tx, loaded.deployment_id)
        allowed = stages.moves(flow, loaded.state, flow.stages, need.status, now)
        if stage not in allowed:
            raise _refusal(need, allowed)
        advance.check_moving(loaded)
        payload = stages.told(stage, reason, remind_at(need, now), now)
        advance.deliver(tx, loaded, stages.MOVED, payload, by, now, untold=("reason",))
    tx.session.refresh(need)


def plan_in(tx: Transaction, held: Held, by: UUID | None, now: datetime) -> None:
    """Let the diagram's reminders follow a need's day; what is closed or held still is left."""
    if (
        held.need.closed_at is not None
        or held.need.merged_into_id is not None
        or (held.loaded and held.loaded.suspended)
    ):
        return
    due = max(remind_at(held.need, now, missed=True), now)
    loaded = _brought_up(tx, held, by, now)
    flow = stages.deployed(tx, loaded.deployment_id)
    elements = flow.deployment.processes[stages.PROCESS].elements
    for _, process, element, *_ in loaded.standing.get("timers", []):
        if process == stages.PROCESS and elements[element].properties.get("timer") == "due":
            act = Act(Verb.RESCHEDULE, "the need is due on another day", process, element, due_at=due)
            loaded = operating.perform(tx, loaded, act, by, now)
    tx.session.refresh(held.need)


def remind_at(need: Need, now: datetime, *, missed: bool = False) -> datetime:
    """Return when its owner is to be reminded: on the day that it is due, else after a quiet week.

    A day that is over reminds at once where it was `missed` just now, and not at each move again.
    """
    if need.due_on is None:
        return now + QUIET
    at = datetime.combine(need.due_on, REMINDED_AT, UTC)
    return at if at > now or missed else now + QUIET


def _brought_up(tx: Transaction, held: Held, by: UUID | None, now: datetime) -> Loaded:
    """Return a need's instance on the newest diagram, begun where it has none; raise ConflictError."""
    need, loaded = held.need, held.loaded
    newest = _published(tx, now)
    if loaded is not None:
        flow = stages.deployed(tx, loaded.deployment_id)
        if not _awaits_move(loaded):
            raise ConflictError("something else is waited for first; look at its flow")
        if _is_same(flow, newest) or newest.stage(need.status) is None:
            return loaded
        advance.check_moving(loaded)
        need.instance_id = None  # its end is not the need's
        tx.flush()
        advance.cancel(tx, loaded, "the need follows a newer diagram", by, now)
    return _begun(tx, need, newest, by, now)


def _begun(tx: Transaction, need: Need, flow: Flow, by: UUID | None, now: datetime) -> Loaded:
    loaded = advance.begin(
        tx,
        process=stages.PROCESS,
        variables={"need_id": str(need.id), **stages.told("", "", remind_at(need, now), now)},
        business_key=need.number,
        title=f"{need.need_type}, {need.number}"[:255],
        subject_id=None,
        requester_id=need.owner_id,
        by=by,
        now=now,
    )
    tx.session.refresh(need)
    stage = flow.stage(need.status)
    if stage is None or stage.closed or stage.key == flow.first.key:
        return loaded
    return _put(tx, loaded, stage, by, now)


def _put(tx: Transaction, loaded: Loaded, stage: Stage, by: UUID | None, now: datetime) -> Loaded:
    """Bring a fresh instance to where its need stands already."""
    source = stages.standing_at(loaded.standing["tokens"])
    act = Act(Verb.MOVE, "the need stands there already", stages.PROCESS, source, target=stage.element)
    return operating.perform(tx, loaded, act, by, now)


def _reopen(tx: Transaction, need: Need, stage: str, by: UUID | None, now: datetime) -> None:
    flow = _published(tx, now)
    allowed = () if need.order_id is not None else (flow.first.key,)
    if stage not in allowed:
        raise _refusal(need, allowed)
    _begun(tx, need, flow, by, now)


def _published(tx: Transaction, now: datetime) -> Flow:
    """Return the newest diagram of needs; an organisation that has none is given the shipped one."""
    flow = stages.current(tx)
    if flow.snapshot is not None:
        return flow
    return stages.of(deployments.publish(tx, {stages.FILE: stages.shipped()}, NOTE, None, now))


def _awaits_move(loaded: Loaded) -> bool:
    return any(name == stages.MOVED for _, _, name, _ in loaded.standing.get("awaits", []))


def _is_same(one: Flow, other: Flow) -> bool:
    if one.snapshot is None or other.snapshot is None:
        return one.snapshot is other.snapshot
    files = one.deployment.files_used_by(stages.PROCESS)
    return files == other.deployment.files_used_by(stages.PROCESS) and all(
        one.snapshot.files[name] == other.snapshot.files[name] for name in files
    )


def _refusal(need: Need, allowed: tuple[str, ...]) -> ConflictError:
    possible = ", ".join(allowed) or worded("nothing more")
    message = "a need that is {status} can become: {possible}"
    return ConflictError(worded(message, status=worded(need.status), possible=possible))


def wants_reason(tx: Transaction, stage: str) -> bool:
    """Whether a need that goes there is given up: an end, and not an order."""
    return stage != NeedStatus.WON and stage in {*stages.current(tx).closed, NeedStatus.LOST}
