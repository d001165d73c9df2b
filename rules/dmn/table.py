"""Decision tables: which rules match, and what each hit policy makes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.dmn.allowed import Allowed, read_allowed
from rules.dmn.expressions import Answering, read_cell, read_expression
from rules.dmn.policies import POLICIES, Policy, aggregate
from rules.dmn.scope import Spot, Surroundings, Values
from rules.dmn.trace import Evidence, Hit, Trace
from rules.dmn.types import entry_type
from rules.dmn.xml import Element
from rules.feel import nodes
from rules.feel.coercion import MISFIT, coerce
from rules.feel.comparing import describe, same
from rules.feel.evaluation import Place
from rules.feel.rows import Cell, Matcher, compile_rows
from rules.feel.types import Type


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions."""

    label: str
    expression: Answering | None
    type: Type | None
    allowed: Allowed | None
    shown: Type | None
    """What the variable that the column shows is declared to be."""


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results."""

    name: str
    label: str
    type: Type | None
    allowed: Allowed | None
    default: Answering | None

    def rank(self, value: Any) -> int:
        """Return how important a value is, the smallest first."""
        return 0 if self.allowed is None else self.allowed.rank(value)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: its cells as they were written, and its results ready to be asked."""

    number: int
    id: str
    conditions: tuple[Cell, ...]
    results: tuple[Answering | None, ...]
    annotation: str


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table ready to be asked."""

    owner: str
    name: str
    policy: Policy
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    matcher: Matcher
    place: Place

    def evaluate(self, values: Values, run: Trace) -> Any:
        seen, matched = self.matched(values, run)
        if any(value is MISFIT for value in seen):
            return None
        decided = self._decide(matched, values, run)
        self._record(decided.rules, seen, run)
        return decided.value

    def matched(self, values: Values, run: Trace) -> tuple[list[Any], list[Rule]]:
        """Return what the columns see, and the rules that match it."""
        seen = [self._input(column, values, run) for column in self.inputs]
        if any(value is MISFIT for value in seen):
            return seen, []
        run.step(len(self.rules))
        return seen, [self.rules[row] for row in self.matcher(run, values, *seen)]

    def _input(self, column: Input, values: Values, run: Trace) -> Any:
        value = None if column.expression is None else column.expression.answer(values, run)
        run.measure(value)
        fitted = coerce(value, column.type)
        if fitted is MISFIT:
            run.warn(self.place, f"{column.label}: {describe(value)} does not fit the column's type")
        elif column.allowed is not None and fitted is not None and not column.allowed.accepts(fitted):
            run.warn(self.place, f"{column.label}: {fitted} is not among the allowed values")
            return MISFIT
        return fitted

    def _decide(self, matched: Sequence[Rule], values: Values, run: Trace) -> "_Decided":
        if not matched:
            return _Decided(self._default(values, run), ())
        if self.policy.name == "FIRST":
            matched = matched[:1]
        if self.policy.name == "UNIQUE" and len(matched) > 1:
            numbers = ", ".join(str(rule.number) for rule in matched)
            run.warn(self.place, f"rules {numbers} match, where only one may")
            return _Decided(None, tuple(matched))
        found = [(rule, self.results_of(rule, values, run)) for rule in matched]
        return self._combine(found, run)

    def _combine(self, found: "list[tuple[Rule, list[Any]]]", run: Trace) -> "_Decided":
        policy = self.policy
        if policy.name == "ANY" and not all(same(run, results, found[0][1]) for _, results in found[1:]):
            run.warn(self.place, "rules match whose results differ")
            return _Decided(None, tuple(rule for rule, _ in found))
        if policy.ranked:
            found.sort(key=lambda each: self._rank(each[1]))
        if not policy.many:
            found = found[:1]
        rules = tuple(rule for rule, _ in found)
        shaped = [self._shape(results) for _, results in found]
        if not policy.many:
            return _Decided(shaped[0], rules)
        if policy.aggregator is None:
            return _Decided(shaped, rules)
        return _Decided(aggregate(policy.aggregator, shaped, self.place, run), rules)

    def _rank(self, results: Sequence[Any]) -> tuple[int, ...]:
        """Rank by each output in turn."""
        return tuple(output.rank(result) for output, result in zip(self.outputs, results, strict=True))

    def results_of(self, rule: Rule, values: Values, run: Trace) -> list[Any]:
        return [
            self._result(output, expression, values, run)
            for output, expression in zip(self.outputs, rule.results, strict=True)
        ]

    def _result(self, output: Output, expression: Answering | None, values: Values, run: Trace) -> Any:
        value = None if expression is None else expression.answer(values, run)
        run.measure(value)
        fitted = coerce(value, output.type)
        if fitted is MISFIT:
            run.warn(self.place, f"{output.label}: {describe(value)} does not fit the column's type")
            return None
        return fitted

    def _default(self, values: Values, run: Trace) -> Any:
        if all(output.default is None for output in self.outputs):
            return self.policy.nothing
        return self._shape([self._result(output, output.default, values, run) for output in self.outputs])

    def _shape(self, results: Sequence[Any]) -> Any:
        if len(self.outputs) == 1:
            return results[0]
        return {output.name: result for output, result in zip(self.outputs, results, strict=True)}

    def _record(self, rules: Sequence[Rule], seen: Sequence[Any], run: Trace) -> None:
        decision = run.decisions[-1] if run.decisions else self.owner
        inputs: Mapping[str, Any] = {
            column.label: value for column, value in zip(self.inputs, seen, strict=True)
        }
        hits = tuple(Hit(rule.number, rule.id, rule.annotation) for rule in rules)
        run.evidence.append(Evidence(decision, self.name, hits, inputs))


@dataclass(frozen=True, slots=True)
class _Decided:
    """A value with the rules that it rests on."""

    value: Any
    rules: tuple[Rule, ...]


def read_table(element: Element, around: Surroundings) -> DecisionTable:
    """Read a table; what is wrong in a cell is a fault, and the cell never matches."""
    policy = _policy(element, around)
    inputs = tuple(_input(child, number, around) for number, child in enumerate(element.children("input"), 1))
    outputs = tuple(
        _output(child, number, policy, around) for number, child in enumerate(element.children("output"), 1)
    )
    rules = tuple(
        rule
        for number, child in enumerate(element.children("rule"), 1)
        if (rule := _rule(child, number, inputs, outputs, around)) is not None
    )
    matcher = compile_rows([rule.conditions for rule in rules], len(inputs), around.scope)
    table = DecisionTable(
        around.owner,
        element.id or around.owner,
        policy,
        inputs,
        outputs,
        rules,
        matcher,
        Place(around.owner, (0, len(around.owner))),
    )
    around.tables.append(table)
    return table


def _policy(element: Element, around: Surroundings) -> Policy:
    name = (element.get("hitPolicy") or "UNIQUE").upper()
    aggregation = element.get("aggregation")
    policy = POLICIES.get((name, aggregation if name == "COLLECT" else None))
    if policy is None:
        around.fault(element.label, f"unknown hit policy {name} {aggregation or ''}".rstrip())
        return POLICIES["UNIQUE", None]
    return policy


def _input(element: Element, number: int, around: Surroundings) -> Input:
    source = element.child("inputExpression")
    text = "" if source is None else source.text_of("text") or ""
    label = element.get("label") or text or f"input {number}"
    where = f"input {label}"
    expression = None if source is None else read_expression(source, where, around)
    allowed = read_allowed(element, "inputValues", f"allowed values of {where}", around)
    shown = _shown(getattr(expression, "node", None), around)
    return Input(label, expression, around.variable_type(source), allowed, shown)


def _shown(node: nodes.Node | None, around: Surroundings) -> Type | None:
    """Return the declared type of a variable, or of an entry of one."""
    if isinstance(node, nodes.Name):
        return around.variables.get(node.name)
    if not isinstance(node, nodes.Path):
        return None
    return entry_type(_shown(node.value, around), [node.name])


def _output(element: Element, number: int, policy: Policy, around: Surroundings) -> Output:
    name = element.get("name") or ""
    label = element.get("label") or name or f"output {number}"
    allowed = read_allowed(element, "outputValues", f"allowed values of output {label}", around)
    if policy.ranked and allowed is None:
        around.fault(f"output {label}", f"{policy.name} needs the allowed values of each output, in order")
    default = element.child("defaultOutputEntry")
    return Output(
        name,
        label,
        around.type_of(element),
        allowed,
        None if default is None else _result_entry(default, f"default of output {label}", around),
    )


def _rule(
    element: Element, number: int, inputs: Sequence[Input], outputs: Sequence[Output], around: Surroundings
) -> Rule | None:
    conditions = list(element.children("inputEntry"))
    results = list(element.children("outputEntry"))
    if len(conditions) != len(inputs) or len(results) != len(outputs):
        around.fault(f"rule {number}", "more or fewer cells than the table has columns")
        return None
    labels = [column.label for column in inputs]
    cells = tuple(
        read_cell(entry, Spot(number, label), around) for entry, label in zip(conditions, labels, strict=True)
    )
    expressions = tuple(
        _result_entry(entry, Spot(number, output.label), around)
        for entry, output in zip(results, outputs, strict=True)
    )
    return Rule(number, element.id, cells, expressions, _annotation(element))


def _annotation(element: Element) -> str:
    notes = [note.text_of("text") or "" for note in element.children("annotationEntry")]
    return " · ".join(note for note in [element.text_of("description") or "", *notes] if note)


def _result_entry(element: Element, where: str | Spot, around: Surroundings) -> Answering | None:
    """Read a result; an empty cell comes to null."""
    return None if element.text_of("text") in {None, "", "-"} else read_expression(element, where, around)
