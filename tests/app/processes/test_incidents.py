"""An incident lasts as long as what it stands for: a token, a call, a due timer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask

from app.errors import ConflictError, InvalidError
from app.moments import utc_now
from app.processes import commands, incidents
from app.processes.models import Incident
from tests.app.processes.running import (
    begin,
    call_of,
    complete,
    incidents_of,
    open_incidents,
    publish,
    stands_at,
    tick,
    variables_of,
)
from tests.builders import Firm, a_firm
from tests.workflows.building import boundary, diagram, element, script, service, timer, user

_START = element("startEvent", "s")
_LATE = timer(timeDuration="PT1H")


def _choosing(process: str, first: str) -> bytes:
    """What comes first goes on to `a` where `good`; after an hour `b` comes instead."""
    body = _START + first + boundary("late", "m", _LATE) + user("a") + user("b")
    return diagram(body, "s -> m\nm -> a: good\nlate -> b", process)


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish(
        firm,
        scripted=_choosing("scripted", script("m", "1", "x")),
        called=_choosing("called", service("m")),
        starving=diagram(
            _START
            + element("exclusiveGateway", "x", default="x_b")
            + element("parallelGateway", "j")
            + user("a")
            + user("b")
            + user("after"),
            "s -> x\nx -> a: true\nx -> b\na -> j\nb -> j\nj -> after",
            "starving",
        ),
        stopping=diagram(
            _START
            + element("parallelGateway", "f")
            + script("m", "1", "x")
            + user("a")
            + user("never")
            + element("endEvent", "stop", "<bpmn:terminateEventDefinition/>"),
            "s -> f\nf -> m\nf -> a\nm -> never: good\na -> stop",
            "stopping",
        ),
        timed=diagram(
            _START
            + element("parallelGateway", "f")
            + user("m")
            + user("beside")
            + boundary("late", "m", timer(timeDuration="PT0S"))
            + user("a")
            + user("b"),
            "s -> f\nf -> m\nf -> beside\nm -> a\nlate -> b",
            "timed",
        ),
    )
    return firm


def _only(shop: Firm, instance_id: UUID) -> Incident:
    [incident] = incidents_of(shop, instance_id)
    return incident


def test_an_incident_is_closed_with_the_step_that_cancels_its_element(shop: Firm) -> None:
    instance = begin(shop, "scripted")
    assert open_incidents(shop, instance) == ["m"]

    tick(shop, instance, hours=2)

    assert stands_at(shop, instance) == ["b"]
    incident = _only(shop, instance)
    assert (incident.resolution, incident.resolved_by) == ("the process went another way", None)
    with pytest.raises(ConflictError, match="resolved already"):
        incidents.retry(shop["operator"], incident.id)


def test_an_incident_of_a_call_is_closed_with_the_step_that_withdraws_the_call(shop: Firm) -> None:
    instance = begin(shop, "called")
    commands.report(call_of(shop, instance, "do.it"), commands.Failed("nobody is there"))
    assert open_incidents(shop, instance) == ["m"]

    tick(shop, instance, hours=2)

    assert open_incidents(shop, instance) == []


def test_an_incident_of_an_answered_call_is_closed_too(shop: Firm) -> None:
    instance = begin(shop, "called")
    commands.report(call_of(shop, instance, "do.it"), commands.Succeeded())
    assert open_incidents(shop, instance) == ["m"]

    tick(shop, instance, hours=2)

    assert open_incidents(shop, instance) == []


def test_an_incident_elsewhere_stays_open(shop: Firm) -> None:
    instance, other = begin(shop, "scripted"), begin(shop, "scripted")

    tick(shop, instance, hours=2)

    assert open_incidents(shop, other) == ["m"]


def test_an_element_that_fails_again_is_a_new_incident(shop: Firm) -> None:
    instance = begin(shop, "scripted")

    incidents.retry(shop["operator"], _only(shop, instance).id, "again", {"good": "perhaps"})

    first, second = incidents_of(shop, instance)
    assert (first.resolution, second.resolution) == ("again", None)
    assert open_incidents(shop, instance) == ["m"]


def test_a_number_that_an_operator_gives_is_the_decimal_that_was_written(shop: Firm) -> None:
    instance = begin(shop, "scripted")

    incidents.retry(shop["operator"], _only(shop, instance).id, "", {"good": True, "rate": 12.1})

    assert variables_of(shop, instance)["rate"] == Decimal("12.1")


def test_values_that_are_none_are_refused_and_change_nothing(shop: Firm) -> None:
    instance = begin(shop, "scripted")

    with pytest.raises(InvalidError, match="the values cannot be used") as refused:
        incidents.retry(shop["operator"], _only(shop, instance).id, "", {"rate": float("inf")})

    assert list(refused.value.fields) == ["variables"]
    assert open_incidents(shop, instance) == ["m"]


def test_variables_are_refused_where_they_would_take_no_effect(shop: Firm) -> None:
    instance = begin(shop, "timed")
    for _ in range(2):
        commands.postpone_timer(shop.org_id, instance, "no such zone", utc_now() + timedelta(minutes=2))
    incident = _only(shop, instance)

    with pytest.raises(ConflictError, match="variables take no effect"):
        incidents.retry(shop["operator"], incident.id, "", {"good": True})

    assert _only(shop, instance).resolved_at is None


def test_incidents_end_with_their_instance(shop: Firm) -> None:
    instance = begin(shop, "stopping")
    assert open_incidents(shop, instance) == ["m"]

    complete(shop, instance, "a")

    assert _only(shop, instance).resolution == "the instance ended"


def test_a_join_without_one_of_its_branches_is_not_retried_but_says_what_helps(shop: Firm) -> None:
    instance = begin(shop, "starving")
    complete(shop, instance, "a")
    incident = _only(shop, instance)
    assert "only cancelling helps" in incident.message

    with pytest.raises(ConflictError, match="j waits for what can never arrive: cancel the order"):
        incidents.retry(shop["operator"], incident.id, "perhaps now")

    assert open_incidents(shop, instance) == ["j"]
    assert stands_at(shop, instance) == ["j"]


@pytest.mark.parametrize("way", ["it fires after all", "nothing waits for it", "an operator retries"])
def test_an_incident_of_an_overdue_timer_is_closed_when(shop: Firm, way: str) -> None:
    instance = begin(shop, "timed")
    for _ in range(2):
        commands.postpone_timer(shop.org_id, instance, "no such zone", utc_now() + timedelta(minutes=2))
    incident = _only(shop, instance)

    if way == "it fires after all":
        commands.advance_due(shop.org_id, instance)
    elif way == "nothing waits for it":
        complete(shop, instance, "m")
    else:
        incidents.retry(shop["operator"], incident.id)

    assert open_incidents(shop, instance) == []
    assert stands_at(shop, instance) != []


def test_a_timer_that_is_not_due_closes_no_incident(shop: Firm) -> None:
    instance = begin(shop, "timed")
    commands.postpone_timer(shop.org_id, instance, "no such zone", utc_now() + timedelta(minutes=2))

    complete(shop, instance, "beside")

    assert open_incidents(shop, instance) == ["timer"]
