"""Messages and signals: from a program to an instance that waits, and from one instance to another."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.columns import new_id
from app.database import reading
from app.errors import ConflictError, NotFoundError
from app.moments import utc_now
from app.outbox.models import CallStatus
from app.processes import commands, messages
from app.processes.passing_on import Sending, pass_on
from tasks import handlers
from tasks.worker import load_handlers
from tests.app.processes.running import (
    begin,
    call_of,
    incidents_of,
    publish,
    stands_at,
    variables_of,
)
from tests.builders import Firm, a_firm
from tests.performing import a_call, run, status_of
from tests.workflows.building import diagram, element, user

_START = element("startEvent", "s")
_DECLARED = '<bpmn:message id="m" name="customs.cleared"/><bpmn:signal id="g" name="strike.begun"/>'
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_SIGNAL = '<bpmn:signalEventDefinition signalRef="g"/>'
_PAYLOAD = (
    "<bpmn:extensionElements><camunda:inputOutput>"
    '<camunda:inputParameter name="duty">= 2 * 21</camunda:inputParameter>'
    "</camunda:inputOutput></bpmn:extensionElements>"
)


def _catching(process: str, definition: str) -> bytes:
    body = _START + element("intermediateCatchEvent", "w", definition) + user("after")
    return diagram(body, "s -> w\nw -> after", process, _DECLARED)


def _throwing(process: str, definition: str) -> bytes:
    body = _START + element("intermediateThrowEvent", "t", _PAYLOAD + definition) + user("after")
    return diagram(body, "s -> t\nt -> after", process, _DECLARED)


@pytest.fixture
def shop(app: Flask) -> Firm:
    load_handlers()
    firm = a_firm()
    publish(
        firm,
        waits=_catching("waits", _MESSAGE),
        listens=_catching("listens", _SIGNAL),
        sends=_throwing("sends", _MESSAGE),
        signals=_throwing("signals", _SIGNAL),
    )
    return firm


def _post(
    client: FlaskClient, shop: Firm, what: str, body: Mapping[str, Any], who: str = "operator"
) -> tuple[int, Any]:
    answer = client.post(f"/api/v1/{what}", json=body, headers=shop.headers(who))
    return answer.status_code, answer.get_json(silent=True)


def _recorded(shop: Firm, instance_id: UUID, action: str) -> list[tuple[UUID | None, str]]:
    statement = select(AuditEntry.person_id, AuditEntry.detail).where(
        AuditEntry.stream_id == instance_id, AuditEntry.action == action
    )
    with reading(shop.org_id) as tx:
        return [(person_id, detail) for person_id, detail in tx.session.execute(statement)]


# From a program


def test_a_message_moves_the_instance_that_awaits_it_and_brings_its_payload(
    client: FlaskClient, shop: Firm
) -> None:
    instance = begin(shop, "waits")
    body = {"name": "customs.cleared", "payload": {"duty": 12.5, "papers": ["T1"]}}

    assert _post(client, shop, "messages", body) == (204, None)

    assert stands_at(shop, instance) == ["after"]
    assert variables_of(shop, instance) == {"duty": Decimal("12.5"), "papers": ["T1"]}
    [(person, detail)] = _recorded(shop, instance, "message.received")
    assert person == shop["operator"].person_id
    assert '"duty":"12.5"' in detail


def test_a_message_comes_once(client: FlaskClient, shop: Firm) -> None:
    instance = begin(shop, "waits")
    body = {"name": "customs.cleared"}

    first, second = _post(client, shop, "messages", body), _post(client, shop, "messages", body)

    assert (first[0], second[0]) == (204, 409)
    assert second[1]["error"]["message"] == "0 instances await the message customs.cleared"
    assert len(_recorded(shop, instance, "message.received")) == 1


def test_of_several_that_await_a_message_the_business_key_names_one(client: FlaskClient, shop: Firm) -> None:
    first, second = begin(shop, "waits", "K-1"), begin(shop, "waits", "K-2")

    status, said = _post(client, shop, "messages", {"name": "customs.cleared"})
    named = _post(client, shop, "messages", {"name": "customs.cleared", "business_key": "K-2"})
    nobody = _post(client, shop, "messages", {"name": "customs.cleared", "business_key": "K-3"})

    assert (status, said["error"]["message"]) == (409, "2 instances await the message customs.cleared")
    assert (named[0], nobody[0]) == (204, 409)
    assert (stands_at(shop, first), stands_at(shop, second)) == (["w"], ["after"])


def test_a_signal_moves_everybody_who_awaits_it_and_says_how_many(client: FlaskClient, shop: Firm) -> None:
    listening = [begin(shop, "listens", f"K-{number}") for number in range(3)]
    other = begin(shop, "waits")

    heard = _post(client, shop, "signals", {"name": "strike.begun", "payload": {"until": "Friday"}})
    again = _post(client, shop, "signals", {"name": "strike.begun"})

    assert (heard, again) == ((200, {"count": 3}), (200, {"count": 0}))
    assert [stands_at(shop, each) for each in listening] == [["after"]] * 3
    assert variables_of(shop, listening[2]) == {"until": "Friday"}
    assert stands_at(shop, other) == ["w"]


@pytest.mark.parametrize("what", ["messages", "signals"])
def test_another_organisation_hears_nothing(client: FlaskClient, shop: Firm, what: str) -> None:
    waiting, listening = begin(shop, "waits"), begin(shop, "listens")
    stranger = a_firm()

    _post(client, stranger, what, {"name": "customs.cleared"})
    _post(client, stranger, what, {"name": "strike.begun"})

    assert (stands_at(shop, waiting), stands_at(shop, listening)) == (["w"], ["w"])


@pytest.mark.parametrize("what", ["messages", "signals"])
@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param({}, "name", id="no name"),
        pytest.param({"name": ""}, "name", id="an empty name"),
        pytest.param({"name": "x", "payload": [1]}, "payload", id="a payload without names"),
        pytest.param({"name": "x", "payload": {"a": float("nan")}}, "payload", id="no number"),
        pytest.param({"name": "x", "kind": "signal"}, "kind", id="a word that is not known"),
    ],
)
def test_what_cannot_be_sent_is_refused_naming_what_is_wrong(
    client: FlaskClient, shop: Firm, what: str, body: dict[str, Any], named: str
) -> None:
    status, said = _post(client, shop, what, body)

    assert status == 422
    assert list(said["error"]["fields"]) == [named]


def test_only_operators_speak_to_instances(client: FlaskClient, shop: Firm) -> None:
    instance = begin(shop, "waits")

    told = {
        _post(client, shop, what, {"name": "customs.cleared"}, who)[0]
        for what in ("messages", "signals")
        for who in ("sales", "lead", "owner", "auditor")
    }

    assert told == {403}
    assert stands_at(shop, instance) == ["w"]


# From one instance to another


def _do(shop: Firm, call_id: UUID) -> Mapping[str, Any]:
    """Perform a hand-over as a worker does, to its report."""
    result = run(shop, call_id)
    commands.report(call_id, commands.Succeeded(result))
    return result


def test_a_message_goes_from_one_instance_to_the_one_of_its_business_key(shop: Firm) -> None:
    mine, other = begin(shop, "waits", "K-1"), begin(shop, "waits", "K-2")
    sender = begin(shop, "sends", "K-1")

    result = _do(shop, call_of(shop, sender, "process.message"))

    assert result == {"received": 1}
    assert (stands_at(shop, mine), stands_at(shop, other)) == (["after"], ["w"])
    assert variables_of(shop, mine) == {"duty": 42}
    assert stands_at(shop, sender) == ["after"]


def test_a_signal_goes_to_all_whatever_their_business_key(shop: Firm) -> None:
    listening = [begin(shop, "listens", f"K-{number}") for number in range(2)]
    sender = begin(shop, "signals", "K-9")

    result = _do(shop, call_of(shop, sender, "process.message"))

    assert result == {"received": 2}
    assert [stands_at(shop, each) for each in listening] == [["after"]] * 2


def test_a_hand_over_that_is_repeated_happens_once(shop: Firm) -> None:
    first = begin(shop, "listens", "K-1")
    call_id = call_of(shop, begin(shop, "signals", "K-9"), "process.message")
    _do(shop, call_id)
    late = begin(shop, "listens", "K-2")

    again = _do(shop, call_id)

    assert again == {"received": 0}
    assert (stands_at(shop, first), stands_at(shop, late)) == (["after"], ["w"])
    assert status_of(shop, call_id) == CallStatus.DONE


def test_a_message_that_comes_early_waits_and_is_an_incident_only_when_given_up(shop: Firm) -> None:
    sender = begin(shop, "sends", "K-1")
    call_id = call_of(shop, sender, "process.message")

    with pytest.raises(ConflictError, match="0 instances await the message"):
        run(shop, call_id)
    assert incidents_of(shop, sender) == []
    waiting = begin(shop, "waits", "K-1")
    _do(shop, call_id)

    assert stands_at(shop, waiting) == ["after"]


def test_a_message_for_two_of_one_business_key_is_given_to_neither(shop: Firm) -> None:
    both = [begin(shop, "waits", "K-1") for _ in range(2)]
    call_id = call_of(shop, begin(shop, "sends", "K-1"), "process.message")

    with pytest.raises(ConflictError, match="2 instances await"):
        run(shop, call_id)

    assert [stands_at(shop, each) for each in both] == [["w"]] * 2
    assert status_of(shop, call_id) == CallStatus.WAITING


def test_a_hand_over_that_nobody_asked_for_is_an_error(shop: Firm) -> None:
    instance = begin(shop, "waits", "K-1")
    sending = Sending("message", "customs.cleared", {}, "K-1")

    with pytest.raises(NotFoundError, match="service call"):
        pass_on(shop.org_id, new_id(), sending, utc_now())

    assert stands_at(shop, instance) == ["w"]


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        pytest.param({"name": "x"}, "the input kind is not message or signal", id="no kind"),
        pytest.param({"kind": "letter", "name": "x"}, "the input kind", id="another kind"),
        pytest.param({"kind": "message"}, "the input name is not a text", id="no name"),
        pytest.param({"kind": "signal", "name": 5}, "the input name", id="a number as a name"),
    ],
)
def test_a_hand_over_that_says_too_little_is_refused_naming_what_is_wrong(
    shop: Firm, inputs: dict[str, object], named: str
) -> None:
    with pytest.raises(handlers.InputError, match=named):
        run(shop, a_call(shop, "process.message", **inputs))


def test_a_message_finds_a_called_process_by_the_key_that_it_was_given(shop: Firm) -> None:
    given = '<bpmn:extensionElements><camunda:in businessKey="= part"/></bpmn:extensionElements>'
    call = element("callActivity", "c", given, calledElement="waits")
    publish(shop, waits=_catching("waits", _MESSAGE), calls=diagram(_START + call, "s -> c", "calls"))
    first = begin(shop, "calls", "K-1", part="A")
    second = begin(shop, "calls", "K-2", part="B")

    with pytest.raises(ConflictError):
        messages.deliver(shop["operator"], "customs.cleared", {}, "K-1")
    messages.deliver(shop["operator"], "customs.cleared", {}, "B")

    assert stands_at(shop, first) == ["c", "w"]
    assert stands_at(shop, second) == ["after", "c"]
