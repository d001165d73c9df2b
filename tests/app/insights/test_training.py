"""A training from being asked for to a version in use, whoever dies meanwhile; on every database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app import i18n, moments
from app.accounts.models import Organisation, Role
from app.audit.models import AuditEntry
from app.database import reading
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.insights import nights, predictions, publishing, scoring, training
from app.insights.kind import Kind
from app.insights.models import ModelDrift, ModelStatus, RunState, TrainedModel
from app.insights.trained import Distribution, TooLittleError
from tasks import training as performing
from tests.app.insights.training import ANSWERS, JOBS, NAME, guess, learned, run_of, train
from tests.builders import Firm, a_firm
from tests.signing_in import signed_in

__all__ = ["guess"]


Later = Callable[[float], None]


@pytest.fixture
def firm(app: Flask, guess: Kind) -> Firm:
    """A business of its own for each test."""
    return a_firm()


@pytest.fixture
def later() -> Iterator[Later]:
    """Lets time pass: call it with how many seconds."""
    real = moments.clock

    def pass_(seconds: float) -> None:
        moments.clock = lambda: real() + timedelta(seconds=seconds)

    yield pass_
    moments.clock = real


def versions(firm: Firm) -> list[tuple[int, str]]:
    with reading(firm.org_id) as tx:
        found = tx.session.execute(
            select(TrainedModel.version, TrainedModel.status).order_by(TrainedModel.version)
        )
        return [(row.version, row.status) for row in found]


def actions(firm: Firm) -> list[str]:
    with reading(firm.org_id) as tx:
        entries = tx.session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.seq))
        return [entry.action for entry in entries if entry.action.startswith(("training", "model"))]


def test_what_is_better_than_the_baseline_comes_into_use(firm: Firm) -> None:
    assert train(firm, learned(0.8)) == "published"

    assert versions(firm) == [(1, ModelStatus.IN_USE)]
    assert actions(firm) == ["training.asked", "model.trained", "model.published", "training.ended"]
    run = training.list_runs(firm.org_id, NAME)[0]
    assert (run.state, run.percent, run.open_as) == (RunState.DONE, 100, None)
    with reading(firm.org_id) as tx:
        model = tx.session.scalars(select(TrainedModel)).one()
        assert model.metrics == {
            "candidate": {"accuracy": 0.8},
            "baseline": {"accuracy": 0.5},
            "in_use": None,
        }
        assert model.code_version.count("+") == 1
        assert (model.seed, model.trained_by) == (1, firm["owner"].person_id)


def test_what_is_no_better_is_refused_and_says_why(firm: Firm) -> None:
    train(firm, learned(0.8))

    assert train(firm, learned(0.7, in_use=0.75)) == "refused"

    assert versions(firm) == [(1, ModelStatus.IN_USE), (2, ModelStatus.REFUSED)]
    run = training.list_runs(firm.org_id, NAME)[0]
    assert [code for code, _ in run.reasons] == ["beats_baseline", "not_above_in_use"]
    assert run.reasons[1][1] == {"metric": "accuracy", "mine": 0.7, "other": 0.75}


def test_the_next_training_is_given_the_model_in_use(firm: Firm) -> None:
    train(firm, learned(0.8, word="first"))

    train(firm, learned(0.9, in_use=0.8))

    assert JOBS[0].in_use is None
    used = JOBS[1].in_use
    assert used is not None
    assert (used.version, used.artefact, used.weights) == (1, b"first", {"word": "first"})
    assert used.reference["length"].edges == (3.0,)


def test_one_click_goes_back_to_a_former_version(firm: Firm) -> None:
    train(firm, learned(0.8, word="old"))
    train(firm, learned(0.9, in_use=0.8, word="new"))

    publishing.use_version(firm["owner"], NAME, 1)

    assert versions(firm) == [(1, ModelStatus.IN_USE), (2, ModelStatus.RETIRED)]
    assert actions(firm)[-1] == "model.brought_back"
    with reading(firm.org_id) as tx:
        scorer = scoring.scorer_of(tx, NAME)
        assert scorer is not None
        assert (scorer.version, scorer.weights) == (1, {"word": "old"})
        assert scoring.scorer_of(tx, NAME) is scorer


def test_only_what_was_in_use_can_be_brought_back(firm: Firm) -> None:
    train(firm, learned(0.8))
    train(firm, learned(0.4, in_use=0.8))

    with pytest.raises(ConflictError, match="refused"):
        publishing.use_version(firm["owner"], NAME, 2)
    with pytest.raises(ConflictError, match="already"):
        publishing.use_version(firm["owner"], NAME, 1)
    with pytest.raises(NotFoundError):
        publishing.use_version(firm["owner"], NAME, 7)
    with pytest.raises(RefusedError):
        publishing.use_version(firm["sales"], NAME, 1)
    with pytest.raises(NotFoundError):
        training.ask(firm["owner"], "nothing")


def test_a_model_is_taken_out_of_use_so_that_the_baseline_answers(firm: Firm) -> None:
    train(firm, learned(0.8))

    publishing.stop_using(firm["owner"], NAME)

    with reading(firm.org_id) as tx:
        assert scoring.scorer_of(tx, NAME) is None
    with pytest.raises(ConflictError):
        publishing.stop_using(firm["owner"], NAME)
    publishing.use_version(firm["owner"], NAME, 1)
    assert versions(firm) == [(1, ModelStatus.IN_USE)]


def test_of_old_versions_only_the_figures_are_kept(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "KEPT_VERSIONS", 1)
    for accuracy in (0.6, 0.7, 0.8):
        train(firm, learned(accuracy, in_use=accuracy - 0.1, word="w"))

    assert versions(firm)[0] == (1, ModelStatus.GONE)
    with pytest.raises(ConflictError, match="too old"):
        publishing.use_version(firm["owner"], NAME, 1)
    with reading(firm.org_id) as tx:
        row = tx.session.execute(select(TrainedModel.artefact).where(TrainedModel.version == 1)).one()
        assert row.artefact == b""


def test_how_far_inputs_moved_from_what_the_model_in_use_learned_is_kept(firm: Firm) -> None:
    train(firm, learned(0.8))

    train(firm, learned(0.7, in_use=0.8, recent={"length": Distribution((20, 80), edges=(3.0,))}))

    with reading(firm.org_id) as tx:
        row = tx.session.scalars(select(ModelDrift)).one()
    assert row.name == "length"
    assert 0.3 < row.shift < 0.4  # the index is 0.42, of which chance explains a part


def test_two_trainings_of_one_kind_are_never_open_together(firm: Firm) -> None:
    run_id = training.ask(firm["owner"], NAME)

    with pytest.raises(ConflictError):
        training.ask(firm["owner"], NAME)
    training.end(_begun(firm, run_id), RunState.FAILED, [])


def test_too_little_data_is_an_answer_and_no_failure(firm: Firm) -> None:
    assert train(firm, TooLittleError(have=3, least=50)) == "too little"

    run = training.list_runs(firm.org_id, NAME)[0]
    assert (run.state, run.reasons) == (RunState.DONE, [["too_few_rows", {"have": 3, "least": 50}]])
    assert versions(firm) == []


def test_a_chinese_page_joins_reasons_with_full_width_punctuation(app: Flask, firm: Firm) -> None:
    train(firm, learned(0.8))
    train(firm, learned(0.7, in_use=0.75))
    client = signed_in(app, firm, Role.PROCESS_OWNER)

    answer = client.get(f"/models/{NAME}", environ_overrides={i18n.ASKED: "zh_Hans_CN"})

    page = answer.get_data(as_text=True)
    assert page.count("优于基线：0.7 对 0.5；不优于") == 2
    assert "已完成：优于基线" in page


def test_a_training_that_fails_says_why_and_lets_the_next_begin(firm: Firm) -> None:
    assert train(firm, ZeroDivisionError("division by zero")) == "failed"

    run = training.list_runs(firm.org_id, NAME)[0]
    assert (run.state, run.error) == (RunState.FAILED, "ZeroDivisionError: division by zero")
    assert train(firm, learned(0.8)) == "published"


def test_a_training_that_was_delivered_twice_is_done_once(firm: Firm) -> None:
    ANSWERS.append(learned(0.8))
    run_id = training.ask(firm["owner"], NAME)

    outcomes = [performing.execute(firm.org_id, run_id) for _ in range(2)]

    assert outcomes == ["published", "elsewhere"]
    assert versions(firm) == [(1, ModelStatus.IN_USE)]


def _handed_out(at_once: int = 1) -> list[UUID]:
    """What a relay would publish now."""
    published: list[UUID] = []
    training.hand_out(lambda _, run_id: published.append(run_id), at_once)
    return published


def test_a_training_is_handed_out_once_and_again_when_nobody_took_it(firm: Firm, later: Later) -> None:
    run_id = training.ask(firm["owner"], NAME)

    assert training.is_any_due()
    assert run_id in _handed_out(100)
    assert run_id not in _handed_out(100)
    later(training.RESEND_SECONDS + 1)
    assert run_id in _handed_out(100)
    training.end(_begun(firm, run_id), RunState.FAILED, [])


def _begun(firm: Firm, run_id: UUID) -> training.Begun:
    begun = training.begin(firm.org_id, run_id)
    assert begun is not None
    return begun


def test_no_more_are_under_way_than_allowed(firm: Firm) -> None:
    other = a_firm()
    first, second = training.ask(firm["owner"], NAME), training.ask(other["owner"], NAME)

    assert _handed_out() == [first]
    assert _handed_out() == []
    training.end(_begun(firm, first), RunState.FAILED, [])
    assert _handed_out() == [second]
    training.end(_begun(other, second), RunState.FAILED, [])


def test_what_a_dead_worker_left_is_taken_up_by_another(firm: Firm, later: Later) -> None:
    run_id = training.ask(firm["owner"], NAME)
    dead = _begun(firm, run_id)
    assert training.begin(firm.org_id, run_id) is None  # it is believed to live

    later(training.LEASE_SECONDS + 1)
    assert run_id in _handed_out(100)
    alive = _begun(firm, run_id)

    assert alive.attempt == 2
    assert not training.beat(dead, 50, "learning")
    assert training.beat(alive, 50, "learning")
    assert publishing.keep(dead, 1, learned(0.9), "code", 1) is None
    training.end(dead, RunState.FAILED, [])
    assert run_of(firm, run_id).state == RunState.RUNNING
    training.end(alive, RunState.FAILED, [])


def test_a_training_that_kills_its_workers_is_given_up(firm: Firm, later: Later) -> None:
    run_id = training.ask(firm["owner"], NAME)
    for attempt in range(training.MOST_ATTEMPTS):
        later((attempt + 1) * 10 * training.LEASE_SECONDS)
        _begun(firm, run_id)

    later(100 * training.LEASE_SECONDS)
    assert training.begin(firm.org_id, run_id) is None
    assert run_id not in _handed_out(100)

    run = run_of(firm, run_id)
    assert (run.state, run.reasons) == (RunState.FAILED, [["workers_died", {"count": 3}]])
    assert training.ask(firm["owner"], NAME) != run_id


def test_who_learns_is_stopped_when_another_took_over(firm: Firm) -> None:
    progress = performing._Progress()
    begun = _begun(firm, training.ask(firm["owner"], NAME))
    performing._beat(begun, progress, 10, "learning")
    progress(20, "learning")

    training.end(begun, RunState.FAILED, [])
    performing._beat(begun, progress, 20, "learning")

    with pytest.raises(performing.TakenOverError):
        progress(30, "learning")


def test_another_organisation_sees_nothing_of_it(firm: Firm) -> None:
    train(firm, learned(0.8))
    other = a_firm()

    assert training.list_runs(other.org_id, NAME) == []
    with reading(other.org_id) as tx:
        assert scoring.scorer_of(tx, NAME) is None
    with pytest.raises(NotFoundError):
        publishing.use_version(other["owner"], NAME, 1)


def test_what_was_said_is_compared_with_what_happened(firm: Firm) -> None:
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    with publishing.transaction(firm.org_id) as tx:
        predictions.say(tx, NAME, "O-1", {"expected": 10}, now)
        predictions.say(tx, NAME, "O-2", {"expected": 10}, now)

    with publishing.transaction(firm.org_id) as tx:
        counts = [
            predictions.settle(tx, NAME, "O-1", {"count": 8}, lambda said: abs(said["expected"] - 8) / 8, now)
            for _ in range(2)
        ]

    assert counts == [1, 0]
    with reading(firm.org_id) as tx:
        assert [(row.subject, row.happened) for row in predictions.latest(tx, NAME)] == [
            ("O-1", {"count": 8})
        ]
        weeks = predictions.weeks(tx, NAME, now - timedelta(days=30))
    assert [(str(week.starts_on), week.count, week.baseline_error) for week in weeks] == [
        ("2026-03-02", 1, 0.25)
    ]


@pytest.mark.parametrize(
    ("now", "zone", "hour", "night"),
    [
        pytest.param("2026-03-04T02:10+00:00", "UTC", 2, "2026-03-04", id="the hour has come"),
        pytest.param("2026-03-04T01:50+00:00", "UTC", 2, None, id="not yet"),
        pytest.param("2026-03-03T18:10+00:00", "Asia/Shanghai", 2, "2026-03-04", id="in its own time zone"),
        pytest.param("2026-03-04T02:10+00:00", "No/Where", 2, "2026-03-04", id="a zone that is none is UTC"),
        pytest.param("2026-03-04T02:10+00:00", "UTC", None, None, id="only when asked"),
        pytest.param("2026-03-01T12:00+00:00", "UTC", 2, None, id="not on its own first day"),
    ],
)
def test_nights_come_at_the_organisations_hour(
    now: str, zone: str, hour: int | None, night: str | None
) -> None:
    since = datetime(2026, 3, 1, 1, tzinfo=UTC)

    found = nights.night_of(datetime.fromisoformat(now), zone, hour, since)

    assert (str(found) if found else None) == night


def test_each_night_asks_once_for_every_kind(firm: Firm, later: Later) -> None:
    keeper = nights.Nights()
    later(2 * 86400)
    with reading(firm.org_id) as tx:
        assert nights.read_hour(tx) == nights.USUAL_HOUR
    nights.set_hour(firm["owner"], 0)

    asked = keeper.ask()
    again = keeper.ask() + nights.Nights().ask()

    assert asked >= 1
    assert again >= 1  # another relay asks again, and finds it asked
    runs = training.list_runs(firm.org_id, "forecast")
    assert [(run.state, run.asked_by) for run in runs] == [(RunState.QUEUED, None)]
    training.end(_begun(firm, runs[0].id), RunState.FAILED, [])


def test_the_hour_is_an_hour(firm: Firm) -> None:
    with pytest.raises(InvalidError):
        nights.set_hour(firm["owner"], 24)
    nights.set_hour(firm["owner"], None)
    with reading(firm.org_id) as tx:
        assert nights.read_hour(tx) is None
        assert tx.session.get_one(Organisation, firm.org_id).settings["insights"] == {"hour": None}
