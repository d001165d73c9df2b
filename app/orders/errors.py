"""What can be wrong with an order, for the one who enters it."""

from __future__ import annotations

from app.errors import ConflictError, InvalidError, RefusedError


class NotEditableError(ConflictError):
    """It was submitted, or it is over."""

    code = "not_editable"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"order {number} is {_words(status)}; only a draft can be changed", status=status)


class TooLateError(ConflictError):
    """Its diagram no longer awaits a cancellation."""

    code = "too_late"

    def __init__(self, number: str, status: str) -> None:
        super().__init__(f"order {number} is {_words(status)} and can no longer be cancelled", status=status)


class NotYoursError(RefusedError):
    """Somebody else prepares this order."""

    code = "not_yours"

    def __init__(self, number: str, verb: str) -> None:
        super().__init__(f"only the person who entered order {number} may {verb} it")


class KeyReusedError(InvalidError):
    """The Idempotency-Key came with another request before."""

    code = "key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(
            "this Idempotency-Key was used for another request",
            {"Idempotency-Key": [f"{key} came with another body before"]},
        )


def _words(status: str) -> str:
    return status.replace("_", " ")
