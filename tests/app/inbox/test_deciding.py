"""Deciding over HTTP: claimed, released, decided, held and taken back; never by whoever entered it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.actor import Actor, person_principal
from app.audit.queries import list_entries
from app.audit.verifying import verify
from app.config import settings
from app.database import reading
from app.errors import ConflictError, PlacetError
from app.events.models import Change
from app.inbox import commands, due, queries
from app.inbox.queries import View
from app.moments import utc_now
from app.orders import commands as orders
from app.orders.detail import OrderDetail
from app.processes.queries import HEADS
from tests.builders import Firm, a_firm
from tests.selling import a_line, a_product, an_order, complete, publish_shipped, read

API = "/api/v1/inbox"
APPROVED = {"result": {"decision": "approved", "comment": ""}}


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    return firm


def _waiting(shop: Firm) -> tuple[OrderDetail, str]:
    """Submit an order that the sales lead must approve; return it and its work item."""
    order = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    item = read(shop, order.id).waiting[0]
    return order, str(item.item_id)


def _counts(client: FlaskClient, shop: Firm, who: str) -> dict[str, int]:
    found: dict[str, int] = client.get(f"{API}/counts", headers=shop.headers(who)).get_json()
    return found


def test_an_item_is_listed_with_its_order_and_why_it_is_asked(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers("lead")

    listed = client.get(API, query_string={"search": order.number}, headers=headers).get_json()["items"]
    item = client.get(f"{API}/{item_id}", headers=headers).get_json()

    assert [(row["id"], row["number"]) for row in listed] == [(item_id, order.number)]
    assert (item["may_decide"], item["teams"], item["form_fields"]["key"]) == (
        True,
        ["sales_lead"],
        "approval",
    )
    assert item["why"]


def test_the_consequence_names_the_next_team_and_then_the_execution(client: FlaskClient, shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="60000"))], submit=True)
    said = []

    while order.status == "submitted":
        item_id = read(shop, order.id).waiting[0].item_id
        said.append(client.get(f"{API}/{item_id}", headers=shop.headers("lead")).get_json()["consequence"])
        asked = read(shop, order.id).waiting[0].whom
        assert len(said) == 1 or said[-2] == f"If you approve, {asked[0]} is asked next."
        complete(shop, order.id, "approve_order", {"decision": "approved", "comment": ""})
        order = read(shop, order.id)

    assert len(said) > 1
    assert said[-1] == "If you approve, no further level is asked and the order is executed."


def test_an_approved_order_goes_on(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)

    answer = client.post(f"{API}/{item_id}/complete", json=APPROVED, headers=shop.headers("lead"))

    decided = answer.get_json()
    assert (answer.status_code, decided["status"], decided["in_force_at"]) == (200, "done", None)
    assert read(shop, order.id).status == "executing"


def test_a_rejected_order_ends_with_its_reason(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers("lead")
    rejected = {"result": {"decision": "rejected", "comment": "Too dear"}}

    answer = client.post(f"{API}/{item_id}/complete", json=rejected, headers=headers)

    assert answer.status_code == 200
    assert read(shop, order.id).status == "rejected"
    item = client.get(f"{API}/{item_id}", headers=headers).get_json()
    assert (item["status"], item["done_by_name"], item["may_decide"]) == ("completed", "Lead", False)
    assert item["outcome"]["comment"] == "Too dear"


def test_an_order_is_sent_back_revised_and_asked_again(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    changes = {"result": {"decision": "changes", "comment": "Fewer, please"}}

    client.post(f"{API}/{item_id}/complete", json=changes, headers=shop.headers("lead"))
    sent_back = read(shop, order.id).status
    client.post(f"/api/v1/orders/{order.id}/submit", headers=shop.headers("sales"))

    again = read(shop, order.id)
    assert (sent_back, again.status) == ("changes_requested", "submitted")
    assert str(again.waiting[0].item_id) != item_id


@pytest.mark.parametrize(
    ("result", "field"),
    [
        pytest.param({}, "decision", id="nothing"),
        pytest.param({"decision": "maybe"}, "decision", id="no choice of it"),
        pytest.param({"decision": True}, "decision", id="another type"),
        pytest.param({"decision": "rejected", "comment": " "}, "comment", id="a refusal without why"),
        pytest.param({"decision": "approved", "comment": "x" * 4001}, "comment", id="too much"),
        pytest.param({"decision": "approved", "comment": 5}, "comment", id="no text"),
        pytest.param({"decision": "approved", "amount": 1}, "amount", id="a field of no form"),
    ],
)
def test_what_is_wrong_with_a_decision_is_named(
    client: FlaskClient, shop: Firm, result: dict[str, Any], field: str
) -> None:
    _, item_id = _waiting(shop)

    answer = client.post(f"{API}/{item_id}/complete", json={"result": result}, headers=shop.headers("lead"))

    assert (answer.status_code, list(answer.get_json()["error"]["fields"])) == (422, [field])


@pytest.mark.parametrize(
    ("who", "code"),
    [
        pytest.param("sales", "own_order", id="whoever entered it"),
        pytest.param("finance", "not_candidate", id="another team"),
        pytest.param("admin", "not_candidate", id="an administrator"),
    ],
)
@pytest.mark.parametrize("verb", ["complete", "claim"])
def test_nobody_decides_but_those_who_are_asked(
    client: FlaskClient, shop: Firm, who: str, code: str, verb: str
) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers(who)

    answer = client.post(
        f"{API}/{item_id}/{verb}", json=APPROVED if verb == "complete" else None, headers=headers
    )

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, code)
    assert client.get(f"{API}/{item_id}", headers=headers).get_json()["may_not_because"] == code
    assert read(shop, order.id).status == "submitted"


def test_nobody_decides_while_an_operator_has_suspended_the_order(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    path, body = f"/api/v1/instances/{order.instance_id}/actions", {"verb": "suspend", "reason": "To look"}
    client.post(path, json=body, headers=shop.headers("operator"))
    headers = shop.headers("lead")

    answer = client.post(f"{API}/{item_id}/complete", json=APPROVED, headers=headers)
    seen = client.get(f"{API}/{item_id}", headers=headers).get_json()

    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "suspended")
    assert (seen["may_decide"], seen["may_not_because"]) == (False, "suspended")


def test_a_claimed_item_is_ones_own_until_it_is_given_back(client: FlaskClient, shop: Firm) -> None:
    _, item_id = _waiting(shop)
    other = a_colleague(shop)
    before = _counts(client, shop, "lead")

    claimed = client.post(f"{API}/{item_id}/claim", headers=shop.headers("lead"))
    mine = _counts(client, shop, "lead")
    with pytest.raises(ConflictError) as taken:
        commands.decide(other, UUID(item_id), APPROVED["result"])
    with pytest.raises(PlacetError):
        commands.release(other, UUID(item_id))
    released = client.post(f"{API}/{item_id}/release", headers=shop.headers("lead"))

    assert (claimed.status_code, released.status_code) == (204, 204)
    assert mine["mine"] == before["mine"] + 1
    assert mine["teams"] == before["teams"] - 1
    assert taken.value.code == "claimed"
    assert _counts(client, shop, "lead") == before


def _last_told(shop: Firm, order: OrderDetail) -> set[str]:
    """Return whose inbox the latest news of this order is about."""
    statement = select(Change.principals).where(Change.subject_id == order.id).order_by(Change.seq.desc())
    with reading(shop.org_id) as tx:
        return set(tx.session.scalars(statement.limit(1)).one())


def test_taking_and_giving_back_is_on_the_record_of_the_instance(shop: Firm) -> None:
    order, item_id = _waiting(shop)

    commands.claim(shop["lead"], UUID(item_id))
    commands.release(shop["lead"], UUID(item_id))

    with reading(shop.org_id) as tx:
        entries = list_entries(tx, stream_id=order.instance_id, person_id=shop["lead"].person_id)
    assert [entry.action for entry in entries] == ["item.released", "item.claimed"]
    assert {entry.detail["item"] for entry in entries} == {item_id}
    assert list(verify(shop.org_id, settings().audit_key, [HEADS])) == []


@pytest.mark.parametrize("verb", ["decided", "cancelled", "released"])
def test_the_team_and_whoever_took_an_item_are_told_when_it_leaves_them(shop: Firm, verb: str) -> None:
    order, item_id = _waiting(shop)
    lead = shop["lead"]
    commands.claim(lead, UUID(item_id))

    if verb == "decided":
        commands.decide(lead, UUID(item_id), APPROVED["result"])
    elif verb == "cancelled":
        orders.cancel(shop["sales"], order.id, "twice")
    else:
        commands.release(lead, UUID(item_id))

    assert _last_told(shop, order) >= {"t:sales_lead", person_principal(lead.person_id)}


def test_claiming_twice_changes_nothing(client: FlaskClient, shop: Firm) -> None:
    _, item_id = _waiting(shop)
    headers = shop.headers("lead")

    answers = [client.post(f"{API}/{item_id}/claim", headers=headers).status_code for _ in range(2)]

    assert answers == [204, 204]


def test_a_held_decision_counts_only_when_its_time_is_over(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers("lead")

    held = client.post(f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=headers)
    waiting = read(shop, order.id).status
    again = client.post(f"{API}/{item_id}/complete", json=APPROVED, headers=headers)
    claim = client.post(f"{API}/{item_id}/claim", headers=headers)
    put = commands.put_in_force(shop.org_id, UUID(item_id))
    twice = commands.put_in_force(shop.org_id, UUID(item_id))

    assert (held.get_json()["status"], waiting) == ("held", "submitted")
    assert [again.status_code, claim.status_code] == [409, 409]
    assert (put, twice) == (True, False)
    assert read(shop, order.id).status == "executing"


def test_a_held_decision_is_taken_back_by_whoever_gave_it(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers("lead")
    client.post(f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=headers)

    others = client.post(f"{API}/{item_id}/undo", headers=shop.headers("finance"))
    own = client.post(f"{API}/{item_id}/undo", headers=headers)
    late = client.post(f"{API}/{item_id}/undo", headers=headers)

    assert [others.status_code, own.status_code, late.status_code] == [409, 204, 409]
    assert not commands.put_in_force(shop.org_id, UUID(item_id))
    assert read(shop, order.id).status == "submitted"


def test_a_held_decision_is_void_where_the_order_moved_on(client: FlaskClient, shop: Firm) -> None:
    order, item_id = _waiting(shop)
    client.post(f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=shop.headers("lead"))
    body = {"reason": "Ordered twice"}

    client.post(f"/api/v1/orders/{order.id}/cancel", json=body, headers=shop.headers("sales"))
    put = commands.put_in_force(shop.org_id, UUID(item_id))
    late = client.post(f"{API}/{item_id}/complete", json=APPROVED, headers=shop.headers("lead"))

    assert put is False
    assert read(shop, order.id).status == "cancelled"
    assert (late.status_code, late.get_json()["error"]["code"]) == (409, "no_longer_open")


def test_a_relay_takes_due_decisions_for_itself_alone(client: FlaskClient, shop: Firm) -> None:
    _, item_id = _waiting(shop)
    held = client.post(
        f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=shop.headers("lead")
    ).get_json()
    assert held["in_force_at"]
    now = utc_now() + due.LEASE / 2

    first = [taken.work_item_id for taken in due.take_due_decisions(now, 100)]
    second = [taken.work_item_id for taken in due.take_due_decisions(now, 100)]

    assert UUID(item_id) in first
    assert UUID(item_id) not in second


def test_a_decision_that_cannot_count_opens_one_incident(client: FlaskClient, shop: Firm) -> None:
    _, item_id = _waiting(shop)
    client.post(f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=shop.headers("lead"))
    now = utc_now()

    for _ in range(2):
        due.postpone_decision(shop.org_id, UUID(item_id), "the rules are away", now, now + due.LEASE)

    assert len(_incidents(client, shop, "the rules are away")) == 1


@pytest.mark.parametrize("way", ["in force", "taken back", "retried", "cancelled"])
def test_an_incident_of_a_held_decision_ends_with_it(client: FlaskClient, shop: Firm, way: str) -> None:
    order, item_id = _waiting(shop)
    headers = shop.headers("lead")
    client.post(f"{API}/{item_id}/complete", json={**APPROVED, "hold": True}, headers=headers)
    now = utc_now()
    due.postpone_decision(shop.org_id, UUID(item_id), f"{way} {item_id}", now, now + due.LEASE)
    [incident] = _incidents(client, shop, f"{way} {item_id}")

    if way == "in force":
        assert commands.put_in_force(shop.org_id, UUID(item_id))
    elif way == "taken back":
        commands.take_back(shop["lead"], UUID(item_id))
    elif way == "retried":
        url = f"/api/v1/incidents/{incident['id']}/retry"
        assert client.post(url, json={}, headers=shop.headers("operator")).status_code == 204
    else:
        body = {"reason": "Ordered twice"}
        client.post(f"/api/v1/orders/{order.id}/cancel", json=body, headers=shop.headers("sales"))

    assert _incidents(client, shop, f"{way} {item_id}") == []


def _incidents(client: FlaskClient, shop: Firm, said: str) -> list[dict[str, Any]]:
    """The open incidents that say this."""
    found = client.get("/api/v1/incidents", headers=shop.headers("operator")).get_json()["items"]
    return [row for row in found if said in row["message"]]


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(app: Flask, shop: Firm) -> None:
    other = a_colleague(shop)
    for _ in range(5):
        order, item_id = _waiting(shop)

        told = _at_once(
            app,
            lambda item=item_id: commands.decide(shop["lead"], UUID(item), APPROVED["result"]),
            lambda item=item_id: commands.decide(other, UUID(item), APPROVED["result"]),
        )

        assert sorted(told) == ["already_decided", "won"]
        assert read(shop, order.id).status == "executing"


def test_the_views_show_what_they_say(app: Flask, shop: Firm) -> None:
    _, item_id = _waiting(shop)
    now = utc_now()
    with reading(shop.org_id) as tx:
        item = queries.get_item(tx, shop["lead"], UUID(item_id))
        assert item.row.due_at is not None
        late = queries.list_items(tx, shop["lead"], View.LATE, now=item.row.due_at + due.LEASE, limit=200)
        early = queries.list_items(tx, shop["lead"], View.LATE, now=now, limit=200)
        nobody = queries.list_items(tx, shop["owner"], View.TEAMS, now=now)

    assert UUID(item_id) in [row.id for row in late]
    assert UUID(item_id) not in [row.id for row in early]
    assert nobody == []


def test_pages_of_the_inbox_hold_each_once(client: FlaskClient, shop: Firm) -> None:
    fresh = a_firm()
    publish_shipped(fresh)
    for _ in range(5):
        _waiting(fresh)
    headers, seen, cursor = fresh.headers("lead"), [], None

    while True:
        query = {"limit": "2", "view": "teams", **({"cursor": cursor} if cursor else {})}
        page = client.get(API, query_string=query, headers=headers).get_json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"view": "everything"}, {"limit": "0"}])
def test_a_question_that_makes_no_sense_is_refused(
    client: FlaskClient, shop: Firm, query: dict[str, str]
) -> None:
    assert client.get(API, query_string=query, headers=shop.headers("lead")).status_code == 422


def a_colleague(shop: Firm) -> Actor:
    """Another sales lead, of the director's person: whoever asks is told apart by id."""
    director = shop["director"]
    return Actor(
        org_id=shop.org_id,
        person_id=director.person_id,
        name=director.name,
        roles=director.roles,
        teams=frozenset({"sales_lead"}),
    )


def _at_once(app: Flask, *deeds: Callable[[], object]) -> list[str]:
    """Do these at the same moment in threads of their own; return how each ended."""
    told: list[str] = []
    together = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        with app.app_context():
            together.wait()
            try:
                deed()
                told.append("won")
            except PlacetError as error:
                told.append(error.code)

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
