"""What a step leaves for people to see, beside the engine's state."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.database import reading
from app.moments import utc_now
from app.processes import showing
from app.processes.models import HistoryStep, Instance
from tests.app.processes import running
from tests.builders import Firm
from tests.workflows.building import boundary, diagram, element, timer, user

_TIMED = diagram(
    element("startEvent", "s")
    + element("parallelGateway", "fork")
    + element("exclusiveGateway", "meet")
    + user("ask")
    + boundary("late", "ask", timer(timeDuration="P2D"))
    + element("endEvent", "e"),
    "s -> fork\nfork -> meet\nfork -> ask\nmeet -> ask\nask -> e\nlate -> e",
    process="timed",
)


@pytest.fixture(scope="module", autouse=True)
def _published(firm: Firm) -> None:
    running.publish(firm, timed=_TIMED)


def _standing(firm: Firm, instance_id: UUID) -> dict[str, Any]:
    with reading(firm.org_id) as tx:
        return tx.session.get_one(Instance, instance_id).standing


def _changed(firm: Firm, instance_id: UUID) -> list[Any]:
    with reading(firm.org_id) as tx:
        statement = (
            select(HistoryStep.changed)
            .where(HistoryStep.instance_id == instance_id)
            .order_by(HistoryStep.revision)
        )
        return list(tx.session.scalars(statement))


def test_what_stands_keeps_its_timers_with_their_moments_and_how_many_tokens_are_where(firm: Firm) -> None:
    standing = _standing(firm, running.begin(firm, "timed"))

    assert standing["many"] == [["timed", "ask", 2]]
    assert [timer[1:3] for timer in standing["timers"]] == [["timed", "late"], ["timed", "late"]]
    assert datetime.fromisoformat(standing["timers"][0][3]) > utc_now()


def test_the_history_keeps_what_each_step_changed_with_its_type(firm: Firm) -> None:
    instance_id = running.begin(firm, "timed", amount=5, name="5")

    running.complete(firm, instance_id, "ask", {"agreed": True})

    assert _changed(firm, instance_id) == [
        [{"process": "timed", "scope": "0", "set": {"amount": 5, "name": "5"}}],
        [{"process": "timed", "scope": "0", "set": {"agreed": True}}],
    ]


def test_of_a_very_long_value_only_its_length_is_kept(firm: Firm) -> None:
    instance_id = running.begin(firm, "timed", text="x" * showing.LONGEST_VALUE, short="x")

    (kept,) = _changed(firm, instance_id)

    assert kept[0]["set"] == {"short": "x"}
    assert kept[0]["long"] == {"text": showing.LONGEST_VALUE + 2}
