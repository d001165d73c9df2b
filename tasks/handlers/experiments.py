"""Looking at experiments: what was told of the units is added up, compared, and kept with a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.database import Transaction, reading
from app.needs.experiments import commands, planning, queries
from app.needs.experiments.models import Experiment, Verdict
from tasks.handlers.registry import Call, handles, id_input


@handles("experiments.look")
def look(call: Call) -> dict[str, Any]:
    experiment_id = id_input(call, "experiment_id")
    with reading(call.org_id) as tx:
        told = _told(tx, queries.get(tx, experiment_id))
    if told is not None:
        commands.keep_look(call.org_id, experiment_id, call.key, told, call.now)
    return {}


def _told(tx: Transaction, experiment: Experiment) -> commands.Told | None:
    """Return what a look finds; `None` where nobody takes part yet."""
    from app.insights.learning import experiments as learning  # loads SciPy, which few workers ever need

    design = planning.read(experiment.plan)
    sums = {key: _sums(tx, experiment, design, metric) for key, metric in design.metrics.items()}
    primary = sums.pop(design.primary.key)
    units = sum(each.units for each in primary.values())
    if not units:
        return None
    looks = queries.list_looks(tx, experiment.id)
    before = [each.units for each in looks if each.found["boundary"] is not None]
    plan = learning.Plan(
        design.primary.kind,
        design.primary.higher_is_better,
        design.alpha,
        experiment.planned_units,
        {variant.key: variant.weight for variant in design.variants},
        {
            guard.key: learning.Guard(guard.kind, design.margins[guard.key], guard.higher_is_better)
            for guard in design.guards
        },
    )
    course = learning.Course((*(each for each in before if each < units), units), experiment.planned_units)
    reading_ = learning.look(plan, course, primary, sums)
    found = {key: value for key, value in asdict(reading_).items() if key not in ("verdict", "winner")}
    return commands.Told(units, Verdict(reading_.verdict), reading_.winner, found)


def _sums(
    tx: Transaction, experiment: Experiment, design: planning.Design, metric: planning.Metric
) -> Mapping[str, Any]:
    from app.insights.learning.experiments import Summary

    told = queries.add_up(tx, experiment.id, metric.key, metric.kind == "proportion")
    nothing = queries.Sums(0, 0.0, 0.0)
    return {variant.key: Summary(**asdict(told.get(variant.key, nothing))) for variant in design.variants}
