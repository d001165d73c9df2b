"""Migrating instances: what is open follows, what cannot go says why, and the way back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, RefusedError
from app.inbox import commands as inbox
from app.moments import utc_now
from app.operations import moving
from app.operations.moving import Chosen
from app.operations.moving_queries import Choice, Course
from app.orders.standing import standing_of
from app.outbox.models import ServiceCall
from app.processes import advance, commands
from app.processes.models import HistoryStep, InboxEntry, Timer, WorkItem, WorkItemStatus
from app.processes.moving_models import MovedInstance
from tests.app.processes import running
from tests.builders import Firm, a_firm
from tests.workflows.building import boundary, diagram, element, service, timer, user

_START = element("startEvent", "s")


@pytest.fixture
def firm(app: Flask) -> Firm:
    return a_firm()


def _drawn(*steps: str, more: str = "", flows: str = "") -> bytes:
    names = [step.split('id="')[1].split('"')[0] for step in steps]
    line = "\n".join(f"{one} -> {other}" for one, other in zip(["s", *names], names, strict=False))
    return diagram(_START + "".join(steps) + more, f"{line}\n{flows}")


def _team(key: str, team: str = "finance", /, **attributes: str) -> str:
    return user(key, camunda_candidateGroups=team, **attributes)


def _publish(firm: Firm, drawing: bytes) -> None:
    running.publish(firm, p=drawing)


def _begun(firm: Firm, old: bytes, new: bytes) -> UUID:
    """Start an instance, then publish another version."""
    _publish(firm, old)
    begun = running.begin(firm, "p")
    _publish(firm, new)
    return begun


def _migrate(firm: Firm, key: UUID, *choices: Choice, by: str = "operator", **more: Any) -> None:
    moving.migrate(firm[by], Course("p", 1, 2, choices), Chosen(key, **more), "because")


def _check(firm: Firm, key: UUID, *choices: Choice) -> list[str]:
    (result,) = moving.check(firm["operator"], Course("p", 1, 2, choices), [key])
    return list(result.reasons)


def _item(firm: Firm, key: UUID) -> WorkItem:
    statement = select(WorkItem).where(WorkItem.instance_id == key, WorkItem.status == WorkItemStatus.OPEN)
    with reading(firm.org_id) as tx:
        return tx.session.scalars(statement).one()


def _inboxes(firm: Firm, item_id: UUID) -> list[str]:
    statement = select(InboxEntry.principal).where(InboxEntry.work_item_id == item_id)
    with reading(firm.org_id) as tx:
        return sorted(tx.session.scalars(statement))


def _row(firm: Firm, model: Any, key: UUID) -> Any:
    with reading(firm.org_id) as tx:
        return tx.session.scalars(select(model).where(model.instance_id == key)).one_or_none()


def test_an_open_item_follows_with_its_new_name_team_form_and_due_date(firm: Firm) -> None:
    old = _drawn(_team("a"))
    new = _drawn(
        _team("b", "director", name="Look again", camunda_formKey="packing", camunda_dueDate="P2D"),
        user("c"),
    )
    key = _begun(firm, old, new)
    before = _item(firm, key)

    _migrate(firm, key, Choice("p", "a", "b"))

    after = _item(firm, key)
    assert (after.id, after.opened_at) == (before.id, before.opened_at)
    assert (after.element, after.name, after.form) == ("b", "Look again", "packing")
    assert after.due_at == before.opened_at + timedelta(days=2)
    assert after.version > before.version
    assert _inboxes(firm, after.id) == ["t:director"]
    running.complete(firm, key, "b", {"comment": ""})
    assert running.stands_at(firm, key) == ["c"]


def test_whoever_claimed_an_item_keeps_it(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", "director", name="Other")))
    inbox.claim(firm["finance"], _item(firm, key).id)

    _migrate(firm, key)

    item = _item(firm, key)
    assert (item.name, item.assignee_id) == ("Other", firm["finance"].person_id)
    assert _inboxes(firm, item.id) == [f"p:{firm['finance'].person_id}"]


def test_an_item_that_is_only_drawn_elsewhere_keeps_all_but_its_element(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("b")))
    inbox.claim(firm["finance"], _item(firm, key).id)

    _migrate(firm, key, Choice("p", "a", "b"))

    item = _item(firm, key)
    assert (item.element, item.assignee_id) == ("b", firm["finance"].person_id)


def test_a_named_person_follows_the_diagram(firm: Firm) -> None:
    def drawn(name: str) -> bytes:
        return _drawn(user("a", camunda_assignee=firm.email(name)))

    key = _begun(firm, drawn("finance"), drawn("director"))

    _migrate(firm, key)

    assert _item(firm, key).assignee_id == firm["director"].person_id


def test_the_answer_of_a_call_in_flight_lands_in_the_migrated_instance(firm: Firm) -> None:
    key = _begun(firm, _drawn(service("a"), user("z")), _drawn(service("b"), user("z")))
    call = running.call_of(firm, key, "do.it")

    _migrate(firm, key, Choice("p", "a", "b"))
    assert _row(firm, ServiceCall, key).element == "b"
    commands.report(call, commands.Succeeded({"found": 3}))

    assert running.stands_at(firm, key) == ["z"]


def test_a_timer_that_changed_counts_from_when_its_activity_was_entered(firm: Firm) -> None:
    def drawn(wait: str) -> bytes:
        late = boundary("late", "a", timer(timeDuration=wait)) + user("b")
        return _drawn(_team("a"), more=late, flows="late -> b")

    key = _begun(firm, drawn("P2D"), drawn("P5D"))
    entered = _item(firm, key).opened_at

    _migrate(firm, key)

    assert _row(firm, Timer, key).due_at == entered + timedelta(days=5)


def test_what_was_migrated_twice_still_knows_when_its_activity_was_entered(firm: Firm) -> None:
    def drawn(name: str, wait: str) -> bytes:
        late = boundary("late", name, timer(timeDuration=wait)) + user("z")
        return _drawn(_team(name), more=late, flows="late -> z")

    key = _begun(firm, drawn("a", "P2D"), drawn("b", "P2D"))
    entered = _item(firm, key).opened_at
    _migrate(firm, key, Choice("p", "a", "b"), Choice("p", "late", "late"))
    _publish(firm, drawn("b", "P5D"))

    moving.migrate(firm["owner"], Course("p", 2, 3), Chosen(key), "again")

    assert _row(firm, Timer, key).due_at == entered + timedelta(days=5)


def test_an_incident_names_the_element_where_it_stands_now(firm: Firm) -> None:
    key = _begun(firm, _drawn(service("a"), user("z")), _drawn(service("b"), user("z")))
    call = running.call_of(firm, key, "do.it")
    commands.report(call, commands.Failed("the bank is closed"))

    _migrate(firm, key, Choice("p", "a", "b"))

    assert running.open_incidents(firm, key) == ["b"]


def test_history_and_record_tell_of_it(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("b")))

    _migrate(firm, key, Choice("p", "a", "b"))

    with reading(firm.org_id) as tx:
        step = tx.session.scalars(
            select(HistoryStep).where(HistoryStep.instance_id == key, HistoryStep.revision == 2)
        ).one()
        told = tx.session.scalars(
            select(AuditEntry.detail).where(AuditEntry.action == "instance.migrated")
        ).all()
    assert step.events == [{"process": "p", "element": "b", "kind": "migrated", "detail": {"was": "a"}}]
    assert any('"because"' in each and '"deployment":2' in each for each in told)


def test_what_cannot_go_says_why_and_stays_as_it_is(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(service("x"), user("y", name="Y"), user("y2", name="Y")))
    reason = "a: is not in the new version, and nothing stands for it there"
    assert _check(firm, key) == [reason]
    before = _item(firm, key)

    with pytest.raises(ConflictError, match=reason):
        _migrate(firm, key)

    assert _item(firm, key).version == before.version
    assert running.stands_at(firm, key) == ["a"]
    assert _row(firm, MovedInstance, key) is None


def test_checking_changes_nothing(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", name="Other")))

    assert _check(firm, key) == []

    assert _item(firm, key).name == "a"


def test_a_decision_that_can_still_be_taken_back_is_waited_for(firm: Firm) -> None:
    form = {"camunda_formKey": "packing"}
    key = _begun(firm, _drawn(_team("a", **form)), _drawn(_team("a", name="Other", **form)))
    decision = {"comment": ""}
    inbox.decide(firm["finance"], _item(firm, key).id, decision, hold=True)

    assert _check(firm, key) == ["a: a decision on it can still be taken back"]
    with pytest.raises(ConflictError, match="can still be taken back"):
        _migrate(firm, key)


# the way back


def test_a_migration_is_taken_back_with_all_that_followed(firm: Firm) -> None:
    late = boundary("late", "a", timer(timeDuration="P2D")) + user("z")
    old = _drawn(_team("a", camunda_dueDate="P9D"), more=late, flows="late -> z")
    key = _begun(firm, old, _drawn(_team("b", "director", name="Other")))
    before, due = _item(firm, key), _row(firm, Timer, key).due_at
    _migrate(firm, key, Choice("p", "a", "b"))
    assert _row(firm, Timer, key) is None

    moving.undo(firm["operator"], key, "the wrong one")

    after = _item(firm, key)
    assert (after.element, after.name, after.due_at) == ("a", "a", before.due_at)
    assert _inboxes(firm, after.id) == ["t:finance"]
    assert _row(firm, Timer, key).due_at == due
    assert _row(firm, MovedInstance, key) is None
    running.tick(firm, key, days=2)
    assert running.stands_at(firm, key) == ["z"]


def test_a_claim_that_came_since_stays_when_a_migration_is_taken_back(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", "director")))
    _migrate(firm, key)
    inbox.claim(firm["director"], _item(firm, key).id)

    moving.undo(firm["operator"], key, "the wrong one")

    item = _item(firm, key)
    assert (item.principals, item.assignee_id) == (["t:finance"], firm["director"].person_id)


def test_incidents_that_ended_with_the_migration_are_open_again_when_it_is_taken_back(firm: Firm) -> None:
    late = boundary("late", "a", timer(timeDuration="= wait")) + user("z")
    key = _begun(firm, _drawn(_team("a"), more=late, flows="late -> z"), _drawn(_team("a")))
    assert running.open_incidents(firm, key) == ["late"]
    _migrate(firm, key)
    assert running.open_incidents(firm, key) == []

    moving.undo(firm["operator"], key, "the wrong one")

    assert running.open_incidents(firm, key) == ["late"]


def test_after_the_next_step_there_is_no_way_back(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a"), user("z")), _drawn(_team("a"), user("z"), user("y")))
    _migrate(firm, key)
    running.complete(firm, key, "a")

    with pytest.raises(ConflictError, match="gone on since"):
        moving.undo(firm["operator"], key, "the wrong one")


def test_what_never_was_migrated_is_not_taken_back(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("b")))

    with pytest.raises(ConflictError, match="gone on since"):
        moving.undo(firm["operator"], key, "the wrong one")


def test_a_held_decision_keeps_a_migration_from_being_taken_back(firm: Firm) -> None:
    form = {"camunda_formKey": "packing"}
    key = _begun(firm, _drawn(_team("a", **form)), _drawn(_team("a", name="Other", **form)))
    _migrate(firm, key)
    decision = {"comment": ""}
    inbox.decide(firm["finance"], _item(firm, key).id, decision, hold=True)

    with pytest.raises(ConflictError, match="can still be taken back"):
        moving.undo(firm["operator"], key, "the wrong one")


def test_former_states_are_forgotten_when_nothing_can_be_taken_back_any_more(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a"), user("z")), _drawn(_team("a"), user("z"), user("y")))
    _migrate(firm, key)
    running.complete(firm, key, "a")
    other = running.begin(firm, "p", "K-2")

    moving.migrate_each(firm["operator"], Course("p", 1, 2), [Chosen(other)], "because")

    assert _row(firm, MovedInstance, key) is None


def test_what_a_call_has_bound_elsewhere_goes_on_there_and_back(firm: Firm) -> None:
    def called(then: str) -> bytes:
        return diagram(_START + _team("c1") + user(then), f"s -> c1\nc1 -> {then}", process="q")

    call = element("callActivity", "call", calledElement="q", camunda_calledElementBinding="latest")
    running.publish(firm, p=_drawn(_team("a"), call, user("z")), q=called("old"))
    key = running.begin(firm, "p")
    running.publish(firm, q=called("bound"))
    running.complete(firm, key, "a")
    running.publish(firm, p=_drawn(call, user("y")), q=called("newest"))
    course = Course("p", 1, 3)
    assert moving.check(firm["operator"], course, [key])[0].reasons == ()

    moving.migrate(firm["operator"], course, Chosen(key), "because")
    moving.undo(firm["operator"], key, "because")
    moving.migrate(firm["operator"], course, Chosen(key), "because")
    for name in ("c1", "bound"):
        running.complete(firm, key, name)

    assert running.stands_at(firm, key) == ["y"]


def test_an_instance_whose_former_process_is_gone_is_shown_without_it(firm: Firm) -> None:
    called = diagram(_START + user("c"), "s -> c", process="q")
    call = element("callActivity", "call", calledElement="q")
    running.publish(firm, p=_drawn(call, user("z")), q=called)
    key = running.begin(firm, "p")
    running.complete(firm, key, "c")
    running.publish(firm, p=_drawn(user("z")), q=called.replace(b'"q"', b'"r"'))
    moving.migrate(firm["operator"], Course("p", 1, 2), Chosen(key), "because")

    with reading(firm.org_id) as tx:
        shown = standing_of(tx, key)

    assert [each.process for each in shown] == ["p"]


# who, and when two come at once


def test_operators_and_process_owners_migrate_and_nobody_else(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", name="Other")))

    for verb in (
        lambda: _migrate(firm, key, by="sales"),
        lambda: moving.undo(firm["sales"], key, "because"),
        lambda: moving.check(firm["sales"], Course("p", 1, 2), [key]),
    ):
        with pytest.raises(RefusedError):
            verb()
    _migrate(firm, key, by="owner")


def test_a_reason_is_asked_for(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", name="Other")))

    with pytest.raises(InvalidError):
        moving.migrate(firm["operator"], Course("p", 1, 2), Chosen(key), "  ")


def test_an_instance_that_moved_on_since_it_was_seen_is_not_migrated(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a"), user("z")), _drawn(_team("a", name="Other"), user("z")))
    running.complete(firm, key, "a")

    with pytest.raises(ConflictError, match="moved on since you looked"):
        _migrate(firm, key, revision=1)


def test_ended_and_other_instances_are_refused(firm: Firm) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", name="Other")))
    newer = running.begin(firm, "p", "K-2")
    with transaction(firm.org_id) as tx:
        advance.cancel(tx, advance.load(tx, key), "over", None, utc_now())

    assert _check(firm, key) == ["this has ended"]
    assert _check(firm, newer) == ["this does not run on that deployment"]
    for each in (key, newer):
        with pytest.raises(ConflictError):
            _migrate(firm, each)


def test_of_a_migration_and_a_click_at_one_moment_nothing_is_half_done(app: Flask, firm: Firm) -> None:
    for turn in range(10):
        last = f"{turn}{turn}"
        _publish(firm, _drawn(_team("a"), user(f"z{last}")))
        key = running.begin(firm, "p", f"K-{turn}")
        _publish(firm, _drawn(_team("a"), user(f"y{last}")))
        course = Course("p", 2 * turn + 1, 2 * turn + 2)

        said = _race(
            app,
            partial(moving.migrate, firm["operator"], course, Chosen(key, revision=1), "because"),
            partial(inbox.decide, firm["finance"], _item(firm, key).id, {"comment": ""}),
        )

        # The click first: the migration saw an older revision. The migration first: the click goes on there.
        assert (said, running.stands_at(firm, key)) in (
            (["conflict", "done"], [f"z{last}"]),
            (["done", "done"], [f"y{last}"]),
        )


def _race(app: Flask, *verbs: Callable[[], Any]) -> list[str]:
    barrier, said = threading.Barrier(len(verbs)), []

    def go(verb: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                verb()
                said.append("done")
            except ConflictError:
                said.append("conflict")

    threads = [threading.Thread(target=go, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


# over HTTP


def test_over_http_each_instance_says_what_came_of_it(firm: Firm, client: FlaskClient) -> None:
    _publish(firm, _drawn(_team("a"), user("z")))
    goes, stays = running.begin(firm, "p"), running.begin(firm, "p", "K-2")
    running.complete(firm, stays, "a")
    _publish(firm, _drawn(_team("a", name="Other")))
    course = {"process": "p", "before": 1, "after": 2, "choices": [{"process": "p", "old": "z", "new": None}]}
    headers = firm.headers("operator")

    origins = client.get("/api/v1/migrations", headers=headers).get_json()["items"]
    plan = client.get("/api/v1/migrations/plan?process=p&before=1&after=2", headers=headers).get_json()
    checked = client.post("/api/v1/migrations/check", json=course, headers=headers).get_json()["items"]
    chosen = [{"id": str(goes), "revision": 1}, {"id": str(stays)}]
    body = {**course, "instances": chosen, "reason": "because"}
    done = client.post("/api/v1/migrations", json=body, headers=headers).get_json()["items"]
    back = {"ids": [str(goes), str(stays)], "reason": "wrong"}
    undone = client.post("/api/v1/migrations/undo", json=back, headers=headers).get_json()["items"]

    assert [(each["process"], each["deployment"], each["newest"], each["running"]) for each in origins] == [
        ("p", 1, 2, 2)
    ]
    assert [pair["old"] for pair in plan["pairs"]] == ["s", "a"]
    assert [place["element"] for place in plan["gone"]] == ["z"]
    why = ["z: is not in the new version, and nothing stands for it there"]
    assert {each["id"]: each["reasons"] for each in checked} == {str(goes): [], str(stays): why}
    assert done[0] == {"id": str(goes), "reasons": []}
    assert done[1]["reasons"] == [f"this cannot be migrated: {why[0]}"]
    assert [bool(each["reasons"]) for each in undone] == [False, True]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"after": 1}, 422, id="to where they are"),
        pytest.param({"after": 9}, 404, id="to nowhere"),
        pytest.param({"process": "q"}, 404, id="another process"),
        pytest.param({"choices": [{"process": "p", "old": "zz", "new": None}]}, 422, id="no such element"),
    ],
)
def test_a_way_that_there_is_not_is_refused(
    firm: Firm, client: FlaskClient, change: dict[str, Any], status: int
) -> None:
    key = _begun(firm, _drawn(_team("a")), _drawn(_team("a", name="Other")))
    body = {"process": "p", "before": 1, "after": 2, "instances": [{"id": str(key)}], "reason": "x", **change}

    answer = client.post("/api/v1/migrations", json=body, headers=firm.headers("owner"))

    assert answer.status_code == status
