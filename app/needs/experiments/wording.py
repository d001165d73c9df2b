"""What a look says, in words that need no statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import format_percent, gettext

from app.i18n import number
from app.needs.experiments.models import Experiment, ExperimentLook, ExperimentStatus, Verdict
from app.needs.experiments.planning import Design, Metric


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict: a headline, what it means, and how good that is (good, bad, warn or nothing)."""

    headline: str
    meaning: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A variant against the control in one metric, ready to be shown; `drawn` is where its interval lies.

    `drawn` is (low, difference, high) between 0 and 100, with 50 where nothing differs; None without them.
    """

    metric: str
    variant: str
    control: str
    seen: str
    difference: str
    interval: str
    drawn: tuple[float, float, float] | None
    is_harmed: bool


def say(experiment: Experiment, design: Design, look: ExperimentLook | None) -> Said:
    """Say where an experiment stands."""
    if experiment.status == ExperimentStatus.DRAFT:
        why = gettext("Nobody takes part yet; the plan can still be changed.")
        return Said(gettext("Not begun"), why, "")
    if look is None:
        return Said(gettext("Nothing looked at yet"), gettext("The first look comes by itself."), "")
    names = {variant.key: variant.name for variant in design.variants}
    control = design.variants[0].name
    match look.verdict:
        case Verdict.BETTER:
            winner = names.get(look.winner or "", "")
            return Said(gettext("%(winner)s is better", winner=winner), _how_sure(design, control), "good")
        case Verdict.WORSE:
            return Said(gettext("%(control)s stays best", control=control), _how_sure(design, control), "bad")
        case Verdict.HARMED:
            why = gettext("A guard-rail was broken, beyond what chance explains; nobody more takes part.")
            return Said(gettext("Stopped: it does harm"), why, "bad")
        case Verdict.UNEVEN:
            why = gettext(
                "Far more take part in one variant than its weight explains. Something in who is counted is"
                " wrong, so nothing is concluded: find the cause, and begin again."
            )
            return Said(gettext("Assigned unevenly"), why, "warn")
        case Verdict.ALIKE if _could_be_as_large(design, look):
            why = gettext(
                "As many took part as were planned, yet what was seen differs more than was expected: a"
                " difference as large as the one that was looked for is still possible; the intervals say so."
            )
            return Said(gettext("No difference found"), why, "warn")
        case Verdict.ALIKE:
            why = gettext(
                "As many took part as were planned. If there is a difference, it is probably smaller than the"
                " one that was looked for; the intervals say how large it could be."
            )
            return Said(gettext("No difference found"), why, "")
    if experiment.status == ExperimentStatus.STOPPED:
        why = gettext("It was stopped before it could tell; the intervals say what is possible.")
        return Said(gettext("Stopped too early to tell"), why, "warn")
    why = gettext("What is seen may be chance. Looking early is allowed for, deciding early is not.")
    return Said(gettext("Too early to tell"), why, "")


def _could_be_as_large(design: Design, look: ExperimentLook) -> bool:
    """Say whether an interval of the main metric holds the effect that was looked for, in its direction."""
    sign = 1 if design.primary.higher_is_better else -1
    end = "high" if sign > 0 else "low"
    # A count's difference is a ratio already.
    wanted = design.effect * (1 if design.primary.kind == "count" else design.baseline)
    found = look.found["comparisons"].values()
    return any(each[end] is not None and sign * float(each[end]) >= wanted for each in found)


def _how_sure(design: Design, control: str) -> str:
    return str(
        gettext(
            "Compared with %(control)s, at a level of %(level)s over all looks and variants together.",
            control=control,
            level=percent(design.alpha),
        )
    )


def rows_of(design: Design, look: ExperimentLook) -> list[Row]:
    """Return the comparisons of a look, the main metric first."""
    found: Mapping[str, Any] = look.found
    names = {variant.key: variant.name for variant in design.variants[1:]}
    reach = _reach(found["comparisons"].values())
    rows = [
        _row(design.primary, names[key], compared, reach, False)
        for key, compared in found["comparisons"].items()
    ]
    for guard in design.guards:
        compared_by = found["guards"][guard.key]
        reach = _reach(compared_by.values())
        rows += [
            _row(guard, names[key], compared, reach, f"{guard.key}:{key}" in found["harmed"])
            for key, compared in compared_by.items()
        ]
    return rows


def _reach(compared: Any) -> float:
    """Return how far from nothing the widest interval lies; 0 where there is none."""
    ends = [abs(float(each[end])) for each in compared for end in ("low", "high") if each[end] is not None]
    return max(ends, default=0.0)


def _row(metric: Metric, variant: str, compared: Mapping[str, Any], reach: float, is_harmed: bool) -> Row:
    low, difference, high = compared["low"], compared["difference"], compared["high"]
    told = difference is not None
    return Row(
        metric.name,
        variant,
        value_words(metric, compared["control"]),
        value_words(metric, compared["variant"]),
        difference_words(metric, difference) if told else gettext("too few yet"),
        f"{difference_words(metric, low)} … {difference_words(metric, high)}" if told else "",
        (_at(low, reach), _at(difference, reach), _at(high, reach)) if told and reach else None,
        is_harmed,
    )


def _at(value: float, reach: float) -> float:
    """Return where a difference is drawn: 2 to 98, with nothing at 50."""
    return round(50 + 48 * max(-1.0, min(1.0, value / reach)), 2)


def value_words(metric: Metric, value: float) -> str:
    return percent(value) if metric.kind == "proportion" else _number(value)


def difference_words(metric: Metric, value: float) -> str:
    """Say a difference with its sign: points of a proportion, an amount, or a share of the rate."""
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    if metric.kind == "proportion":
        return str(gettext("%(sign)s%(points)s points", sign=sign, points=_number(abs(value) * 100, 2)))
    shown = percent(abs(value)) if metric.kind == "count" else _number(abs(value))
    return f"{sign}{shown}"


def percent(share: float) -> str:
    """Write a share of one as a percentage."""
    return str(format_percent(share, "#,##0.##%"))


def _number(value: float, places: int = 4) -> str:
    return number(Decimal(str(round(value, places))))
