"""A need's type is suggested from what the organisation's people called the needs before it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text

from app.accounts.models import Role
from app.config import Settings
from app.database import prepare_engine, reading, transaction
from app.insights import text_models, training
from app.insights.models import RunState, SaidPrediction, TrainedModel
from app.insights.need_types import NAME
from app.migrating import migrate
from app.needs import commands
from tasks import training as performing
from tests.app.insights.learning.texts.saying import some
from tests.builders import Firm, a_firm
from tests.signing_in import signed_in


@pytest.fixture
def firm(app: Flask) -> Firm:
    """A business of its own for each test."""
    return a_firm()


def _needs(firm: Firm, count: int) -> None:
    for said, kind in zip(*some(count), strict=True):
        commands.create(firm["sales"], {"need_type": kind, "text": said})


def _train(firm: Firm) -> str:
    return performing.execute(firm.org_id, training.ask(firm["owner"], NAME))


def _asked(firm: Firm, client: FlaskClient, text: str) -> dict[str, Any]:
    answer = client.post("/api/v1/needs/suggest-type", json={"text": text}, headers=firm.headers("sales"))
    assert answer.status_code == 200
    return dict(answer.get_json())


def _said(firm: Firm, *, by_model: bool = True) -> list[SaidPrediction]:
    """Return what models said, or the baseline, in that order."""
    speaker = SaidPrediction.model_id.is_not(None) if by_model else SaidPrediction.model_id.is_(None)
    found = select(SaidPrediction).where(SaidPrediction.kind == NAME, speaker)
    with reading(firm.org_id) as tx:
        return list(tx.session.scalars(found.order_by(SaidPrediction.said_at)))


def test_a_trained_organisation_is_suggested_its_types(firm: Firm, client: FlaskClient) -> None:
    _needs(firm, 60)
    outcome = _train(firm)

    found = _asked(firm, client, "the courier delay, again")
    strange = _asked(firm, client, "qubit entanglement thesis")

    assert outcome == "published"
    assert (found["status"], found["type"], found["version"]) == ("suggested", "delivery", 1)
    assert 0 < found["confidence"] <= 1
    assert (strange["status"], strange["type"]) == ("none", None)
    assert len(strange["likeliest"]) == 3
    with reading(firm.org_id) as tx:
        metrics = tx.session.scalars(select(TrainedModel.metrics)).one()
    assert metrics["candidate"]["accuracy"] > metrics["baseline"]["accuracy"]


def test_what_people_chose_is_kept_beside_what_was_suggested(firm: Firm) -> None:
    _needs(firm, 60)
    _train(firm)

    followed = commands.create(firm["sales"], {"need_type": "delivery", "text": "courier delay, again"})
    other = commands.create(firm["sales"], {"need_type": "seating", "text": "lost box, where is it"})
    before = [(row.subject, row.error) for row in _said(firm)]
    commands.change(firm["sales"], other.id, {"need_type": "delivery"}, None)

    assert before == [(followed.number, 0.0), (other.number, 1.0)]
    corrected = {row.subject: row for row in _said(firm)}[other.number]
    assert (corrected.said["type"], corrected.happened, corrected.error) == (
        "delivery",
        {"type": "delivery"},
        0.0,
    )


def test_the_most_frequent_type_is_said_beside_the_model_and_the_page_tells_who_erred_less(
    app: Flask, firm: Firm
) -> None:
    _needs(firm, 60)
    _train(firm)
    (usual,) = Counter(some(60)[1]).most_common(1)

    followed = commands.create(firm["sales"], {"need_type": "delivery", "text": "courier delay, again"})
    commands.change(firm["sales"], followed.id, {"need_type": "delivery", "text": "courier delay"}, None)
    page = signed_in(app, firm, Role.PROCESS_OWNER).get(f"/models/{NAME}").text

    assert usual[0] != "delivery"
    assert [(row.said, row.happened, row.error) for row in _said(firm, by_model=False)] == [
        ({"type": usual[0]}, {"type": "delivery"}, 1.0)
    ]
    assert "The model was better" in page
    assert "In half a year both spoke of 1 case" in page


def test_a_version_that_kept_no_most_frequent_type_speaks_alone(firm: Firm) -> None:
    _needs(firm, 60)
    _train(firm)
    with transaction(firm.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel)).one()
        model.weights = {name: part for name, part in model.weights.items() if name != "usual"}

    commands.create(firm["sales"], {"need_type": "delivery", "text": "courier delay, again"})

    assert (len(_said(firm)), _said(firm, by_model=False)) == (1, [])


def test_a_version_that_kept_words_in_clear_loses_them_and_waits_for_the_next_training(
    firm: Firm, client: FlaskClient, settings: Settings
) -> None:
    _needs(firm, 60)
    _train(firm)
    with transaction(firm.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel)).one()
        assert "courier" not in json.dumps(model.weights)
        model.weights = {**model.weights, "format": 1, "cuts": {"words": {"pieces": ["courier"]}}}
    text_models._kept.clear()
    _migrate_from(settings, "0029")

    with reading(firm.org_id) as tx:
        assert "courier" not in json.dumps(tx.session.scalars(select(TrainedModel.weights)).one())
    assert _asked(firm, client, "the courier delay, again")["status"] == "untrained"
    assert _train(firm) == "published"
    assert _asked(firm, client, "the courier delay, again")["type"] == "delivery"


def _migrate_from(settings: Settings, revision: str) -> None:
    engine = create_engine(settings.migration_url)
    prepare_engine(engine)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = :it"), {"it": revision})
    engine.dispose()
    migrate(settings)


def test_a_new_type_of_no_known_kind_is_told_rightly_as_none(firm: Firm) -> None:
    _needs(firm, 60)
    _train(firm)

    commands.create(firm["sales"], {"need_type": "physics", "text": "qubit entanglement thesis"})

    assert [(row.said["type"], row.error) for row in _said(firm)] == [(None, 0.0)]


def test_too_little_says_how_many_needs_are_missing(firm: Firm, client: FlaskClient) -> None:
    _needs(firm, 12)

    found = _asked(firm, client, "a lamp")
    outcome = _train(firm)

    assert (found["status"], found["type"], found["missing"]) == ("untrained", None, 3 * 6 - 3 - 3 - 2)
    assert outcome == "too little"
    run = training.list_runs(firm.org_id, NAME, 1)[0]
    assert run.state == RunState.DONE
    assert run.reasons == [["too_few_types", {"have": 0, "each": 5, "least": 3}]]


def test_the_model_in_use_is_measured_beside_the_next(firm: Firm) -> None:
    _needs(firm, 60)
    _train(firm)

    assert _train(firm) == "refused"

    with reading(firm.org_id) as tx:
        latest = tx.session.scalars(select(TrainedModel).order_by(TrainedModel.version.desc())).first()
        assert latest is not None
        assert latest.metrics["in_use"]["accuracy"] == latest.metrics["candidate"]["accuracy"]


def test_a_text_is_needed(firm: Firm, client: FlaskClient) -> None:
    answer = client.post("/api/v1/needs/suggest-type", json={}, headers=firm.headers("sales"))

    assert answer.status_code == 422


def test_a_web_process_loads_nothing_that_learns() -> None:
    code = (
        "import json, sys; from app.insights import suggesting_api; from app.wiring import create_app; "
        "print(json.dumps([n for n in sys.modules if n.split('.')[0] in "
        "('sklearn', 'numpy', 'pandas', 'scipy', 'statsmodels', 'skops', 'pyarrow')]))"
    )

    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert json.loads(found.stdout) == []
