"""Series as points of a drawing that the server renders: numbers in, coordinates out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
_LEFT, _TOP, _BOTTOM = 44, 10, 22


@dataclass(frozen=True, slots=True)
class Drawn:
    """`lines` and `band` are `points` of polylines and of a polygon; `grid` has heights with their values."""

    lines: Sequence[str]
    band: str
    grid: Sequence[tuple[float, float]]
    places: Sequence[float]
    width: int = WIDTH
    height: int = HEIGHT


def drawn(
    series: Sequence[Sequence[float]], low: Sequence[float] = (), high: Sequence[float] = ()
) -> Drawn | None:
    """Draw series of one length from zero up, and a band between `low` and `high`; None for one point."""
    count = len(series[0]) if series else 0
    if count < 2:
        return None
    top = max([1e-9, *(value for each in (*series, high) for value in each)]) * 1.05
    step = (WIDTH - _LEFT - 8) / (count - 1)
    places = [round(_LEFT + step * at, 1) for at in range(count)]

    def height(value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - value / top), 1)

    def points(values: Sequence[float], along: Sequence[float]) -> str:
        return " ".join(f"{x},{height(y)}" for x, y in zip(along, values, strict=True))

    band = f"{points(high, places)} {points(low[::-1], places[::-1])}" if len(low) else ""
    grid = [(height(share * top / 1.05), share * top / 1.05) for share in (0.0, 0.5, 1.0)]
    return Drawn([points(each, places) for each in series], band, grid, places)


SPARK_WIDTH, SPARK_HEIGHT = 120, 28


def spark(values: Sequence[float]) -> str:
    """Return the points of one small line from zero up, in a drawing of SPARK_WIDTH x SPARK_HEIGHT."""
    top = max([1e-9, *values])
    step = (SPARK_WIDTH - 4) / max(1, len(values) - 1)
    return " ".join(
        f"{2 + step * at:.1f},{2 + (SPARK_HEIGHT - 4) * (1 - value / top):.1f}"
        for at, value in enumerate(values)
    )
