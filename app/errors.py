"""The facts that a command can raise, and the one table from them to HTTP."""

from __future__ import annotations

from typing import Any

from app.wording import as_wordings, worded


class PlacetError(Exception):
    """Base of all that we raise on purpose; `status` is its answer over HTTP, `code` its name there."""

    status = 500
    code = "error"

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message: str = as_wordings(message)
        self.details = details


class NotFoundError(PlacetError):
    """It does not exist, or it belongs to another organisation: the answer is the same."""

    status = 404
    code = "not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(
            worded("there is no {kind} {key}", kind=worded(kind), key=str(key)), kind=kind, key=str(key)
        )


class ConflictError(PlacetError):
    """Somebody else was faster."""

    status = 409
    code = "conflict"


class BusyError(ConflictError):
    """The database gave the rows to somebody else: nothing was changed, and trying again helps."""

    status = 503
    code = "busy"


class AwayError(PlacetError):
    """The database cannot be reached, or was lost midway: all of a command was done, or nothing."""

    status = 503
    code = "away"

    def __init__(self) -> None:
        super().__init__(worded("the database cannot be reached; try again in a moment"))


class RefusedError(PlacetError):
    """This person may not do this; the message says why."""

    status = 403
    code = "refused"


class InvalidError(PlacetError):
    """The input is wrong: `fields` maps each field's path to what is wrong with it."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, fields: dict[str, Any] | None = None) -> None:
        self.fields: dict[str, Any] = as_wordings(fields or {})
        super().__init__(message, fields=self.fields)


class StaleError(PlacetError):
    """The caller edited an older version (If-Match)."""

    status = 412
    code = "stale"


class UnauthenticatedError(PlacetError):
    """No valid session or token came with the request."""

    status = 401
    code = "unauthenticated"


class SettingError(PlacetError):
    """A `PLACET_*` variable cannot be used."""

    code = "setting"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} is not {expected}")
