"""An experiment from its plan to its verdict, with the worker's look between."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.customers import erasing
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError, StaleError
from app.moments import utc_now
from app.needs.experiments import assigning, commands, planning, queries
from app.needs.experiments.models import ExperimentOutcome, ExperimentUnit, Verdict
from app.outbox.models import ServiceCall
from tasks.handlers.experiments import look
from tasks.handlers.registry import Call
from tests.app.needs.experiments.plans import DESIGN, a_design
from tests.builders import Firm
from tests.selling import a_customer


def _begun(firm: Firm, design: planning.Design = DESIGN) -> UUID:
    experiment_id, _ = commands.create(firm["sales"], "Shorter form", "More order", "visitor", design)
    commands.start(firm["sales"], experiment_id)
    return experiment_id


def _let_come(
    firm: Firm, experiment_id: UUID, counts: dict[str, tuple[int, int]], metric: str = "ordered"
) -> None:
    """Let so many units of each variant take part, of whom so many did it: past the API, for speed."""
    with transaction(firm.org_id) as tx:
        experiment = queries.get(tx, experiment_id)
        for variant, (units, did) in counts.items():
            for number in range(units):
                unit = f"{variant}-{uuid4()}"
                digest = assigning.hashed(experiment, unit)
                tx.session.add(
                    ExperimentUnit(
                        org_id=firm.org_id,
                        experiment_id=experiment_id,
                        unit=digest,
                        variant=variant,
                        assigned_at=utc_now(),
                    )
                )
                if number < did:
                    _tell(tx, experiment_id, digest, metric)


def _tell(tx: Any, experiment_id: UUID, digest: str, metric: str) -> None:
    tx.session.add(
        ExperimentOutcome(
            org_id=tx.organisation,
            experiment_id=experiment_id,
            unit=digest,
            metric=metric,
            value=1.0,
            key=f"{digest}{metric}",
            at=utc_now(),
        )
    )


def _look(firm: Firm, experiment_id: UUID, key: UUID | None = None) -> str | None:
    look(Call(key or uuid4(), firm.org_id, {"experiment_id": str(experiment_id)}, utc_now()))
    with reading(firm.org_id) as tx:
        looks = queries.list_looks(tx, experiment_id)
    return looks[-1].verdict if looks else None


def test_the_same_unit_always_sees_the_same_variant(firm: Firm) -> None:
    experiment_id = _begun(firm)

    first = [assigning.assign(firm["sales"], experiment_id, f"v{n}") for n in range(20)]
    again = [assigning.assign(firm["sales"], experiment_id, f"v{n}") for n in range(20)]

    assert first == again
    with reading(firm.org_id) as tx:
        assert sum(queries.count_units(tx, experiment_id).values()) == 20


def test_assignment_follows_the_weights_and_differs_between_experiments() -> None:
    variants = [planning.Variant("a", "A", 1), planning.Variant("b", "B", 3)]
    digests = [hashlib.sha256(f"{n}".encode()).hexdigest() for n in range(20_000)]

    counts = Counter(assigning.variant_of(variants, digest) for digest in digests)

    assert counts["b"] / 20_000 == pytest.approx(0.75, abs=0.02)
    assert assigning.variant_of(variants, "f" * 64) == "b"


def test_the_record_knows_nobody_who_took_part(firm: Firm) -> None:
    experiment_id = _begun(firm)

    assigning.assign(firm["sales"], experiment_id, "anna@example.com")

    with reading(firm.org_id) as tx:
        units = tx.session.query(ExperimentUnit).filter_by(experiment_id=experiment_id).all()
    assert "anna" not in units[0].unit


def test_what_is_told_twice_counts_once(firm: Firm) -> None:
    experiment_id = _begun(firm)
    assigning.assign(firm["sales"], experiment_id, "v1")

    told = [assigning.record(firm["sales"], experiment_id, "v1", "ordered", 1, "O-1") for _ in range(2)]

    assert told == [True, False]
    with reading(firm.org_id) as tx:
        sums = queries.add_up(tx, experiment_id, "ordered", is_share=True)
    assert [(each.units, each.total, each.squares) for each in sums.values()] == [(1, 1.0, 1.0)]


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("metric", {"metric": "clicks"}),
        ("value", {"value": 0.5}),
        ("value", {"value": float("inf"), "metric": "returns"}),
        ("value", {"value": -1.0, "metric": "returns"}),
        ("key", {"key": "k" * 81}),
        ("unit", {"unit": "somebody else"}),
        ("unit", {"unit": " "}),
    ],
)
def test_an_outcome_that_cannot_be_is_named(firm: Firm, field: str, facts: dict[str, Any]) -> None:
    experiment_id = _begun(firm)
    assigning.assign(firm["sales"], experiment_id, "v1")

    with pytest.raises(InvalidError) as caught:
        assigning.record(
            firm["sales"],
            experiment_id,
            **{"unit": "v1", "metric": "ordered", "value": 1.0, "key": "k", **facts},
        )

    assert field in caught.value.fields


def test_a_clear_difference_is_found_and_ends_the_looking(firm: Firm) -> None:
    experiment_id = _begun(firm)
    _let_come(firm, experiment_id, {"control": (150, 20), "short": (150, 75)})

    assert _look(firm, experiment_id) == Verdict.BETTER

    with reading(firm.org_id) as tx:
        experiment = queries.get(tx, experiment_id)
        found = queries.list_looks(tx, experiment_id)[0]
    assert (experiment.verdict, found.winner, found.units) == (Verdict.BETTER, "short", 300)
    with pytest.raises(ConflictError):
        commands.ask_look(firm["sales"], experiment_id)
    _let_come(firm, experiment_id, {"control": (5, 0)})
    _look(firm, experiment_id)
    with reading(firm.org_id) as tx:
        assert len(queries.list_looks(tx, experiment_id)) == 1


def test_a_look_that_is_delivered_twice_counts_once(firm: Firm) -> None:
    experiment_id = _begun(firm)
    _let_come(firm, experiment_id, {"control": (40, 8), "short": (40, 9)})
    key = uuid4()

    for _ in range(2):
        assert _look(firm, experiment_id, key) == Verdict.TOO_EARLY
    assert _look(firm, experiment_id) == Verdict.TOO_EARLY  # nobody came since

    with reading(firm.org_id) as tx:
        assert len(queries.list_looks(tx, experiment_id)) == 1


def test_harm_to_a_guard_rail_stops_the_experiment(firm: Firm) -> None:
    experiment_id = _begun(firm, DESIGN)
    _let_come(firm, experiment_id, {"control": (300, 20), "short": (300, 200)}, "returns")

    assert _look(firm, experiment_id) == Verdict.HARMED

    with pytest.raises(ConflictError):
        assigning.assign(firm["sales"], experiment_id, "late")


def test_nobody_yet_is_no_look(firm: Firm) -> None:
    assert _look(firm, _begun(firm)) is None


def test_planned_looks_are_asked_for_once_each(firm: Firm) -> None:
    experiment_id = _begun(firm)
    with reading(firm.org_id) as tx:
        planned = queries.get(tx, experiment_id).planned_units
    _let_come(firm, experiment_id, {"control": (planned // 10 + 1, 9), "short": (planned // 10 + 1, 10)})

    for _ in range(3):
        commands.ask_planned_looks()

    with reading(firm.org_id) as tx:
        calls = tx.session.query(ServiceCall).filter_by(handler="experiments.look").all()
    assert [call for call in calls if call.inputs["experiment_id"] == str(experiment_id)][1:] == []


def test_a_running_plan_is_not_changed_and_a_draft_is(firm: Firm) -> None:
    sales = firm["sales"]
    draft, _ = commands.create(sales, "Shorter form", "More order", "visitor", DESIGN)

    larger = commands.change(sales, draft, "Shorter", "More", "visitor", a_design(effect=0.3), 1)
    with pytest.raises(StaleError):
        commands.change(sales, draft, "Shorter", "More", "visitor", DESIGN, 1)
    commands.start(sales, draft)
    with pytest.raises(ConflictError):
        commands.change(sales, draft, "Shorter", "More", "visitor", DESIGN, None)
    with pytest.raises(ConflictError):
        commands.start(sales, draft)

    with reading(firm.org_id) as tx:
        assert queries.get(tx, draft).planned_units == larger


def test_what_is_stopped_stays_stopped_with_its_conclusion(firm: Firm) -> None:
    sales = firm["sales"]
    experiment_id = _begun(firm)
    assigning.assign(sales, experiment_id, "v1")

    with pytest.raises(InvalidError):
        commands.stop(sales, experiment_id, " ")
    commands.stop(sales, experiment_id, "Not worth it")

    with pytest.raises(ConflictError):
        commands.stop(sales, experiment_id, "again")
    with pytest.raises(ConflictError):
        assigning.record(sales, experiment_id, "v1", "ordered", 1, "k")
    with pytest.raises(ConflictError):
        assigning.assign(sales, experiment_id, "v2")
    assert assigning.assign(sales, experiment_id, "v1") in ("control", "short")


def test_bad_texts_are_named(firm: Firm) -> None:
    with pytest.raises(InvalidError) as caught:
        commands.create(firm["sales"], " ", "h" * 4001, "moon", DESIGN)

    assert set(caught.value.fields) == {"name", "hypothesis", "unit"}


def test_only_sales_and_process_owners_experiment(firm: Firm, stranger: Firm) -> None:
    experiment_id = _begun(firm)

    with pytest.raises(RefusedError):
        commands.create(firm["packer"], "x", "y", "visitor", DESIGN)
    with pytest.raises(NotFoundError):
        assigning.assign(stranger["sales"], experiment_id, "v1")


def test_an_erased_customer_takes_part_no_more(firm: Firm) -> None:
    experiment_id = _begun(firm)
    customer_id = a_customer(firm, "Anna Example")
    for unit in (str(customer_id), "Anna Example", "somebody else"):
        assigning.assign(firm["sales"], experiment_id, unit)
        assigning.record(firm["sales"], experiment_id, unit, "ordered", 1, "o")

    erasing.erase(firm["admin"], customer_id)

    with reading(firm.org_id) as tx:
        sums = queries.add_up(tx, experiment_id, "ordered", is_share=True)
    assert sum(each.units for each in sums.values()) == 1
