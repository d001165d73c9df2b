"""What an entry of the record says to people: its action as a sentence, its detail before and after."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.audit.queries import EntryRow
from app.entered import identity
from app.field_words import field_words
from app.i18n import LANGUAGES
from app.wording import Wording, translated, worded

ACTIONS: Mapping[str, Wording] = {
    "call.failed": worded("A service call failed"),
    "call.kept": worded("The answer of a service call was kept"),
    "call.refused": worded("A service call was refused"),
    "call.succeeded": worded("A service call was done"),
    "contact.added": worded("A contact was added"),
    "contact.removed": worded("A contact was removed"),
    "customer.added": worded("A customer was added"),
    "customer.changed": worded("A customer was changed"),
    "customer.erased": worded("A customer was erased"),
    "customer.profiling": worded("A customer agreed to suggestions, or refused them"),
    "decision.taken_back": worded("A decision was taken back"),
    "decision.void": worded("A decision came too late"),
    "deployment.published": worded("Processes were published"),
    "draft.discarded": worded("A draft was discarded"),
    "draft.saved": worded("A draft was saved"),
    "experiment.changed": worded("The plan of an experiment was changed"),
    "experiment.looked": worded("An experiment was looked at"),
    "experiment.planned": worded("An experiment was planned"),
    "experiment.started": worded("An experiment was started"),
    "experiment.stopped": worded("An experiment was stopped"),
    "file.downloaded": worded("A file about customers was downloaded"),
    "incident.answered": worded("An incident was answered by an error of the diagram"),
    "incident.cancelled": worded("An instance was cancelled at an incident"),
    "incident.dropped": worded("An incident was let go"),
    "incident.retried": worded("An incident was tried again"),
    "incident.skipped": worded("An incident was left for another element"),
    "instance.begun_again": worded("An instance began again"),
    "instance.cancelled": worded("An instance was cancelled"),
    "instance.migrated": worded("An instance was migrated to another version"),
    "instance.migration_undone": worded("An instance was taken back to its former version"),
    "instance.resumed": worded("An instance was let go on"),
    "instance.started": worded("An instance was started"),
    "instance.suspended": worded("An instance was suspended"),
    "item.claimed": worded("A work item was claimed"),
    "item.completed": worded("A work item was completed"),
    "item.released": worded("A work item was released"),
    "message.kept": worded("A message was kept for a suspended instance"),
    "message.redelivered": worded("A message was given to another instance"),
    "message.discarded": worded("A kept message was discarded"),
    "message.received": worded("A message was received"),
    "message.waits": worded("A message that nobody awaits was kept"),
    "messages.policy": worded("It was decided what becomes of messages that nobody awaits"),
    "model.brought_back": worded("A former version of a model was put in use"),
    "model.published": worded("A model passed the gate and was put in use"),
    "model.stopped": worded("A model was taken out of use"),
    "model.trained": worded("A model was trained"),
    "theme.renamed": worded("A theme was renamed"),
    "need.added": worded("A need was collected"),
    "need.changed": worded("A need was changed"),
    "need.merged": worded("A need was merged into another"),
    "need.moved": worded("A need was moved on"),
    "need.noted": worded("A note was written on a need"),
    "need.parted": worded("A merged need was parted again"),
    "consent.given": worded("A customer agreed to the text of the form"),
    "needs.feedback_rule": worded("It was decided which feedback becomes a need"),
    "needs.file_given": worded("A file of needs was given"),
    "needs.form_changed": worded("The public form was changed"),
    "needs.import_discarded": worded("A file of needs was discarded"),
    "needs.import_started": worded("An import of needs began"),
    "needs.mail_changed": worded("Taking needs by mail was changed"),
    "needs.imported": worded("An import of needs ended"),
    "needs.types_named": worded("It was decided of which types needs of feedback and observations are"),
    "observation.noted": worded("What a customer did was noted"),
    "order.changed": worded("A draft order was changed"),
    "order.commented": worded("An order was commented"),
    "organisation.changed": worded("The business was changed"),
    "organisation.created": worded("The business was created"),
    "organisation.seeded": worded("Demo data were entered"),
    "payment.received": worded("A payment was reported"),
    "person.added": worded("A person was added"),
    "person.changed": worded("A person was changed"),
    "person.locked": worded("A person was locked out after wrong passwords"),
    "person.password_changed": worded("A person changed their password"),
    "person.password_set": worded("A person was given a password"),
    "person.settings": worded("A person changed their settings"),
    "person.signed_in": worded("A person signed in"),
    "person.signed_out": worded("A person signed out"),
    "product.added": worded("A product was added"),
    "product.changed": worded("A product was changed"),
    "shipment.delivered": worded("A delivery was reported"),
    "signal.kept": worded("A signal was kept for a suspended instance"),
    "signal.received": worded("A signal was received"),
    "stock.corrected": worded("The stock was corrected"),
    "stock.received": worded("Goods were reported as received"),
    "survey.answered": worded("An answer to a survey was kept"),
    "survey.closed": worded("A survey was closed"),
    "survey.drawn": worded("A sample was drawn"),
    "team.added": worded("A team was added"),
    "timer.fired": worded("A timer fired"),
    "timer.rescheduled": worded("A timer was given another time"),
    "token.added": worded("A token was made"),
    "token.moved": worded("An instance was moved to another element"),
    "token.revoked": worded("A token was revoked"),
    "table.given": worded("A table was given to be grouped"),
    "training.asked": worded("A training was asked for"),
    "training.ended": worded("A training ended"),
    "training.scheduled": worded("The hour of nightly trainings was changed"),
    "variables.set": worded("Variables were set"),
    "view.forgotten": worded("A kept view was forgotten"),
    "view.kept": worded("A view was kept"),
}
_NUMBER = re.compile(r"-?\d+\.\d+")
_TRAILING = re.compile(r"\.?0+$")
_LATE = worded("Reported when nobody waited for it any more: {message}")
_KEYS: Mapping[str, Wording] = {
    "after": worded("After"),
    "changed": worded("Changed files"),
    "channel": worded("Channel"),
    "complaint": worded("A complaint"),
    "count": worded("Rows"),
    "customer_segment": worded("Segment"),
    "decision": worded("Decision"),
    "deployment": worded("Deployment"),
    "element": worded("Element"),
    "feedback": worded("Feedback"),
    "fields": worded("Changed fields"),
    "entered_from": worded("Since"),
    "entered_to": worded("Until"),
    "handler": worded("Handler"),
    "is_active": worded("In use"),
    "key": worded("Key"),
    "keys_on": worded("Single-letter keys"),
    "locale": worded("Language"),
    "need_theme": worded("Theme"),
    "number": worded("Number"),
    "open": worded("Open"),
    "overdue": worded("Overdue"),
    "person": worded("Person"),
    "persons": worded("Customers"),
    "process": worded("Process"),
    "profiling": worded("Suggestions"),
    "profiles_unasked": worded("Customers who were never asked are profiled"),
    "question": worded("A question"),
    "reference": worded("Reference"),
    "rows": worded("Rows removed"),
    "scopes": worded("Scopes"),
    "search": worded("Searched for words"),
    "segment": worded("Segment"),
    "since": worded("Since"),
    "target": worded("Moved to"),
    "status": worded("Status"),
    "team": worded("Team"),
    "text": worded("Text"),
    "theme": worded("Colours"),
    "total": worded("Total"),
    "total_from": worded("Total from"),
    "total_to": worded("Total to"),
    "type": worded("Type"),
    "undo": worded("With undoing"),
    "until": worded("Until"),
    "version": worded("Version"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """`facts` are names with their values; `changes` are names with what was before and what is after."""

    what: str
    facts: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, str, str], ...]


def told(row: EntryRow, people: Mapping[UUID, str]) -> Told:
    """Return an entry in the language of the request; ids that say nothing to people are left out."""
    detail = dict(row.detail)
    changes = tuple(_changes(detail))
    return Told(_what(row.action), tuple(_facts(detail, people)), changes)


def people_in(rows: list[EntryRow]) -> list[UUID | None]:
    """Return whom the entries name, beside those who wrote them."""
    return [identity(str(row.detail.get("person", ""))) for row in rows] + [row.person_id for row in rows]


def _what(action: str) -> str:
    if action.endswith(".late"):
        return translated(worded(_LATE.template, message=action.removesuffix(".late")))
    return translated(ACTIONS.get(action, action))


def _changes(detail: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Take out of the detail what it says of before and after."""
    for name, (before, after) in dict(detail.pop("changes", {})).items():
        yield _key(name), _value(before), _value(after)
        detail["fields"] = [each for each in detail.get("fields", []) if each != name]
    if "before" in detail and "after" in detail:
        yield _key("on_hand"), _value(detail.pop("before")), _value(detail.pop("after"))
    if "from" in detail and "to" in detail:
        yield _key("status"), _value(detail.pop("from")), _value(detail.pop("to"))


def _facts(detail: Mapping[str, Any], people: Mapping[UUID, str]) -> Iterator[tuple[str, str]]:
    for name, value in detail.items():
        key = identity(value) if isinstance(value, str) else None
        if key is not None:
            if key in people:
                yield _key(name), people[key]
        elif isinstance(value, dict):
            yield from _facts(value, people)
        elif name == "fields":
            if value:
                yield _key(name), _between(map(_key, value))
        elif value not in (None, "", []) and not name.endswith("_sha256"):
            yield _key(name), _value(value)


def _key(name: str) -> str:
    return translated(_KEYS[name]) if name in _KEYS else field_words(name)


def _between(words: Iterable[str]) -> str:
    return translated(worded(", ")).join(words)


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return translated(worded("yes") if value else worded("no"))
    if isinstance(value, list):
        return _between(map(_value, value))
    if value in LANGUAGES:
        return LANGUAGES[value]
    return _TRAILING.sub("", str(value)) if _NUMBER.fullmatch(str(value)) else translated(str(value))
