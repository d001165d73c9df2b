"""A decision table as boxes: each column cut into segments, each rule as the segments that it accepts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.dmn import fixed
from rules.dmn.analysis.cells import Asked, UnseenError, accepted, kind_among, read, values_of
from rules.dmn.analysis.domains import Domain, domain
from rules.dmn.analysis.kinds import CUTTABLE, comparable
from rules.dmn.analysis.regions import Box
from rules.dmn.table import DecisionTable, Input, Rule
from rules.feel.evaluation import Result, Warning
from rules.feel.names import Scope
from rules.feel.parser import parse_tests
from rules.feel.rows import Cell
from rules.feel.types import Constrained, Simple, Type, kind_of


@dataclass(frozen=True, slots=True)
class Unseen:
    """A cell that only a case can answer, or that comes to null in every one for the reason of `fault`."""

    rule: int
    column: int
    text: str
    fault: Warning | None = None


@dataclass(frozen=True, slots=True)
class Misfit:
    """A cell that compares with a value of a kind that its column does not have."""

    rule: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A rule as a box; where a cell could not be seen, `sure` is empty there and `box` is everything."""

    rule: Rule
    box: Box
    sure: Box
    results: tuple[Result | None, ...]
    """What the rule comes to in every case, by output; None where only a case tells."""

    @property
    def number(self) -> int:
        return self.rule.number


@dataclass(frozen=True, slots=True)
class Grid:
    """The table cut up."""

    table: DecisionTable
    domains: tuple[Domain, ...]
    space: Box
    """What may be asked: each column's segments less those that its allowed values rule out."""
    rows: tuple[Row, ...]
    unseen: tuple[Unseen, ...]
    misfits: tuple[Misfit, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(column.label for column in self.table.inputs)


@dataclass(slots=True)
class _Column:
    """One column: what its cells ask, by rule, and what limits it.

    Columns of one expression are looked at together, in the place of the first.
    """

    domain: Domain
    allowed: int
    asked: dict[int, dict[int, Asked]]
    """By rule and place of the cell."""
    unseen: list[Unseen]


def grid_of(table: DecisionTable) -> Grid:
    columns = [_column(table, places) for places in _places(table)]
    rows = tuple(_row(rule, columns) for rule in table.rules)
    unseen = [each for column in columns for each in column.unseen]
    return Grid(
        table,
        tuple(column.domain for column in columns),
        tuple(column.allowed for column in columns),
        rows,
        tuple(sorted(unseen, key=lambda each: (each.rule, each.column))),
        tuple(_misfits(table, columns)),
    )


def _places(table: DecisionTable) -> list[list[int]]:
    """Return for each column the places of those that show the same; none where it is not their first."""
    together: dict[object, list[int]] = {}
    for place, column in enumerate(table.inputs):
        text = getattr(column.expression, "text", None)
        together.setdefault(place if text is None else " ".join(text.split()), []).append(place)
    first = {places[0]: places for places in together.values()}
    return [first.get(place, []) for place in range(len(table.inputs))]


def _column(table: DecisionTable, places: Sequence[int]) -> _Column:
    asked: dict[int, dict[int, Asked]] = {}
    unseen: list[Unseen] = []
    for rule in table.rules:
        asked[rule.number] = {}
        for place in places:
            try:
                asked[rule.number][place] = read(rule.conditions[place])
            except UnseenError as error:
                unseen.append(Unseen(rule.number, place, error.text, error.fault))
    inputs = [table.inputs[place] for place in places]
    limits = [limit for column in inputs for limit in _limits(column)]
    cells = [each for by_place in asked.values() for each in by_place.values()]
    values = [value for each in (*cells, *limits) for value in values_of(each)]
    kind = _kind([kind for column in inputs for kind in (column.type, column.shown)], values)
    if kind is None or not comparable([value for value in values if kind_of(value) is kind]):
        unseen += [
            Unseen(number, place, rule_text(table, number, place))
            for number, by_place in asked.items()
            for place, each in by_place.items()
            if list(values_of(each))
        ]
        limits, values, kind = [], [], None
    for cell in unseen:
        asked.pop(cell.rule, None)
    points = [value for value in values if kind_of(value) is kind]
    cut = domain(kind, points, any(value is None for value in values))
    allowed = cut.everything
    for limit in limits:
        allowed &= accepted(limit, cut) | cut.null
    return _Column(cut, allowed, asked, unseen)


def rule_text(table: DecisionTable, number: int, place: int) -> str:
    return next(rule.conditions[place].text for rule in table.rules if rule.number == number)


def _limits(column: Input) -> Iterator[Asked]:
    """Read the allowed values of a column, of its type and of its variable's type.

    What cannot be seen limits nothing here.
    """
    cells = [] if column.allowed is None else [column.allowed.cell]
    kinds = [column.type, column.shown]
    while kinds:
        kind = kinds.pop()
        if isinstance(kind, Constrained):
            cells.append(Cell(kind.text, parse_tests(kind.text, Scope())))
            kinds.append(kind.base)
    for cell in cells:
        try:
            yield read(cell)
        except UnseenError:
            continue


def _kind(declared: Sequence[Type | None], values: Sequence[object]) -> Simple | None:
    for base in map(simple_base, declared):
        if base in CUTTABLE:
            return base
    found = kind_among(list(values))
    return found if found in CUTTABLE else None


def simple_base(declared: Type | None) -> Simple | None:
    """Return the simple type under a declared one; None where there is none."""
    while isinstance(declared, Constrained):
        declared = declared.base
    return declared if isinstance(declared, Simple) else None


def _row(rule: Rule, columns: Sequence[_Column]) -> Row:
    box, sure = [], []
    for column in columns:
        asked = column.asked.get(rule.number)
        seen = column.allowed
        for each in () if asked is None else asked.values():
            seen &= accepted(each, column.domain)
        box.append(seen)
        sure.append(0 if asked is None else seen)
    return Row(rule, tuple(box), tuple(sure), tuple(fixed.of_result(each) for each in rule.results))


def _misfits(table: DecisionTable, columns: Sequence[_Column]) -> Iterator[Misfit]:
    for column in columns:
        cells = [(number, *cell) for number, by_place in column.asked.items() for cell in by_place.items()]
        for number, place, asked in cells if column.domain.kind is not None else ():
            if any(
                value is not None and kind_of(value) is not column.domain.kind for value in values_of(asked)
            ):
                yield Misfit(number, place, rule_text(table, number, place))
