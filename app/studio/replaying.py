"""What a changed table would have decided of the last orders, on the inputs that they had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.database import Transaction
from app.errors import InvalidError
from app.processes.models import HistoryStep, Instance
from app.studio import queries
from rules import dmn, feel
from rules.dmn.testing import output_text

CASES: Final = 200
_LOOKED_AT: Final = 2_000
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Changed:
    """An order that would be decided otherwise; `before` and `after` are what its table comes to."""

    subject_id: UUID | None
    number: str
    title: str
    started_at: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """How many cases were decided anew, and those of them that come out otherwise."""

    decided: int
    changed: tuple[Changed, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    instance: Instance
    decision: str
    given: Mapping[str, Any]


def replay(tx: Transaction, name: str, content: bytes, most: int = CASES) -> Replay:
    """Decide the newest cases by the published table and by this content, on the inputs that they had.

    What counts of several outputs is the first: of the approval policy, whom it asks. Raises NotFoundError
    where the table was never published, InvalidError where the content is no table.
    """
    published = queries.read_published(tx, name).content
    try:
        before, after = dmn.load(published), dmn.load(content)
    except (dmn.DmnError, feel.FeelError) as error:
        raise InvalidError("the table could not be read", {"content": [str(error)]}) from None
    decisions = {key for key, node in before.nodes.items() if node.name in before.decisions}
    cases = list(islice(_cases(tx, decisions), most))
    changed = [
        Changed(
            case.instance.subject_id,
            case.instance.business_key,
            case.instance.title,
            case.instance.started_at,
            old,
            new,
        )
        for case in cases
        if (old := _decided(before, case)) != (new := _decided(after, case))
    ]
    return Replay(len(cases), tuple(changed))


def _cases(tx: Transaction, decisions: set[str]) -> Iterator[_Case]:
    """Go through what was decided last in each instance, the newest instance first."""
    for start in range(0, _LOOKED_AT, _BATCH):
        statement = select(Instance).order_by(Instance.started_at.desc(), Instance.id.desc())
        instances = list(tx.session.scalars(statement.limit(_BATCH).offset(start)))
        last = _last_decided(tx, [instance.id for instance in instances], decisions)
        for instance in instances:
            if instance.id in last:
                detail = last[instance.id]
                yield _Case(instance, detail["decision"], feel.from_typed_json(detail["given"]))
        if len(instances) < _BATCH:
            return


def _last_decided(
    tx: Transaction, instances: list[UUID], decisions: set[str]
) -> dict[UUID, Mapping[str, Any]]:
    statement = (
        select(HistoryStep.instance_id, HistoryStep.events)
        .where(HistoryStep.org_id == tx.organisation, HistoryStep.instance_id.in_(instances))
        .order_by(HistoryStep.instance_id, HistoryStep.revision)
    )
    return {
        instance_id: event["detail"]
        for instance_id, events in tx.session.execute(statement)
        for event in events
        if event["kind"] == "decided"
        and event["detail"]["decision"] in decisions
        and "given" in event["detail"]
    }


def _decided(model: dmn.Model, case: _Case) -> tuple[str, ...]:
    """Return what a table comes to, by the first of its outputs; nothing where it has no such decision."""
    try:
        value = model.decide(case.decision, case.given).value
    except (dmn.DmnError, feel.FeelError):
        return ()
    rows = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(dict.fromkeys(_first(row) for row in rows))


def _first(row: Any) -> str:
    return output_text(next(iter(row.values()), None) if isinstance(row, dict) else row, "", True)
