"""Messages that find who awaits them by named keys, and those that nobody awaits yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.columns import new_id
from app.database import reading, transaction
from app.moments import utc_now
from app.outbox.models import CallStatus
from app.processes import commands, keeping_messages, messages, projections
from app.processes.message_models import KeptMessage, KeptStatus
from tasks.worker import load_handlers
from tests.app.processes.running import begin, call_of, complete, publish, stands_at, tick, variables_of
from tests.builders import Firm, a_firm
from tests.performing import run, status_of
from tests.workflows.building import diagram, element, timer, user

_START = element("startEvent", "s")
_DECLARED = '<bpmn:message id="m" name="paid"/>'
_MESSAGE = '<bpmn:messageEventDefinition messageRef="m"/>'
_PAY = {"name": "paid"}


def _keys(value: str) -> str:
    named = f'<camunda:property name="correlation.invoice" value="{value}"/>'
    return (
        f"<bpmn:extensionElements><camunda:properties>{named}</camunda:properties></bpmn:extensionElements>"
    )


def _catching(process: str, keys: str = "") -> bytes:
    body = _START + element("intermediateCatchEvent", "w", keys + _MESSAGE) + user("after")
    return diagram(body, "s -> w\nw -> after", process, _DECLARED)


def _sending(process: str, keys: str = "") -> bytes:
    body = _START + element("intermediateThrowEvent", "t", keys + _MESSAGE) + user("after")
    return diagram(body, "s -> t\nt -> after", process, _DECLARED)


@pytest.fixture
def shop(app: Flask) -> Firm:
    load_handlers()
    firm = a_firm()
    later = _START + user("a") + element("intermediateCatchEvent", "w", _MESSAGE) + user("after")
    twice = element("receiveTask", "w", messageRef="m") + element("receiveTask", "v", messageRef="m")
    timed = timer(timeDate="2020-01-01T00:00:00Z")
    waits = element("intermediateCatchEvent", "night", timed)
    publish(
        firm,
        waits=_catching("waits"),
        invoiced=_catching("invoiced", _keys("= invoice")),
        sends=_sending("sends"),
        bills=_sending("bills", _keys("= invoice")),
        later=diagram(later, "s -> a\na -> w\nw -> after", "later", _DECLARED),
        twice=diagram(
            _START + user("a") + twice + user("after"),
            "s -> a\na -> w\nw -> v\nv -> after",
            "twice",
            _DECLARED,
        ),
        nightly=diagram(
            _START + waits + element("receiveTask", "w", messageRef="m") + user("after"),
            "s -> night\nnight -> w\nw -> after",
            "nightly",
            _DECLARED,
        ),
        both=diagram(
            _START + twice + user("after"), "s -> w\ns -> v\nw -> after\nv -> after", "both", _DECLARED
        ),
    )
    return firm


def _post(
    client: FlaskClient, shop: Firm, path: str, body: Mapping[str, Any] | None = None, **headers: str
) -> tuple[int, Any]:
    sent = {**shop.headers("operator"), **headers}
    answer = client.post(f"/api/v1/{path}", json=body or {}, headers=sent)
    return answer.status_code, answer.get_json(silent=True)


def _keep(shop: Firm, name: str = "paid", seconds: int | None = None) -> None:
    keeping_messages.set_policy(shop["operator"], name, True, seconds)


def _kept(shop: Firm) -> list[KeptMessage]:
    with reading(shop.org_id) as tx:
        return list(tx.session.scalars(select(KeptMessage).order_by(KeptMessage.at, KeptMessage.id)))


# Named keys


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"payload": {"invoice": 18}}, id="in the payload"),
        pytest.param({"correlation": {"invoice": 18}}, id="said beside it"),
        pytest.param({"payload": {"invoice": 18.0}}, id="a number however it is written"),
        pytest.param(
            {"payload": {"invoice": 17}, "correlation": {"invoice": 18}}, id="what is said goes first"
        ),
        pytest.param({"payload": {"invoice": 18}, "business_key": "K-2"}, id="with the business key"),
    ],
)
def test_a_message_finds_the_one_whose_keys_it_brings(
    client: FlaskClient, shop: Firm, said: dict[str, Any]
) -> None:
    first, second = (begin(shop, "invoiced", f"K-{n - 16}", invoice=n) for n in (17, 18))

    assert _post(client, shop, "messages", {**_PAY, **said})[0] == 204

    assert (stands_at(shop, first), stands_at(shop, second)) == (["w"], ["after"])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="no key"),
        pytest.param({"payload": {"invoice": 19}}, id="another"),
        pytest.param({"payload": {"invoice": "17"}}, id="a text is no number"),
        pytest.param({"payload": {"invoice": 17}, "business_key": "K-9"}, id="another business key"),
    ],
)
def test_a_message_of_other_keys_is_for_nobody(client: FlaskClient, shop: Firm, said: dict[str, Any]) -> None:
    instance = begin(shop, "invoiced", "K-1", invoice=17)

    status, answer = _post(client, shop, "messages", {**_PAY, **said})

    assert (status, answer["error"]["message"]) == (409, "0 instances await the message paid")
    assert stands_at(shop, instance) == ["w"]


def test_two_that_a_message_fits_are_told_and_the_sender_names_one(client: FlaskClient, shop: Firm) -> None:
    both = [begin(shop, "invoiced", "K-1", invoice=17) for _ in range(2)]
    body = {**_PAY, "payload": {"invoice": 17}}

    refused = _post(client, shop, "messages", body)
    named = _post(client, shop, "messages", {**body, "instance_id": str(both[1])})

    assert (refused[0], refused[1]["error"]["message"]) == (409, "2 instances await the message paid")
    assert (named[0], [stands_at(shop, each) for each in both]) == (204, [["w"], ["after"]])


def test_two_places_of_one_instance_are_told_and_the_sender_names_one(
    client: FlaskClient, shop: Firm
) -> None:
    instance = begin(shop, "both")

    refused = _post(client, shop, "messages", _PAY)
    named = _post(client, shop, "messages", {**_PAY, "element": "v"})

    assert refused[0] == 409
    assert refused[1]["error"]["message"] == "2 tokens of the instance await the message paid, at v, w"
    assert (named[0], stands_at(shop, instance)) == (204, ["after", "w"])


def _hand_on(shop: Firm, sender: UUID) -> Mapping[str, Any]:
    call_id = call_of(shop, sender, "process.message")
    result = run(shop, call_id)
    commands.report(call_id, commands.Succeeded(result))
    return result


def test_a_message_of_an_instance_is_found_by_its_keys_whatever_the_business_key(shop: Firm) -> None:
    mine = begin(shop, "invoiced", "K-1", invoice=17)
    others = [begin(shop, "invoiced", "K-9", invoice=18), begin(shop, "waits", "K-1")]

    assert _hand_on(shop, begin(shop, "bills", "K-9", invoice=17)) == {"received": 1}

    assert (stands_at(shop, mine), [stands_at(shop, each) for each in others]) == (["after"], [["w"], ["w"]])


# Kept or refused


def test_a_message_that_nobody_awaits_is_kept_where_that_was_decided(client: FlaskClient, shop: Firm) -> None:
    _keep(shop, seconds=3600)

    status, answer = _post(client, shop, "messages", {**_PAY, "payload": {"sum": 12.5}})
    other = _post(client, shop, "messages", {"name": "other"})

    [kept] = _kept(shop)
    assert (status, answer["outcome"], answer["kept_id"]) == (202, "kept", str(kept.id))
    assert kept.expires_at - kept.at == timedelta(hours=1)
    assert other[0] == 409
    listed = client.get("/api/v1/messages", headers=shop.headers("auditor")).get_json()["items"]
    assert [(each["name"], each["status"], each["payload"]) for each in listed] == [
        ("paid", "waiting", {"sum": "12.5"})
    ]


@pytest.mark.parametrize(("own", "status"), [(None, 202), (False, 409)])
def test_what_was_decided_of_a_name_goes_before_what_was_decided_of_all(
    client: FlaskClient, shop: Firm, own: bool | None, status: int
) -> None:
    _keep(shop, name="")
    if own is not None:
        keeping_messages.set_policy(shop["operator"], "paid", own, None)

    assert _post(client, shop, "messages", _PAY)[0] == status


def test_who_awaits_it_later_has_it_in_the_same_step(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    instance = begin(shop, "later", "K-1")
    _post(client, shop, "messages", {**_PAY, "payload": {"sum": 12.5}, "business_key": "K-1"})

    moved = complete(shop, instance, "a")

    assert stands_at(shop, instance) == ["after"]
    assert [each.element for each in moved.opened] == ["after"]
    assert str(variables_of(shop, instance)["sum"]) == "12.5"
    [kept] = _kept(shop)
    assert (kept.status, kept.instance_id) == (KeptStatus.DELIVERED, instance)


def test_one_that_begins_by_awaiting_it_has_it_at_once(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    _post(client, shop, "messages", {**_PAY, "correlation": {"invoice": 17}})

    other = begin(shop, "invoiced", "K-1", invoice=18)
    instance = begin(shop, "invoiced", "K-2", invoice=17)

    assert (stands_at(shop, other), stands_at(shop, instance)) == (["w"], ["after"])


def test_several_kept_ones_are_taken_one_at_a_time_the_oldest_first(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    for number in range(3):
        _post(client, shop, "messages", {**_PAY, "payload": {f"n{number}": True}})

    instance = begin(shop, "twice")
    complete(shop, instance, "a")

    assert stands_at(shop, instance) == ["after"]
    assert set(variables_of(shop, instance)) == {"n0", "n1"}
    assert [each.status for each in _kept(shop)] == [
        KeptStatus.DELIVERED,
        KeptStatus.DELIVERED,
        KeptStatus.WAITING,
    ]


def test_a_kept_message_is_for_nobody_where_two_await_it(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    _post(client, shop, "messages", _PAY)

    instance = begin(shop, "both")

    assert stands_at(shop, instance) == ["v", "w"]
    assert [each.status for each in _kept(shop)] == [KeptStatus.WAITING]


def test_a_timer_that_leads_to_the_wait_delivers_too(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    _post(client, shop, "messages", _PAY)
    instance = begin(shop, "nightly")

    tick(shop, instance)

    assert stands_at(shop, instance) == ["after"]


def test_one_whose_time_is_over_is_not_delivered_by_itself_but_by_an_operator(
    client: FlaskClient, shop: Firm
) -> None:
    _keep(shop)
    _post(client, shop, "messages", _PAY)
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(KeptMessage).values(expires_at=utc_now() - timedelta(seconds=1)))

    instance = begin(shop, "waits")
    [kept] = _kept(shop)
    listed = client.get("/api/v1/messages", headers=shop.headers("operator")).get_json()["items"]
    stood = stands_at(shop, instance)
    delivered = _post(client, shop, f"messages/{kept.id}/deliver")

    assert ([each["status"] for each in listed], stood) == (["expired"], ["w"])
    assert (delivered, stands_at(shop, instance)) == ((200, {"instance_id": str(instance)}), ["after"])
    assert _post(client, shop, f"messages/{kept.id}/deliver")[0] == 409


def test_an_operator_says_who_is_to_have_it(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    _post(client, shop, "messages", {**_PAY, "business_key": "K-9"})
    both = [begin(shop, "waits", "K-1"), begin(shop, "waits", "K-2")]
    [kept] = _kept(shop)

    nobody = _post(client, shop, f"messages/{kept.id}/deliver")
    named = _post(client, shop, f"messages/{kept.id}/deliver", {"instance_id": str(both[1])})

    assert (nobody[0], named[0]) == (409, 200)
    assert [stands_at(shop, each) for each in both] == [["w"], ["after"]]


def test_one_that_is_discarded_stays_in_the_list_with_the_reason(client: FlaskClient, shop: Firm) -> None:
    _keep(shop)
    _post(client, shop, "messages", _PAY)
    [kept] = _kept(shop)

    unreasoned = _post(client, shop, f"messages/{kept.id}/discard", {"reason": " "})
    discarded = _post(client, shop, f"messages/{kept.id}/discard", {"reason": "Sent twice"})
    instance = begin(shop, "waits")
    headers = shop.headers("operator")
    waiting = client.get("/api/v1/messages", headers=headers).get_json()["items"]
    listed = client.get("/api/v1/messages?all=true", headers=headers).get_json()["items"]

    assert (unreasoned[0], discarded[0], stands_at(shop, instance)) == (422, 204, ["w"])
    assert waiting == []
    assert [(each["status"], each["reason"], each["done_by"]) for each in listed] == [
        ("discarded", "Sent twice", "Operator")
    ]
    assert _post(client, shop, f"messages/{new_id()}/discard", {"reason": "x"})[0] == 404


def test_what_an_instance_sends_is_kept_too_and_its_call_is_done(shop: Firm) -> None:
    _keep(shop)
    sender = begin(shop, "sends", "K-1")
    call_id = call_of(shop, sender, "process.message")

    assert _hand_on(shop, sender) == {"received": 0}

    assert status_of(shop, call_id) == CallStatus.DONE
    assert [(each.business_key, each.from_instance) for each in _kept(shop)] == [("K-1", sender)]
    others, mine = begin(shop, "waits", "K-2"), begin(shop, "waits", "K-1")
    assert (stands_at(shop, others), stands_at(shop, mine)) == (["w"], ["after"])


def test_a_waiter_that_came_while_the_message_was_being_kept_has_it_soon(
    client: FlaskClient, shop: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(shop)
    _post(client, shop, "messages", _PAY)
    with monkeypatch.context() as patching:
        patching.setattr(projections, "FOLLOWERS", [])  # the step did not see it: it was not committed yet
        instance = begin(shop, "waits")
    assert stands_at(shop, instance) == ["w"]

    late = keeping_messages.Latecomers()
    assert late.deliver() >= 1

    assert stands_at(shop, instance) == ["after"]
    assert late.deliver() == 0


def test_messages_that_fit_nobody_do_not_hide_one_whose_waiter_has_come(
    client: FlaskClient, shop: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keep(shop)
    for number in range(keeping_messages.BATCH):
        messages.deliver(shop["operator"], "paid", {}, f"N-{number}")
    messages.deliver(shop["operator"], "paid", {}, "K-1")
    with monkeypatch.context() as patching:
        patching.setattr(projections, "FOLLOWERS", [])
        instance = begin(shop, "waits", "K-1")
    late = keeping_messages.Latecomers()

    # Others' messages in this database may stand before ours.
    rounds = [late.deliver() for _ in range(4)]

    assert sum(rounds) == 1
    assert stands_at(shop, instance) == ["after"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"keeps": True, "keep_seconds": 0}, id="no time"),
        pytest.param({"keeps": True, "keep_seconds": 10**9}, id="longer than a year"),
        pytest.param({"keeps": True, "name": "x" * 191}, id="too long a name"),
        pytest.param({}, id="nothing decided"),
    ],
)
def test_a_decision_that_cannot_be_kept_is_refused(
    client: FlaskClient, shop: Firm, body: dict[str, Any]
) -> None:
    answer = client.put("/api/v1/message-policies", json=body, headers=shop.headers("operator"))

    assert answer.status_code == 422


def test_what_was_decided_is_listed(client: FlaskClient, shop: Firm) -> None:
    headers = shop.headers("operator")
    for body in ({"keeps": True}, {"name": "paid", "keeps": False, "keep_seconds": 60}):
        assert client.put("/api/v1/message-policies", json=body, headers=headers).status_code == 204

    listed = client.get("/api/v1/message-policies", headers=headers).get_json()["items"]

    assert listed == [
        {"name": "", "keeps": True, "keep_seconds": 604800},
        {"name": "paid", "keeps": False, "keep_seconds": 60},
    ]


# Repeated


@pytest.mark.parametrize(("what", "first"), [("messages", (202, "kept")), ("signals", (200, None))])
def test_what_is_repeated_under_its_key_happens_once_and_is_answered_the_same(
    client: FlaskClient, shop: Firm, what: str, first: tuple[int, str | None]
) -> None:
    _keep(shop)
    key = {"Idempotency-Key": "bank-4711"}

    answers = [_post(client, shop, what, _PAY, **key) for _ in range(2)]
    another = _post(client, shop, what, {"name": "other"}, **key)

    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1].get("outcome")) == first
    assert another[0] == 422
    assert len(_kept(shop)) == (1 if what == "messages" else 0)


def test_a_delivered_message_is_delivered_once_under_its_key(client: FlaskClient, shop: Firm) -> None:
    begin(shop, "waits", "K-1")
    key = {"Idempotency-Key": "bank-4712"}

    assert [_post(client, shop, "messages", _PAY, **key) for _ in range(2)] == [(204, None)] * 2
