"""DMN's boxed expressions, each turned into one function of the values in scope."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from rules.dmn.expressions import read_expression
from rules.dmn.scope import Surroundings, Values
from rules.dmn.table import read_table
from rules.dmn.trace import Trace
from rules.dmn.xml import Element
from rules.feel.access import entries_of, filtered
from rules.feel.calling import call_by_name
from rules.feel.coercion import MISFIT, coerce
from rules.feel.comparing import describe
from rules.feel.evaluation import Evaluation, Place
from rules.feel.functions import Function, Parameter
from rules.feel.looping import every, for_each, some
from rules.feel.types import ANY, Type

Logic: TypeAlias = Callable[[Values, Trace], Any]


def read_logic(element: Element, around: Surroundings) -> Logic:
    """Read the boxed expression that an element is."""
    logic = _READERS[element.tag](element, around)
    return _fitted(logic, around.type_of(element), _place(around, element))


def read_inside(element: Element, around: Surroundings) -> Logic:
    """Read the boxed expression inside an element; there may be none, which comes to null."""
    inner = element.child(*_READERS)
    return (
        _null(around, f"{element.label} holds no expression") if inner is None else read_logic(inner, around)
    )


def fit(run: Evaluation, place: Place, value: Any, expected: Type | None) -> Any:
    """Convert a value to the type that its variable declares, or explain the null."""
    run.measure(value)
    fitted = coerce(value, expected)
    if fitted is MISFIT:
        run.warn(place, f"{describe(value)} does not fit the declared type")
        return None
    return fitted


def _fitted(logic: Logic, expected: Type | None, place: Place) -> Logic:
    if expected is None or expected == ANY:
        return logic
    return lambda values, run: fit(run, place, logic(values, run), expected)


def _place(around: Surroundings, element: Element) -> Place:
    text = f"{around.owner}, {element.label}"
    return Place(text, (0, len(text)))


def _null(around: Surroundings, reason: str) -> Logic:
    place = Place(around.owner, (0, len(around.owner)))

    def logic(values: Values, run: Trace) -> None:
        run.warn(place, reason)

    return logic


def _literal(element: Element, around: Surroundings) -> Logic:
    return read_expression(element, element.label, around).answer


def _context(element: Element, around: Surroundings) -> Logic:
    entries: list[tuple[str | None, Logic]] = []
    for entry in element.children("contextEntry"):
        variable = entry.child("variable")
        logic = read_inside(entry, around)
        if variable is None:
            entries.append((None, logic))
            continue
        name = " ".join((variable.get("name") or "").split())
        entries.append((name, _fitted(logic, around.type_of(variable), _place(around, variable))))
        around = around.adding([name])

    def evaluate(values: Values, run: Trace) -> Any:
        inner, context = dict(values), {}
        for name, logic in entries:
            if name is None:
                return logic(inner, run)
            inner[name] = context[name] = logic(inner, run)
        return context

    return evaluate


def _list(element: Element, around: Surroundings) -> Logic:
    items = [read_logic(child, around) for child in element.children(*_READERS)]
    return lambda values, run: [item(values, run) for item in items]


def _relation(element: Element, around: Surroundings) -> Logic:
    columns = [column.get("name") or "" for column in element.children("column")]
    rows = [[read_logic(cell, around) for cell in row.children(*_READERS)] for row in element.children("row")]
    if any(len(row) != len(columns) for row in rows):
        around.fault(element.label, "a row has more or fewer cells than there are columns")
        return _null(around, "a row has more or fewer cells than there are columns")
    return lambda values, run: [
        {name: cell(values, run) for name, cell in zip(columns, row, strict=True)} for row in rows
    ]


def _function(element: Element, around: Surroundings) -> Logic:
    name, parameters, body = read_function(element, around)
    return lambda values, run: make_function(name, parameters, None, body, values, run)


def read_function(element: Element, around: Surroundings) -> tuple[str, tuple[Parameter, ...], Logic]:
    """Read a function's parameters and body; one that only Java or PMML could run has a null body."""
    parameters = tuple(
        Parameter(" ".join((parameter.get("name") or "").split()), around.type_of(parameter))
        for parameter in element.children("formalParameter")
    )
    inner = around.adding(parameter.name for parameter in parameters)
    kind = element.get("kind") or "FEEL"
    if kind.upper() != "FEEL":
        around.fault(element.label, f"a function of kind {kind} is not run here")
        return around.owner, parameters, _null(around, f"a function of kind {kind} is not run here")
    return around.owner, parameters, read_inside(element, inner)


