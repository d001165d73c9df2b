"""What marshmallow, webargs and werkzeug refuse in English, told in the language of the request."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import HTTPException

from app.wording import Known, translated, worded

_FIELDS = Known(
    worded("Missing data for required field."),
    worded("Unknown field."),
    worded("Field may not be null."),
    worded("Invalid input type."),
    worded("Invalid type."),
    worded("Invalid value."),
    worded("Invalid JSON body."),
    worded("Not a valid string."),
    worded("Not a valid utf-8 string."),
    worded("Not a valid UUID."),
    worded("Not a valid number."),
    worded("Not a valid integer."),
    worded("Number too large."),
    worded("Special numeric values (nan or infinity) are not permitted."),
    worded("Not a valid boolean."),
    worded("Not a valid list."),
    worded("Not a valid mapping type."),
    worded("Not a valid date."),
    worded("Not a valid datetime."),
    worded("Not a valid aware datetime."),
    worded("Must be one of: {choices}."),
    worded("Must be greater than or equal to {min}."),
    worded("Must be less than or equal to {max}."),
    worded("Must be greater than or equal to {min} and less than or equal to {max}."),
    worded("Shorter than minimum length {min}."),
    worded("Longer than maximum length {max}."),
    worded("Length must be between {min} and {max}."),
    worded("Length must be {equal}."),
    worded("String does not match expected pattern."),
)
_ANSWERS = {
    400: worded("The request cannot be read."),
    404: worded("There is nothing at this address."),
    405: worded("This cannot be done here."),
    413: worded("The request is too large."),
    415: worded("The request must be JSON."),
    429: worded("Too many tries. Wait a minute and try again."),
    500: worded("Something broke. The request's id leads to it in the log."),
}


def told(found: Any) -> Any:
    """Return what is wrong, by field and index as marshmallow nests it, in the language of the request."""
    if isinstance(found, dict):
        return {name: told(inside) for name, inside in found.items()}
    if isinstance(found, list):
        return [told(inside) for inside in found]
    return translated(_FIELDS.find(found)) if isinstance(found, str) else found


def answer_of(error: HTTPException) -> str:
    """Return what a refusal of Flask's says to people."""
    known = _ANSWERS.get(error.code or 500)
    return translated(known) if known else error.description or error.name
