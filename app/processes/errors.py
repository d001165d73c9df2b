"""Why an instance is not moved, in words that the person at the desk understands."""

from __future__ import annotations

from app.errors import ConflictError


class SuspendedError(ConflictError):
    """Only operators move a suspended instance."""

    code = "suspended"

    def __init__(self) -> None:
        super().__init__("An operator has suspended this: nothing was taken. Try again when it goes on.")
