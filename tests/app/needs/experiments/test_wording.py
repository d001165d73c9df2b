"""What a look says in words is what its intervals say."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from app.needs.experiments.models import Experiment, ExperimentLook, ExperimentStatus, Verdict
from app.needs.experiments.planning import Design, Metric
from app.needs.experiments.wording import say
from tests.app.needs.experiments.plans import a_design

AMOUNT = Metric("spent", "Spent", "mean")
CALLS = Metric("calls", "Calls", "count", higher_is_better=False)


@pytest.mark.parametrize(
    ("design", "low", "high", "is_possible"),
    [
        pytest.param(a_design(), -0.05, 0.05, False, id="a share, within"),
        pytest.param(a_design(), -0.2, 0.11, True, id="a share, beyond"),
        pytest.param(a_design(primary=AMOUNT, baseline=100, effect=0.3), -851, 2682, True, id="an amount"),
        pytest.param(a_design(primary=AMOUNT, baseline=100, effect=0.3), -90, 29, False, id="only worse"),
        pytest.param(a_design(primary=CALLS, effect=0.3), -0.31, 0.1, True, id="fewer events"),
        pytest.param(a_design(primary=CALLS, effect=0.3), -0.1, 0.5, False, id="only more events"),
    ],
)
def test_no_difference_does_not_deny_one_that_the_interval_holds(
    app: Flask, design: Design, low: float, high: float, is_possible: bool
) -> None:
    compared = {"control": 1.0, "variant": 1.0, "difference": (low + high) / 2, "low": low, "high": high}
    look = ExperimentLook(
        id=uuid4(),
        number=1,
        at=datetime.now(UTC),
        units=200,
        verdict=Verdict.ALIKE,
        winner=None,
        found={"comparisons": {"short": compared}},
    )

    with app.test_request_context():
        said = say(Experiment(status=ExperimentStatus.RUNNING), design, look)

    assert said.headline == "No difference found"
    assert ("is still possible" in said.meaning, "probably smaller" in said.meaning) == (
        is_possible,
        not is_possible,
    )
