"""Why a decision is not taken, in words that the person at the desk understands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.errors import ConflictError, RefusedError


class AlreadyDecidedError(ConflictError):
    """Somebody was faster; nothing of this decision was kept."""

    code = "already_decided"

    def __init__(self, name: str, at: datetime | None) -> None:
        when = f" at {at:%H:%M} UTC" if at else ""
        super().__init__(f"{name or 'Somebody'} decided this{when}. Nothing of yours was sent.", by=name)


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
        super().__init__(f"This is for {', '.join(whose) or 'nobody yet'}.", principals=whose)


class ClaimedError(ConflictError):
    """Another member of the team has taken the item."""

    code = "claimed"

    def __init__(self, person_id: UUID, name: str) -> None:
        super().__init__(f"{name or 'Somebody else'} has taken this.", by=str(person_id))
