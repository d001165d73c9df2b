"""Why something stopped, told in the reader's language: it is said, and kept, in English.

What other systems say stays as they said it.
"""

from __future__ import annotations

from app.feel_wording import TEMPLATES
from app.processes import diagram_wording
from app.wording import Known, worded

_ENGINE = (
    worded("no condition holds and there is no default flow"),
    worded("the condition {condition} gives {value}"),
    worded("the condition {condition} gives {value}: {why}"),
    worded("the decision {decision} failed: {why}"),
    worded("the decision {decision} has no answer: {why}"),
    worded("{count} rules matched where the task takes one result"),
    worded("the error {code} is caught nowhere: {why}"),
    worded("calls are nested more than {count} deep"),
    worded("more than {count} steps without waiting"),
    worded("more than {count} elements are entered in one step"),
    worded("its answer has NUL or half a character, which cannot be kept"),
    worded("more than {count} timers were due at one moment"),
    worded("waits for {flows}, where nothing can arrive any more; only cancelling helps"),
    worded("waits for {flows}, where nothing can arrive any more; retry goes on without"),
    worded("{attribute} holds null among its names"),
    worded("{attribute} is no number"),
    worded("{name} has no value"),
    worded("{text} gives a function, which no variable can hold"),
    worded("the correlation key {name} gives null"),
    worded("the name {name} gives {value}"),
    worded("the business key {name} gives {value}"),
    worded("no table here decides {decision}"),
    worded("the number of rounds {text} is {value}"),
    worded("the collection {text} is no list: {value}"),
    worded("more than {count} rounds are asked for"),
    worded("more than {count} completed activities wait to be undone"),
    worded("the process {process} is not here in version {version}"),
    worded("the process {process} is not here"),
    worded("the process {process} is started by events only"),
    worded("process {process} is not deployed"),
    worded("task {key} is not open"),
    worded("{receivers} subscriptions wait for {name}"),
    worded("nothing can be moved from {source} to {target}: {why}"),
    worded("nothing stands there"),
    worded("it goes with another element"),
    worded("no token enters there by itself"),
    worded("{name} begins by itself"),
    worded("it is one round of several; move the activity as a whole"),
    worded("it undoes what was done"),
    worded("it is no element of this process"),
    worded("this is cancelled already; what was done is being undone"),
    worded("something is being undone already; wait for it, or cancel without undoing"),
    worded("nothing around {element} catches the error {code}"),
)
# Why an instance cannot go on in another version of its diagrams.
_MIGRATING = (
    worded("is not in the new version, and nothing stands for it there"),
    worded("lies in another subprocess there, as {name}"),
    worded("is a {kind}; {name} is a {kind2}"),
    worded("its call in flight asks {handler}; {name} asks {handler2}"),
    worded("calls {process}; {name} calls {process2}"),
    worded("calls {process}, which is not there any more"),
    worded("waits for several branches; {name} joins none"),
    worded("a branch arrived by {flows}, which leads to no {name} any more"),
    worded("every branch that {name} has is there already: it would open at once"),
    worded("would be {name} there, and so would {element}"),
    worded("is open, and what else is open leads to {name} there: it would be done twice"),
    worded("would wait for {flows}, where nothing can arrive any more"),
    worded("its condition {condition} holds already: it would fire at once"),
    worded("undoes what was completed: it can go when that is done"),
    worded("is repeated; {name} is not, or in another way"),
    worded("is done once; {name} is repeated"),
    worded("waits for something; {name} waits for nothing"),
    worded("was completed and can be undone; nothing stands for it there"),
    worded("was completed and can be undone; {name} is no subprocess"),
    worded("was completed and can be undone; nothing undoes {name}"),
)
TIMERS = (
    worded("the timer {text} cannot be read: {why}"),
    worded("the timer {text} gives null"),
    worded("is not an ISO 8601 duration such as P2D"),
    worded("is not an ISO 8601 cycle such as R3/P2D"),
    worded("is later than the year 9999"),
    worded("never happens"),
    worded("has no moment left"),
    worded("its period is not longer than nothing"),
    worded("a moment needs an offset, such as 2026-01-31T09:00:00+01:00"),
    worded("{name} is no time zone"),
)
_WORKERS = (
    worded("tried {count} times; the last time: {why}"),
    worded("every worker that took it up died or hung: {count} times; it is parked"),
    worded("there is no handler {name}; known are {names}"),
    worded("the input {name} is not {expected}"),
    worded("one of {names}"),
    worded("an address"),
    worded("an address that can be called ({why})"),
    worded("a context of names and texts"),
    worded("customer, requester, the key of a team or an address"),
    worded("something that parties report"),
    worded("message or signal"),
    worded("an id"),
    worded("a text"),
    worded("a date such as {day}"),
    worded("the decision could not be put in force: {why}"),
    worded("{kind}: {why}"),
    worded("{what}: {why}"),
)
_PARTIES = (
    worded("{name} could not be reached: {why}"),
    worded("{name} answered {status}"),
    worded("{name} answered without {field}"),
    worded("{name} answered a {field} that is no date"),
    worded("{name} answered the unknown status {said}"),
    worded("{name} has lost {number}"),
    worded("{sku} lacks {quantity}"),
    worded("the simulated supplier has none left"),
    worded("the simulated bank declined"),
    worded("the setting {name} is not an object"),
    worded("the setting {name} has the kind {said}, which is neither simulator nor http"),
    worded("the setting {name} has no url"),
    worded("the setting {name} has a {field} that is no number from 0 up"),
)
_ADDRESSES = (
    worded("{host} may not be called: {why}"),
    worded("{host} redirects more than {count} times"),
    worded("it is no http or https address"),
    worded("it is not among PLACET_HTTP_ALLOWED_HOSTS"),
    worded("{address} is not a public address"),
    worded("the answer was {status}"),
    worded("the answer has more than {count} KiB"),
    worded("the answer took more than {count} s"),
    worded("the answer says that it is JSON, and is not"),
    worded("the mail server refuses it: {why}"),
)
# What is drawn and not executed halts with the words that the check has for it.
_DRAWN = diagram_wording.TEMPLATES
_KNOWN = Known(*TEMPLATES, *_ENGINE, *_DRAWN, *_MIGRATING, *TIMERS, *_WORKERS, *_PARTIES, *_ADDRESSES)
# How an incident ended where nobody wrote why.
_ENDS = Known(
    worded("retried"),
    worded("the answer came after all"),
    worded("the instance ended"),
    worded("the process went another way"),
    worded("the process began anew"),
    worded("nothing is overdue any more"),
    worded("the decision is no longer held"),
)


def find(text: str) -> str:
    """Return the Wording that a kept reason is; what is not ours, as it is."""
    return _KNOWN.find(text)


def find_end(text: str) -> str:
    """Return the Wording that a kept resolution is; what a person wrote, as it is."""
    return _ENDS.find(text)
