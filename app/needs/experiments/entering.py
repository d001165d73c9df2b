"""The plan of an experiment as a form has it: percentages, and a row for each variant and guard-rail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from flask_babel import gettext

from app.entered import amount, plain_text, whole_number
from app.errors import InvalidError
from app.i18n import plain
from app.needs.experiments.models import Experiment
from app.needs.experiments.planning import MOST_GUARDS, MOST_VARIANTS, Design, Metric, Variant, read
from app.wording import Wording, worded

_FIRST = {
    "variant_key_0": "control",
    "variant_weight_0": "1",
    "variant_key_1": "changed",
    "variant_weight_1": "1",
    "kind": "proportion",
    "better": "more",
    "metric_key": "ordered",
    "baseline": "10",
    "spread": "1",
    "effect": "10",
    "alpha": "5",
    "power": "80",
    "looks": "5",
    "unit": "customer",
}


def design_from(form: Mapping[str, str]) -> Design:
    """Read the plan out of a form; raise InvalidError that names each field that is no number."""
    wrong: dict[str, list[Wording]] = {}

    def number(name: str, scale: int = 1, default: str = "") -> float:
        read = amount(form.get(name, "") or default)
        if read is None:
            wrong.setdefault(name, []).append(worded("is not a number such as 12.5"))
            return 1.0
        return float(read / scale)

    kind = form.get("kind", "proportion")
    guards = list(_guards(form))
    design = Design(
        variants=tuple(
            Variant(_text(form, f"variant_key_{at}"), name, number(f"variant_weight_{at}", default="1"))
            for at, name in _variants(form)
        ),
        primary=Metric(
            _text(form, "metric_key"), _text(form, "metric_name"), kind, form.get("better") != "less"
        ),
        baseline=number("baseline", 100 if kind == "proportion" else 1),
        spread=1.0 if kind == "proportion" else number("spread"),
        effect=number("effect", 100),
        guards=tuple(metric for _, metric in guards),
        margins={metric.key: number(f"guard_margin_{at}", 100, "5") for at, metric in guards},
        alpha=number("alpha", 100),
        power=number("power", 100),
        looks=whole_number(form.get("looks")) or 0,
    )
    if not design.primary.name:
        wrong["metric_name"] = [worded("is missing")]
    if wrong:
        raise InvalidError("the plan of the experiment cannot be carried out", wrong)
    return design


def _text(form: Mapping[str, str], name: str) -> str:
    return plain_text(form.get(name, "")).strip()[:100]


def _variants(form: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    for at in range(MOST_VARIANTS):
        if name := _text(form, f"variant_name_{at}"):
            yield at, name


def _guards(form: Mapping[str, str]) -> Iterator[tuple[int, Metric]]:
    for at in range(MOST_GUARDS):
        if name := _text(form, f"guard_name_{at}"):
            kind = form.get(f"guard_kind_{at}", "proportion")
            is_more = form.get(f"guard_better_{at}") != "less"
            yield at, Metric(_text(form, f"guard_key_{at}"), name, kind, is_more)


def entered_of(experiment: Experiment | None) -> dict[str, str]:
    """Return what the form shows: of a draft, or what a new one begins with."""
    if experiment is None:
        return {
            **_FIRST,
            "variant_name_0": gettext("As it is"),
            "variant_name_1": gettext("Changed"),
            "metric_name": gettext("Ordered"),
        }
    design = read(experiment.plan)
    share = 100 if design.primary.kind == "proportion" else 1
    given = {
        "name": experiment.name,
        "hypothesis": experiment.hypothesis,
        "unit": experiment.unit,
        "kind": design.primary.kind,
        "better": "more" if design.primary.higher_is_better else "less",
        "metric_key": design.primary.key,
        "metric_name": design.primary.name,
        "baseline": _plain(design.baseline * share),
        "spread": _plain(design.spread),
        "effect": _plain(design.effect * 100),
        "alpha": _plain(design.alpha * 100),
        "power": _plain(design.power * 100),
        "looks": str(design.looks),
    }
    for at, variant in enumerate(design.variants):
        given[f"variant_key_{at}"], given[f"variant_name_{at}"] = variant.key, variant.name
        given[f"variant_weight_{at}"] = _plain(variant.weight)
    for at, guard in enumerate(design.guards):
        given[f"guard_key_{at}"], given[f"guard_name_{at}"] = guard.key, guard.name
        given[f"guard_kind_{at}"] = guard.kind
        given[f"guard_better_{at}"] = "more" if guard.higher_is_better else "less"
        given[f"guard_margin_{at}"] = _plain(design.margins[guard.key] * 100)
    return given


def _plain(value: float) -> str:
    return plain(Decimal(str(round(value, 4))))