def make_function(
    name: str,
    parameters: tuple[Parameter, ...],
    result: Type | None,
    body: Logic,
    values: Values,
    run: Trace,
) -> Function:
    """Close a body over the values that it was defined among."""

    def invoke(_run: Evaluation, _place: Place, /, *arguments: Any) -> Any:
        given = zip((parameter.name for parameter in parameters), arguments, strict=True)
        return body({**values, **dict(given)}, run)

    return Function(name, parameters, invoke, result)


def _invocation(element: Element, around: Surroundings) -> Logic:
    place = _place(around, element)
    function = read_inside(element, around)
    bindings: list[tuple[str, Logic]] = []
    for binding in element.children("binding"):
        parameter = binding.child("parameter")
        name = "" if parameter is None else " ".join((parameter.get("name") or "").split())
        logic = read_inside(binding, around)
        bindings.append((name, _fitted(logic, around.variable_type(parameter), place)))
    names = tuple(name for name, _ in bindings)

    def evaluate(values: Values, run: Trace) -> Any:
        arguments = tuple(logic(values, run) for _, logic in bindings)
        return call_by_name(run, place, function(values, run), names, arguments)

    return evaluate


def _conditional(element: Element, around: Surroundings) -> Logic:
    condition, then, otherwise = (_part(element, tag, around) for tag in ("if", "then", "else"))
    return lambda values, run: (then if condition(values, run) is True else otherwise)(values, run)


def _filter(element: Element, around: Surroundings) -> Logic:
    place = _place(around, element)
    source = _part(element, "in", around)
    match = _part(element, "match", around.adding(["item", *around.library.members]))

    def evaluate(values: Values, run: Trace) -> Any:
        def condition(item: Any, _entries: Any) -> Any:
            return match({**values, **entries_of(item), "item": item}, run)

        return filtered(run, place, source(values, run), condition)

    return evaluate


def _iteration(element: Element, around: Surroundings) -> Logic:
    place = _place(around, element)
    name = " ".join((element.get("iteratorVariable") or "").split())
    domain = _part(element, "in", around)
    walk, tag = _WALKS[element.tag]
    body = _part(element, tag, around.adding([name, "partial"]))

    def evaluate(values: Values, run: Trace) -> Any:
        def step(item: Any, partial: Any = None) -> Any:
            return body({**values, name: item, "partial": partial}, run)

        return walk(run, place, (lambda: domain(values, run),), step)

    return evaluate


def _collect(run: Trace, place: Place, domains: Any, step: Any) -> Any:
    return for_each(run, place, domains, step, True)


def _part(element: Element, tag: str, around: Surroundings) -> Logic:
    part = element.child(tag)
    if part is None:
        around.fault(element.label, f"`{tag}` is missing")
        return _null(around, f"`{tag}` is missing")
    return _fitted(read_inside(part, around), around.type_of(part), _place(around, part))


def _table(element: Element, around: Surroundings) -> Logic:
    return read_table(element, around).evaluate


_WALKS: Final[dict[str, tuple[Callable[..., Any], str]]] = {
    "for": (_collect, "return"),
    "some": (some, "satisfies"),
    "every": (every, "satisfies"),
}
_READERS: Final[dict[str, Callable[[Element, Surroundings], Logic]]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
LOGIC_TAGS: Final = tuple(_READERS)
