"""Messages that nobody awaits: kept or refused by the organisation's policy, given to the first that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update

from app import audit
from app.accounts.actor import Actor
from app.accounts.models import Role
from app.columns import new_id
from app.database import Transaction, across_organisations, transaction
from app.entered import check_lengths
from app.errors import ConflictError, InvalidError, NotFoundError
from app.moments import utc_now
from app.processes import advance, matching, news
from app.processes.loaded import Loaded
from app.processes.matching import Message
from app.processes.message_models import KeptMessage, KeptStatus, MessagePolicy
from app.processes.models import InstanceStatus, Subscription
from app.processes.projections import Cause
from rules import feel

DEFAULT = ""
KEEP_SECONDS = 7 * 24 * 3600
LONGEST_KEEP_SECONDS = 366 * 24 * 3600
BATCH = 50

_kept = KeptMessage.__table__.c
_WAITING_FOR = (
    select(_kept.id)
    .where(
        _kept.org_id == bindparam("org_id"),
        _kept.status == KeptStatus.WAITING,
        _kept.name.in_(bindparam("names", expanding=True)),
        _kept.expires_at > bindparam("now"),
    )
    .order_by(_kept.at, _kept.id)
)
_DONE = (
    update(KeptMessage)
    .where(
        _kept.org_id == bindparam("b_org_id"),
        _kept.id == bindparam("b_id"),
        _kept.status == KeptStatus.WAITING,
    )
    .values(
        status=bindparam("b_status"),
        done_at=bindparam("b_at"),
        done_by=bindparam("b_by"),
        instance_id=bindparam("b_instance_id"),
        reason=bindparam("b_reason"),
    )
)
_awaited = Subscription.__table__.c
_AWAITED_AFTER_ALL = (
    select(_kept.org_id, _kept.id)
    .join(Subscription, (_awaited.org_id == _kept.org_id) & (_awaited.name == _kept.name))
    .where(
        _kept.id > bindparam("after"),
        _kept.status == KeptStatus.WAITING,
        _kept.expires_at > bindparam("now"),
        _awaited.kind == "message",
    )
    .distinct()
    .order_by(_kept.id)
    .limit(BATCH)
)
_FIRST = UUID(int=0)


def policy_for(tx: Transaction, name: str) -> MessagePolicy | None:
    """Return what was decided of messages of this name, else of all; None where nobody decided."""
    own = tx.session.get(MessagePolicy, (tx.organisation, name))
    return own or tx.session.get(MessagePolicy, (tx.organisation, DEFAULT))


def keep(tx: Transaction, message: Message, by: UUID | None, now: datetime) -> KeptMessage | None:
    """Keep a message that nobody awaits; None where it is to be refused."""
    policy = policy_for(tx, message.name)
    if policy is None or not policy.keeps or message.instance_id is not None:
        return None
    kept = KeptMessage(
        id=new_id(),
        org_id=tx.organisation,
        name=message.name,
        business_key=message.business_key,
        correlation=feel.to_typed_json(dict(message.correlation)),
        payload=feel.to_typed_json(dict(message.payload)),
        at=now,
        expires_at=now + timedelta(seconds=policy.keep_seconds),
        sent_by=by,
        from_instance=message.from_instance,
        status=KeptStatus.WAITING,
    )
    tx.session.add(kept)
    detail = {"name": message.name, "message": kept.id, **audit.told("payload", message.payload)}
    audit.write(tx, "messages", by, "message.waits", detail, now)
    news.tell(tx, "message", None, now)
    return kept


def follow(tx: Transaction, before: Loaded, after: Loaded, cause: Cause) -> Loaded:
    """Give an instance the kept messages that it now awaits, the oldest first; for `projections`."""
    fresh = {tuple(one) for one in after.standing["awaits"]} - {
        tuple(one) for one in before.standing.get("awaits", [])
    }
    names = sorted({name for _, kind, name, _ in fresh if kind == "message"})
    if not names or after.status != InstanceStatus.RUNNING:
        return after
    where = {"org_id": after.org_id, "names": names, "now": cause.at}
    for kept_id in tx.execute(_WAITING_FOR, where).scalars().all():
        after = _give(tx, after, kept_id, cause.at) or after
    return after


def _give(tx: Transaction, loaded: Loaded, kept_id: UUID, now: datetime) -> Loaded | None:
    """Deliver a kept message to this locked instance if it is the only one that awaits it."""
    kept = tx.session.get_one(KeptMessage, kept_id, populate_existing=True)
    message = _message(kept)
    found = matching.find(tx, message, now)
    if len(found) != 1 or found[0].instance_id != loaded.id or loaded.status != InstanceStatus.RUNNING:
        return None
    if not _done(tx, kept_id, KeptStatus.DELIVERED, now, None, instance_id=loaded.id):
        return None
    opened = loaded.opened
    moved = advance.deliver(tx, loaded, kept.name, message.payload, None, now, key=found[0].token_key)
    still = {item.id for item in advance.open_items(tx, moved)}
    told = {item.id for item in moved.opened}
    moved.opened = (*(each for each in opened if each.id in still and each.id not in told), *moved.opened)
    return moved


def _message(kept: KeptMessage) -> Message:
    return Message(
        kept.name,
        feel.from_typed_json(kept.payload),
        kept.business_key,
        feel.from_typed_json(kept.correlation),
        from_instance=kept.from_instance,
    )


def _done(
    tx: Transaction,
    kept_id: UUID,
    status: KeptStatus,
    now: datetime,
    by: UUID | None,
    *,
    instance_id: UUID | None = None,
    reason: str | None = None,
) -> bool:
    row = {
        "b_org_id": tx.organisation,
        "b_id": kept_id,
        "b_status": status,
        "b_at": now,
        "b_by": by,
        "b_instance_id": instance_id,
        "b_reason": reason,
    }
    return tx.execute(_DONE, row).rowcount == 1


class Latecomers:
    """Delivers kept messages whose waiter came while they were being kept; for the relay.

    Those that fit nobody who awaits their name must not hide others: each call goes on where the last ended.
    """

    def __init__(self) -> None:
        self._after = _FIRST

    def deliver(self) -> int:
        now = utc_now()
        with across_organisations() as tx:
            found = tx.execute(_AWAITED_AFTER_ALL, {"now": now, "after": self._after}).all()
        self._after = found[-1].id if len(found) == BATCH else _FIRST
        return sum(_deliver_late(row.org_id, row.id, now) for row in found)


def _deliver_late(org_id: UUID, kept_id: UUID, now: datetime) -> bool:
    with transaction(org_id) as tx:
        found = matching.find(tx, _message(tx.session.get_one(KeptMessage, kept_id)), now)
        if len(found) != 1:
            return False
        return _give(tx, advance.load(tx, found[0].instance_id), kept_id, now) is not None


def redeliver(actor: Actor, kept_id: UUID, instance_id: UUID | None, element: str | None) -> UUID:
    """Give a kept message to whom an operator names, or to the one who awaits it; also after its time.

    Returns the instance. Raises ConflictError where nobody awaits it there, or several do.
    """
    actor.require(Role.OPERATOR)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        kept = _locked(tx, kept_id)
        message = replace(_message(kept), instance_id=instance_id, element=element)
        if instance_id is not None or element is not None:
            message = replace(message, business_key=None)
        found = matching.find(tx, message, now)
        matching.check_one(found, kept.name)
        loaded = advance.load(tx, found[0].instance_id)
        if not _done(tx, kept_id, KeptStatus.DELIVERED, now, actor.person_id, instance_id=loaded.id):
            raise ConflictError("this message is kept no longer")
        key = found[0].token_key
        advance.deliver(tx, loaded, kept.name, message.payload, actor.person_id, now, key=key)
        news.tell(tx, "message", None, now)
        return loaded.id


def discard(actor: Actor, kept_id: UUID, reason: str) -> None:
    """Give a kept message up, with a reason; it stays in the list of what was."""
    actor.require(Role.OPERATOR)
    _check_reason(reason)
    now = utc_now()
    with transaction(actor.org_id) as tx:
        kept = _locked(tx, kept_id)
        _done(tx, kept_id, KeptStatus.DISCARDED, now, actor.person_id, reason=reason.strip())
        detail = {"name": kept.name, "message": kept_id, "reason": reason.strip()}
        audit.write(tx, "messages", actor.person_id, "message.discarded", detail, now)
        news.tell(tx, "message", None, now)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidError("nothing was done", {"reason": ["is empty"]})


def _locked(tx: Transaction, kept_id: UUID) -> KeptMessage:
    statement = select(KeptMessage).where(KeptMessage.id == kept_id).with_for_update(key_share=True)
    kept = tx.session.scalar(statement)
    if kept is None:
        raise NotFoundError("message", kept_id)
    if kept.status != KeptStatus.WAITING:
        raise ConflictError("this message is kept no longer")
    return kept


def set_policy(actor: Actor, name: str, keeps: bool, keep_seconds: int | None) -> None:
    """Decide what becomes of messages of this name (empty: of all others) that nobody awaits."""
    actor.require(Role.OPERATOR)
    now, seconds = utc_now(), keep_seconds if keep_seconds is not None else KEEP_SECONDS
    wrong = check_lengths({"name": name}, {"name": 190})
    if not 0 < seconds <= LONGEST_KEEP_SECONDS:
        wrong["keep_seconds"] = ["is not between a second and a year"]
    if wrong:
        raise InvalidError("nothing was changed", wrong)
    with transaction(actor.org_id) as tx:
        policy = tx.session.get(MessagePolicy, (tx.organisation, name))
        before = _told(policy)
        if policy is None:
            policy = MessagePolicy(org_id=tx.organisation, name=name, keeps=keeps, keep_seconds=seconds)
            tx.session.add(policy)
        policy.keeps, policy.keep_seconds = keeps, seconds
        changes = {key: [before.get(key), value] for key, value in _told(policy).items()}
        audit.write(tx, "messages", actor.person_id, "messages.policy", {"name": name, **changes}, now)


def _told(policy: MessagePolicy | None) -> Mapping[str, Any]:
    return {} if policy is None else {"keeps": policy.keeps, "keep_seconds": policy.keep_seconds}
