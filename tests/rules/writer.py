"""Writes a tree as a FEEL text with every parenthesis that there could be: read again, it is the tree."""

from dataclasses import fields
from typing import Any

from rules import feel
from rules.feel import nodes, types


def written(node: nodes.Node) -> str:
    match node:
        case nodes.Constant(value=value):
            return _constant(value)
        case nodes.Name(name=name):
            return f"({name})"
        case nodes.ListLiteral(items=items):
            return f"[{_joined(items)}]"
        case nodes.ContextLiteral(entries=entries):
            return "{" + ", ".join(f"{_quoted(name)}: {written(value)}" for name, value in entries) + "}"
        case nodes.RangeLiteral(low=low, low_closed=low_closed, high=high, high_closed=high_closed):
            brackets = "[" if low_closed else "(", "]" if high_closed else ")"
            return f"{brackets[0]}{written(low)}..{written(high)}{brackets[1]}"
        case nodes.UnaryTests(tests=tests, negated=negated):
            return (f"not({_tests(tests)})" if negated else _tests(tests)) if tests else "-"
    return f"({_bare(node)})"


def _bare(node: nodes.Node) -> str:
    match node:
        case nodes.Logic(word=word, operands=operands):
            return f" {word} ".join(written(each) for each in operands)
        case (
            nodes.Compare(symbol=sign, left=left, right=right)
            | nodes.Calculate(symbol=sign, left=left, right=right)
        ):
            return f"{written(left)} {sign} {written(right)}"
        case nodes.Between(value=value, low=low, high=high):
            return f"{written(value)} between {written(low)} and {written(high)}"
        case nodes.In(value=value, tests=tests):
            return f"{written(value)} in ({_tests(tests)})"
        case nodes.InstanceOf(value=value, type=kind):
            return f"{written(value)} instance of {_type(kind)}"
        case nodes.Negate(value=value):
            return f"-{written(value)}"
        case nodes.UnaryComparison(symbol=sign, right=right):
            return f"{sign} {written(right)}"
        case nodes.If(condition=condition, then=then, otherwise=other):
            return f"if {written(condition)} then {written(then)} else {written(other)}"
        case nodes.For(iterators=iterators, body=body):
            return f"for {_iterators(iterators)} return {written(body)}"
        case nodes.Quantified(word=word, iterators=iterators, condition=condition):
            return f"{word} {_iterators(iterators)} satisfies {written(condition)}"
        case nodes.FunctionDefinition(parameters=parameters, body=body, external=external):
            named = ", ".join(name if kind is None else f"{name}: {_type(kind)}" for name, kind in parameters)
            return f"function({named}) {'external ' if external else ''}{written(body)}"
    return _followed(node)


def _followed(node: nodes.Node) -> str:
    match node:
        case nodes.Path(value=value, name=name):
            return f"{written(value)}.{name}"
        case nodes.Filter(value=value, condition=condition):
            return f"{written(value)}[{written(condition)}]"
        case nodes.Call(function=function, arguments=arguments, names=names):
            if names is None:
                return f"{written(function)}({_joined(arguments)})"
            pairs = zip(names, arguments, strict=True)
            return f"{written(function)}({', '.join(f'{name}: {written(value)}' for name, value in pairs)})"
    raise AssertionError(f"no {type(node).__name__} is written")


def _joined(parts: tuple[nodes.Node, ...]) -> str:
    return ", ".join(written(part) for part in parts)


def _tests(tests: tuple[nodes.Node, ...]) -> str:
    return ", ".join(
        _bare(test) if isinstance(test, nodes.UnaryComparison) else written(test) for test in tests
    )


def _iterators(iterators: tuple[nodes.Iterator, ...]) -> str:
    return ", ".join(f"{iterator.name} in {written(iterator.domain)}" for iterator in iterators)


def _constant(value: Any) -> str:
    if value is None or isinstance(value, bool | str | int):
        return _quoted(value) if isinstance(value, str) else feel.text_of(value)
    return str(value) if type(value).__name__ == "Decimal" else f'@"{value}"'


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _type(kind: types.Type) -> str:
    match kind:
        case types.ListType(item):
            return f"list<{_type(item)}>"
        case types.RangeType(item):
            return f"range<{_type(item)}>"
        case types.ContextType(entries):
            return f"context<{', '.join(f'{name}: {_type(entry)}' for name, entry in entries)}>"
        case types.FunctionType(parameters, result):
            assert result is not None
            return f"function<{', '.join(map(_type, parameters))}> -> {_type(result)}"
        case types.Simple(name):
            return name
    raise AssertionError(f"no {type(kind).__name__} is written")


def shape(part: Any) -> Any:
    """A tree without the places in its text: what two texts that mean the same have in common."""
    if isinstance(part, nodes.Node | nodes.Iterator):
        parts = [shape(getattr(part, field.name)) for field in fields(part) if field.name != "span"]
        return type(part).__name__, *parts
    if isinstance(part, tuple):
        return tuple(shape(each) for each in part)
    return (type(part).__name__, str(part)) if type(part).__name__ == "Decimal" else part
