"""When an order is closed is learned from how orders passed; medians answer where nothing better is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Role
from app.columns import new_id
from app.database import reading, transaction
from app.insights import predictions, publishing, remaining_time, training
from app.insights.models import SaidPrediction, TrainedModel
from app.insights.passing import Lately, Path, known_of
from app.insights.remaining_time import NAME
from app.insights.remaining_time_scores import FACTS, days_left
from app.moments import utc_now
from app.orders.expectation import Expectation, Told, better
from app.orders.models import Order, OrderStatus
from tasks import training as performing
from tests.app.insights.passing_orders import some_passages
from tests.builders import Firm, a_firm
from tests.selling import a_line, a_product, an_order, publish_shipped
from tests.signing_in import signed_in

AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _path(begun_ago: int, ended_ago: int | None) -> Path:
    begun = AT - begun_ago * DAY
    ended = None if ended_ago is None else AT - ended_ago * DAY
    words = {"digits": "3", "lines": 1.0, "channel": "direct"}
    return Path("O", new_id(), (("draft", begun), ("submitted", begun + DAY)), ended, words)


def test_only_what_had_ended_by_then_says_what_was_usual() -> None:
    lately = Lately([_path(ago, ago - 10) for ago in range(20, 30)])

    assert lately.usual("submitted", AT - 18 * DAY) is None
    usual = lately.usual("submitted", AT)
    assert usual is not None
    assert (usual.left, usual.spread, usual.whole) == (9, 0, 10)
    assert lately.usual("approved", AT) is None


def test_the_facts_of_a_milestone_are_exactly_the_declared_ones() -> None:
    usual = Lately([_path(ago, ago - 10) for ago in range(20, 30)]).usual("submitted", AT)
    assert usual is not None

    facts = known_of(_path(4, None), 1, usual)

    assert set(facts) == set(FACTS)
    assert (facts["milestone"], facts["before"], facts["elapsed"], facts["recent_left"]) == (
        "submitted",
        "draft",
        1.0,
        9.0,
    )


def test_the_days_are_in_order_and_never_below_nothing() -> None:
    cards = {
        level: {"intercept": value, "features": []}
        for level, value in (("low", 1), ("likely", -9), ("high", -20))
    }

    assert days_left({"cards": cards, "from_usual": 1.0, "wider": 0.5}, {}, 4.0) == (0.0, 0.0, 0.0)


def test_a_model_whose_moment_has_passed_leaves_the_word_to_the_medians() -> None:
    medians = Expectation(40, likely=AT + DAY, earliest=AT, latest=AT + 9 * DAY, following="approved")

    late = better(medians, Told(AT - 3 * DAY, AT - DAY, AT + DAY, 2), AT)
    told = better(medians, Told(AT - DAY, AT + 5 * DAY, AT + 6 * DAY, 2), AT)

    assert late is medians
    assert (told.version, told.earliest, told.likely, told.following) == (2, AT, AT + 5 * DAY, "approved")


@pytest.fixture(scope="module")
def shop(app: Flask) -> Firm:
    firm = a_firm()
    publish_shipped(firm)
    some_passages(firm, 120, utc_now())
    run_id = training.ask(firm["owner"], NAME)
    assert performing.execute(firm.org_id, run_id) == "published"
    return firm


def _executing(shop: Firm, total: int) -> Any:
    order = an_order(shop, [a_line(a_product(shop))], submit=True)
    with transaction(shop.org_id) as tx:
        tx.session.execute(update(Order).where(Order.id == order.id).values(total=total))
    return order


def _end(shop: Firm, client: FlaskClient, order_id: UUID) -> dict[str, Any]:
    answer = client.get(f"/api/v1/orders/{order_id}/outlook", headers=shop.headers("sales"))
    return dict(answer.get_json()["end"])


def test_a_large_order_is_told_to_take_longer_where_the_medians_cannot(
    app: Flask, shop: Firm, client: FlaskClient
) -> None:
    small, large = (_executing(shop, total) for total in (90, 90_000))

    days = [
        (datetime.fromisoformat(_end(shop, client, each.id)["likely"]) - utc_now()).days
        for each in (small, large)
    ]
    page = signed_in(app, shop, Role.SALES).get(f"/orders/{large.id}").text

    assert days[0] < 8
    assert days[1] > 18
    assert "by version 1 of the model" in page


def test_it_beats_the_medians_and_its_range_holds_most(shop: Firm) -> None:
    with reading(shop.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel).where(TrainedModel.kind == NAME)).one()

    assert model.metrics["candidate"]["error"] < 0.5 * model.metrics["baseline"]["error"]
    assert model.metrics["candidate"]["within"] > 0.6
    assert "milestone_and_size" in model.features


def test_what_was_said_is_compared_with_the_day_it_was_closed(shop: Firm) -> None:
    order = _executing(shop, 90)
    with transaction(shop.org_id) as tx:
        remaining_time.reckon(tx, utc_now())
    closed_at = utc_now() + 4 * DAY
    with transaction(shop.org_id) as tx:
        tx.session.execute(
            update(Order).where(Order.id == order.id).values(status=OrderStatus.CLOSED, ended_at=closed_at)
        )

    with transaction(shop.org_id) as tx:
        remaining_time.reckon(tx, closed_at)

    with reading(shop.org_id) as tx:
        said = tx.session.scalars(
            select(SaidPrediction).where(SaidPrediction.kind == NAME, SaidPrediction.subject == order.number)
        ).all()
        both = predictions.compared(tx, NAME, closed_at - DAY)
    by_model = {row.model_id is not None: row for row in said}
    assert set(by_model) == {True, False}
    assert [row.happened for row in said] == 2 * [{"was closed on": closed_at.date().isoformat()}]
    assert by_model[True].error is not None
    assert by_model[True].error < 4
    assert both is not None
    assert (both.count, both.error, both.baseline_error) == (1, by_model[True].error, by_model[False].error)


def test_taken_out_of_use_the_medians_answer_and_it_is_said(
    app: Flask, shop: Firm, client: FlaskClient
) -> None:
    order = _executing(shop, 90)

    publishing.stop_using(shop["owner"], NAME)

    end = _end(shop, client, order.id)
    page = signed_in(app, shop, Role.SALES).get(f"/orders/{order.id}").text
    publishing.use_version(shop["owner"], NAME, 1)
    assert end["version"] is None
    assert end["likely"] is not None
    assert "By the medians of the last 120 orders." in page
