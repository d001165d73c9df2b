"""Why a decision is not taken, in words that the person at the desk understands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.errors import ConflictError, RefusedError
from app.wording import worded


class AlreadyDecidedError(ConflictError):
    """Somebody was faster; nothing of this decision was kept."""

    code = "already_decided"

    def __init__(self, name: str, at: datetime | None) -> None:
        who = name or worded("Somebody")
        said = (
            worded(
                "{name} decided this at {time} UTC. Nothing of yours was sent.", name=who, time=f"{at:%H:%M}"
            )
            if at
            else worded("{name} decided this. Nothing of yours was sent.", name=who)
        )
        super().__init__(said, by=name)


class NoLongerOpenError(ConflictError):
    """The diagram moved on: a timer fired, or the order was cancelled."""

    code = "no_longer_open"

    def __init__(self) -> None:
        super().__init__("This is no longer asked: the order moved on without it.")


class OwnOrderError(RefusedError):
    """Separation of duties: nobody approves what they entered."""

    code = "own_order"

    def __init__(self) -> None:
        super().__init__("You entered this order, so someone else decides.")


class NotCandidateError(RefusedError):
    """The item is for other people or teams."""

    code = "not_candidate"

    def __init__(self, whose: list[str]) -> None:
        super().__init__(
            worded("This is for {names}.", names=", ".join(whose) or worded("nobody yet")), principals=whose
        )


class ClaimedError(ConflictError):
    """Another member of the team has taken the item."""

    code = "claimed"

    def __init__(self, person_id: UUID, name: str) -> None:
        super().__init__(
            worded("{name} has taken this.", name=name or worded("Somebody else")), by=str(person_id)
        )
