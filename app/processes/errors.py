"""Why an instance is not moved, in words that the person at the desk understands."""

from __future__ import annotations

import workflows
from app.errors import ConflictError
from app.wording import worded


class SuspendedError(ConflictError):
    """Only operators move a suspended instance."""

    code = "suspended"

    def __init__(self) -> None:
        super().__init__("An operator has suspended this: nothing was taken. Try again when it goes on.")


def starved(error: workflows.StarvedError) -> ConflictError:
    """Return what is said where trying again would leave out a branch."""
    return ConflictError(
        worded("{element} waits for what can never arrive: cancel the order", element=error.element)
    )
