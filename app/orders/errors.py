"""What can be wrong with an order, for the one who enters it."""

from __future__ import annotations

from app.errors import ConflictError, InvalidError, RefusedError
from app.wording import worded


class NotEditableError(ConflictError):
    """It was submitted, or it is over."""

    code = "not_editable"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            worded(
                "order {number} is {status}; only a draft can be changed",
                number=number,
                status=worded(status.replace("_", " ")),
            ),
            status=status,
        )


class TooLateError(ConflictError):
    """Its diagram no longer awaits a cancellation."""

    code = "too_late"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(
            worded(
                "order {number} is {status} and can no longer be cancelled",
                number=number,
                status=worded(status.replace("_", " ")),
            ),
            status=status,
        )


class NotYoursError(RefusedError):
    """Somebody else prepares this order."""

    code = "not_yours"

    def __init__(self, number: str, verb: str) -> None:
        super().__init__(
            worded(
                "only the person who entered order {number} may {verb} it", number=number, verb=worded(verb)
            )
        )


class KeyReusedError(InvalidError):
    """The Idempotency-Key came with another request before."""

    code = "key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            "this Idempotency-Key was used for another request",
            {"Idempotency-Key": [worded("{key} came with another body before", key=key)]},
        )
