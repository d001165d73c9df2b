"""The plan of an experiment, and how many must take part before it can tell what it was made to tell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from statistics import NormalDist
from typing import Any

from app.errors import InvalidError
from app.wording import Wording, worded

KINDS = ("proportion", "mean", "count")
UNITS = ("customer", "visitor", "need")
MOST_VARIANTS = 6
MOST_GUARDS = 4
MOST_LOOKS = 20
MOST_UNITS = 100_000_000
# Of each variant: no look says anything before.
LEAST_UNITS = 20
# Of an amount that is expected, and of its spread.
LOWEST, HIGHEST = 1e-9, 1e12
_OUT = worded("lies between 0.000000001 and 1,000,000,000,000")
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Variant:
    key: str
    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured of each unit: whether it did (proportion), how much (mean), how often (count)."""

    key: str
    name: str
    kind: str
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Design:
    """A plan: the first variant is the control.

    `baseline` is what the control is expected to show; `spread` the standard deviation of a mean, or how many
    times its mean a count's variance is; `effect` the smallest relative change worth finding (0.1 is 10 %);
    `margins` say by guard-rail how much worse, relative to the control, it may at most become.
    """

    variants: tuple[Variant, ...]
    primary: Metric
    baseline: float
    spread: float
    effect: float
    guards: tuple[Metric, ...] = ()
    margins: Mapping[str, float] = field(default_factory=dict)
    alpha: float = 0.05
    power: float = 0.8
    looks: int = 5

    def plain(self) -> dict[str, Any]:
        """Return the plan as JSON keeps it."""
        return asdict(self)

    @property
    def metrics(self) -> dict[str, Metric]:
        return {metric.key: metric for metric in (self.primary, *self.guards)}


def read(plain: Mapping[str, Any]) -> Design:
    """Read a plan as JSON keeps it; it was checked when it was kept."""
    return Design(
        **{
            **plain,
            "variants": tuple(Variant(**each) for each in plain["variants"]),
            "primary": Metric(**plain["primary"]),
            "guards": tuple(Metric(**each) for each in plain["guards"]),
        }
    )


def check(design: Design) -> None:
    """Raise InvalidError that names each part of the plan that cannot be."""
    wrong: dict[str, list[Wording]] = {}
    for name, why in _faults(design):
        wrong.setdefault(name, []).append(why)
    if wrong:
        raise InvalidError("the plan of the experiment cannot be carried out", wrong)


def _faults(design: Design) -> Iterator[tuple[str, Wording]]:
    keys = [variant.key for variant in design.variants]
    if not 2 <= len(keys) <= MOST_VARIANTS:
        yield "variants", worded("needs between 2 and {most}", most=MOST_VARIANTS)
    if len(set(keys)) < len(keys):
        yield "variants", worded("two have the same key")
    for key in (*keys, *(metric.key for metric in (design.primary, *design.guards))):
        if not _KEY.fullmatch(key):
            yield (
                "variants" if key in keys else "metrics",
                worded("“{key}” is no key: small letters, digits, - and _", key=key),
            )
    if any(not 0 < variant.weight <= 1000 for variant in design.variants):
        yield "variants", worded("a weight lies between 0 and 1000")
    if len(design.metrics) < 1 + len(design.guards):
        yield "metrics", worded("two have the same key")
    if len(design.guards) > MOST_GUARDS:
        yield "metrics", worded("has more than {most} guard-rails", most=MOST_GUARDS)
    yield from _numbers(design)


def _numbers(design: Design) -> Iterator[tuple[str, Wording]]:
    if not LOWEST <= design.baseline <= HIGHEST:
        yield "baseline", _OUT
    if design.primary.kind == "proportion" and not 0 < design.baseline < 1:
        yield "baseline", worded("a proportion lies between 0 and 100 %")
    elif design.primary.kind == "proportion" and not 0 < _expected(design) < 1:
        yield "effect", worded("would bring the proportion out of 0 to 100 %")
    if not 0 < design.effect <= 10 or (not design.primary.higher_is_better and design.effect >= 1):
        yield "effect", worded("must be above 0, and below 100 % where less is better")
    if design.primary.kind != "proportion" and not LOWEST <= design.spread <= HIGHEST:
        yield "spread", _OUT
    if not 0.001 <= design.alpha <= 0.2:
        yield "alpha", worded("lies between 0.1 and 20 %")
    if not 0.5 <= design.power <= 0.99:
        yield "power", worded("lies between 50 and 99 %")
    if not 1 <= design.looks <= MOST_LOOKS:
        yield "looks", worded("lie between 1 and {most}", most=MOST_LOOKS)
    if any(not 0 <= margin < 1 for margin in design.margins.values()):
        yield "margins", worded("lie between 0 and 100 %")


def _expected(design: Design) -> float:
    """Return what a variant shows that has the effect."""
    return design.baseline * (1 + design.effect if design.primary.higher_is_better else 1 - design.effect)


def units_needed(design: Design) -> int:
    """Return how many units must take part altogether, for the variant with the smallest weight.

    The sum for two groups of unequal size (Chow, Shao, Wang, Sample Size Calculations in Clinical Research),
    with the level shared among the variants and a little more for looking early (Jennison and Turnbull, Group
    Sequential Methods, 2000, table 2.4: 2.8 % for five looks of O'Brien and Fleming). Raises InvalidError
    where that would be more than can be.
    """
    level = design.alpha / (len(design.variants) - 1)
    reach = _NORMAL.inv_cdf(1 - level / 2) + _NORMAL.inv_cdf(design.power)
    control, changed = _variances(design)
    whole = sum(variant.weight for variant in design.variants)
    first, *others = (variant.weight / whole for variant in design.variants)
    spread = control / first + changed / min(others)
    square = _distance(design) ** 2
    looking = 1 + 0.045 * (1 - 1 / design.looks)
    units = reach**2 * spread / square * looking if square else math.inf
    if units > MOST_UNITS:
        raise InvalidError(
            "the plan of the experiment cannot be carried out",
            {"effect": [worded("is so small that more than {most} units would be needed", most=MOST_UNITS)]},
        )
    return math.ceil(max(units, LEAST_UNITS / min(first, *others)))


def _variances(design: Design) -> tuple[float, float]:
    """Return the variance of one unit in the control and in a variant, on the scale of `_distance`."""
    changed = _expected(design)
    match design.primary.kind:
        case "proportion":
            return design.baseline * (1 - design.baseline), changed * (1 - changed)
        case "mean":
            return design.spread**2, design.spread**2
    return design.spread / design.baseline, design.spread / changed


def _distance(design: Design) -> float:
    changed = _expected(design)
    if design.primary.kind == "count":
        return math.log(changed / design.baseline)
    return changed - design.baseline
