"""A history read as visits: when each element was entered, when and how it was left.

Events name elements and not tokens: of several visits of one element the oldest ends first. Parts of a
repeated activity are told apart by `loop`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from app.operations.instances_history import StepRow

ENDED_BY = frozenset({"completed", "cancelled"})
BEGUN_AGAIN = "instance.begun_again"
Place = tuple[str, str]
_Key = tuple[str, str, int | None]


@dataclass(slots=True)
class Visit:
    """An element from its beginning to its end; `how` is empty while it lasts.

    `loop` numbers the parts of a repeated activity from nought; `is_whole` is what holds them together.
    """

    process: str
    element: str
    loop: int | None
    entered_at: datetime
    ended_at: datetime | None = None
    how: str = ""
    is_whole: bool = False
    cause: str = ""
    person_id: UUID | None = None
    notes: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def seconds(self) -> float | None:
        return None if self.ended_at is None else (self.ended_at - self.entered_at).total_seconds()


def live_places(standing: Mapping[str, Any]) -> set[Place]:
    """Return the places that hold a token, of what an instance says of where it stands."""
    return {(process, element) for process, element in standing.get("tokens", [])}


class Visits:
    """Takes the steps of one instance in their order; `pending` are the visits that have not ended.

    `joins` are the gateways where several arrivals end together.
    """

    def __init__(self, joins: Collection[Place], pending: Iterable[Visit] = ()) -> None:
        self._joins = joins
        self._pending: dict[_Key, deque[Visit]] = {}
        self._repeated: set[Place] = set()
        for visit in pending:
            self._begin(visit)

    def take(self, step: StepRow) -> Iterator[Visit]:
        """Yield the visits that this step ended."""
        if step.cause == BEGUN_AGAIN:
            self._pending.clear()
        for event in step.events:
            key = (event["process"], event["element"], event.get("detail", {}).get("loop"))
            if event["kind"] == "entered":
                self._begin(Visit(*key, entered_at=step.at))
            elif event["kind"] in ENDED_BY:
                yield self._end(key, event["kind"], step)
            else:
                self._rename(key, event.get("detail", {}).get("was"))
                self._note(key, event)

    def _rename(self, key: _Key, was: str | None) -> None:
        """Let a visit last on in a version that names its element otherwise."""
        queue = self._pending.get((key[0], was, key[2])) if was else None
        if queue:
            visit = queue.popleft()
            visit.element = key[1]
            self._pending.setdefault(key, deque()).append(visit)

    def pending(self, live: Collection[Place]) -> list[Visit]:
        """Return the visits that last, the oldest first; `live` are the places that hold a token.

        What lasts elsewhere ended without a word: a second arrival at a join, a move to another version.
        """
        for key in [key for key in self._pending if key[:2] not in live]:
            del self._pending[key]
        return sorted((v for queue in self._pending.values() for v in queue), key=lambda v: v.entered_at)

    def _begin(self, visit: Visit) -> None:
        if visit.loop is not None:
            self._repeated.add((visit.process, visit.element))
        key = (visit.process, visit.element, visit.loop)
        if (queue := self._pending.get(key)) is None:
            queue = self._pending[key] = deque()
        queue.append(visit)

    def _end(self, key: _Key, how: str, step: StepRow) -> Visit:
        queue = self._pending.get(key)
        visit = queue.popleft() if queue else Visit(*key, entered_at=step.at)
        if queue and key[:2] in self._joins and how == "completed":
            queue.clear()
        if not queue:
            self._pending.pop(key, None)
        visit.ended_at, visit.how = step.at, how
        visit.cause, visit.person_id = step.cause, step.person_id
        visit.is_whole = key[2] is None and key[:2] in self._repeated
        return visit

    def _note(self, key: _Key, event: Mapping[str, Any]) -> None:
        if queue := self._pending.get(key):
            queue[0].notes.append(event)
