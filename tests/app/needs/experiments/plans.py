"""Plans for tests: a form that is shortened, by how many order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.needs.experiments.planning import Design, Metric, Variant

ORDERED = Metric("ordered", "Ordered", "proportion")
RETURNS = Metric("returns", "Returns", "count", higher_is_better=False)
DESIGN = Design(
    variants=(Variant("control", "As it is"), Variant("short", "Short")),
    primary=ORDERED,
    baseline=0.2,
    spread=1.0,
    effect=0.5,
    guards=(RETURNS,),
    margins={"returns": 0.2},
)


def a_design(**facts: Any) -> Design:
    return replace(DESIGN, **facts)


def plain(design: Design = DESIGN) -> dict[str, Any]:
    """Return a plan as the API takes it."""
    given = design.plain()
    margins = given.pop("margins")
    given["guards"] = [{**each, "margin": margins[each["key"]]} for each in given["guards"]]
    given["variants"] = list(given["variants"])
    return given
