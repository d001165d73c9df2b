"""Everything that is predicted, in the order in which pages show it: whoever adds a kind names it here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.errors import NotFoundError
from app.insights import forecast, need_types, order_risk, remaining_time, suggestions
from app.insights.kind import Kind
from app.insights.segments import kind as segments
from app.insights.themes import kind as themes

_ALL = (
    forecast.KIND,
    need_types.KIND,
    order_risk.KIND,
    remaining_time.KIND,
    suggestions.KIND,
    themes.KIND,
    segments.KIND,
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})


def kind_of(name: str) -> Kind:
    """Return a kind by its name; raise NotFoundError for one that there is not."""
    if name not in KINDS:
        raise NotFoundError("model", name)
    return KINDS[name]
