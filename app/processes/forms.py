"""What a person fills in to complete a user task, by the form key that the diagram names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.entered import plain_text
from app.errors import InvalidError
from app.wording import worded

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible value of a field. `asks_why`: the comment must then say why."""

    value: Any
    label: str
    asks_why: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form is one question with its choices, and room for a comment; no choices: just "Done"."""

    key: str
    field: str | None = None
    question: str = ""
    choices: tuple[Choice, ...] = ()

    @property
    def is_approval(self) -> bool:
        return self.key == "approval"


FORMS: Mapping[str, Form] = {
    form.key: form
    for form in (
        Form(
            "approval",
            "decision",
            "Approve this order?",
            (
                Choice("approved", "Approve"),
                Choice("rejected", "Reject", asks_why=True),
                Choice("changes", "Send back", asks_why=True),
            ),
        ),
        Form(
            "find_a_way",
            "way",
            "What now?",
            (Choice("try again", "Try again"), Choice("give up", "Give up", asks_why=True)),
        ),
        Form(
            "debt",
            "more_time",
            "Give more time to pay?",
            (Choice(True, "Give more time"), Choice(False, "Write it off", asks_why=True)),
        ),
        Form(
            "closing",
            "close_now",
            "Close this order now?",
            (Choice(True, "Close now"), Choice(False, "Keep it open")),
        ),
        Form("packing"),
        Form("refund"),
        Form("order"),
    )
}
PLAIN = Form("")


def form_of(key: str | None) -> Form:
    """Return the form of this key; an unknown or absent one asks only for a comment."""
    return FORMS.get(key or "", PLAIN)


def reasons_of(inputs: Mapping[str, Any]) -> list[str]:
    """Return why a step asks somebody, as its diagram hands it on: a list of sentences, or one."""
    said = inputs.get("reasons") or inputs.get("reason") or []
    return [str(reason) for reason in (said if isinstance(said, list) else [said])]


def check(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result that the diagram gets; raise InvalidError naming each wrong field."""
    wrong: dict[str, list[str]] = {}
    allowed = {"comment", *([form.field] if form.field else [])}
    for name in set(given) - allowed:
        wrong[name] = [worded("is not a field of this form")]
    comment = given.get("comment", "")
    if not isinstance(comment, str) or len(comment) > LONGEST:
        wrong["comment"] = [worded("is not a text of at most {longest} characters", longest=LONGEST)]
        comment = ""
    result: dict[str, Any] = {"comment": plain_text(comment).strip()}
    if form.field:
        _check_choice(form, given, result, wrong)
    if wrong:
        raise InvalidError("the form is not complete", dict(wrong))
    return result


def _check_choice(
    form: Form, given: Mapping[str, Any], result: dict[str, Any], wrong: dict[str, list[str]]
) -> None:
    field = form.field or ""
    value = given.get(field)
    chosen = [c for c in form.choices if c.value == value and type(c.value) is type(value)]
    if not chosen:
        allowed = ", ".join(str(choice.value).lower() for choice in form.choices)
        wrong[field] = [worded("is not one of: {allowed}", allowed=allowed)]
        return
    result[field] = value
    if chosen[0].asks_why and not result["comment"]:
        wrong["comment"] = [worded("say why")]


def recorded(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the record says of a result: free words by their digest, for no entry is ever cleared."""
    kept = {name: value for name, value in result.items() if name != "comment"}
    comment = result.get("comment")
    if isinstance(comment, str) and comment:
        kept["comment_sha256"] = hashlib.sha256(comment.encode()).hexdigest()
    return kept
