"""Reads a FEEL text into its tree: a Pratt parser, steered by the names that are in scope."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from rules.feel import bounds, nodes
from rules.feel.construct_reader import COMPARISONS, INFIX_WORDS, ConstructReader
from rules.feel.errors import FeelSizeError
from rules.feel.lexer import Token
from rules.feel.names import NameTable, Scope

_NODE = TypeVar("_NODE", bound=nodes.Node)
_OR: Final = 1
_AND: Final = 2
_COMPARISON: Final = 3
_ADDITIVE: Final = 4
_MULTIPLICATIVE: Final = 5
_POWER: Final = 6
_WORDS: Final = {"or": _OR, "and": _AND, "between": _COMPARISON, "in": _COMPARISON}
_SYMBOLS: Final = {
    **dict.fromkeys(COMPARISONS, _COMPARISON),
    **dict.fromkeys("+-", _ADDITIVE),
    **dict.fromkeys("*/", _MULTIPLICATIVE),
    "**": _POWER,
}


class Parser(ConstructReader):
    """Adds operators, and what may follow a value: a path, a filter, a call."""

    # -- the places where a text begins

    def expression_text(self) -> nodes.Node:
        node = self.expression()
        self.expect_end()
        return node

    def tests_text(self) -> nodes.UnaryTests:
        """Read a cell: `-`, `not(…)`, or tests with commas between."""
        start = self.peek.start
        self.declare("?")
        if self.peek.text == "-" and self.tokens[self.position + 1].kind == "end":
            self.advance()
            return self.made(nodes.UnaryTests(self.since(start), ()))
        negated = self._is_negated_tests()
        if negated:
            self.position += 2
        tests = self.tests()
        if negated:
            self.expect(")")
        if self.peek.text == "and":
            raise self.fault("`and` joins no tests of a cell; write a range, or `? > 1 and ? < 9`")
        self.expect_end()
        return self.made(nodes.UnaryTests(self.since(start), tests, negated))

    def _is_negated_tests(self) -> bool:
        """Tell `not("a","b")`, the negation of tests, from a call whose result goes on."""
        if self.peek.text != "not" or self.tokens[self.position + 1].text != "(":
            return False
        depth = 0
        for index in range(self.position + 1, len(self.tokens)):
            token = self.tokens[index]
            if token.kind == "symbol":
                depth += (token.text == "(") - (token.text == ")")
                if depth == 0:
                    return self.tokens[index + 1].kind == "end"
        return False

    def tests(self) -> tuple[nodes.Node, ...]:
        return (self.test(), *self._more_tests())

    def _more_tests(self) -> list[nodes.Node]:
        found: list[nodes.Node] = []
        while self.accept(","):
            found.append(self.test())
        return found

    def test(self) -> nodes.Node:
        if self.peek.kind == "symbol" and self.peek.text in COMPARISONS:
            return self.unary_comparison()
        return self.expression()

    # -- operators

    def expression(self) -> nodes.Node:
        self.deepen()
        node = self._binary(_OR)
        self.rise()
        return node

    def _binary(self, loosest: int, first: nodes.Node | None = None) -> nodes.Node:
        """Read an operand, if it is not read yet, and every operator behind it that binds so tightly."""
        start = self.peek.start if first is None else first.span[0]
        left = self._signed() if first is None else self._postfix(first)
        for _ in range(bounds.CHAIN):
            token = self.peek
            binding = _binding(token)
            if binding < loosest:
                return left
            self.advance()
            left = self._infix(start, left, token, binding)
        raise self.excess(f"more than {bounds.CHAIN} operators in a row")

    def _infix(self, start: int, left: nodes.Node, token: Token, binding: int) -> nodes.Node:
        symbol: Any = token.text
        if binding <= _AND:
            operands = [left, self._binary(binding + 1)]
            while self.accept_word(symbol):
                operands.append(self._binary(binding + 1))
            return self.made(nodes.Logic(self.since(start), symbol, tuple(operands)))
        if symbol == "between":
            return self._between(start, left)
        if symbol == "in":
            tests = self._in_tests()
            return self.made(nodes.In(self.since(start), left, tests))
        right = self._binary(binding + 1)
        if binding == _COMPARISON:
            return self.made(nodes.Compare(self.since(start), symbol, left, right))
        return self.made(nodes.Calculate(self.since(start), symbol, left, right))

    def _between(self, start: int, value: nodes.Node) -> nodes.Node:
        low = self._binary(_ADDITIVE)
        if not self.accept_word("and"):
            raise self.fault("`between` wants `and` after its lower end")
        high = self._binary(_ADDITIVE)
        return self.made(nodes.Between(self.since(start), value, low, high))

    def _in_tests(self) -> tuple[nodes.Node, ...]:
        """Read what follows `in`: tests in parentheses, or one test."""
        if self.peek.kind == "symbol" and self.peek.text in COMPARISONS:
            return (self.unary_comparison(),)
        if not self.at("("):
            return (self._binary(_ADDITIVE),)
        opening = self.advance()
        first = self.test()
        if self.accept(".."):
            return (self._range_end(opening, first, low_closed=False),)
        if self.at(","):
            tests = (first, *self._more_tests())
            self.expect(")")
            return tests
        self.expect(")")
        # What began like tests may be a value that goes on, such as `(a + b) * c`.
        return (self._binary(_ADDITIVE, first),)

    def unary_comparison(self) -> nodes.Node:
        token = self.advance()
        symbol: Any = token.text
        right = self._binary(_ADDITIVE)
        return self.made(nodes.UnaryComparison(self.since(token.start), symbol, right))

    def _signed(self) -> nodes.Node:
        token = self.peek
        if token.kind == "symbol" and token.text == "-":
            self.advance()
            self.deepen()
            value = self._signed()
            self.rise()
            return self.made(nodes.Negate(self.since(token.start), value))
        value = self._postfix()
        while self.accept_word("instance"):
            if not self.accept_word("of"):
                raise self.fault("`instance` wants `of`")
            kind = self.type()
            value = self.made(nodes.InstanceOf(self.since(token.start), value, kind))
        return value

    # -- what follows a value

    def _postfix(self, first: nodes.Node | None = None) -> nodes.Node:
        start = self.peek.start if first is None else first.span[0]
        value = self.primary() if first is None else first
        for _ in range(bounds.CHAIN):
            if self.accept("."):
                name = self._member_name()
                value = self.made(nodes.Path(self.since(start), value, name))
            elif self.at("[") and not self._opens_range():
                value = self._filter(start, value)
            elif self.accept("("):
                value = self._call(start, value)
            else:
                return value
        raise self.excess(f"more than {bounds.CHAIN} steps in a path")

    def _opens_range(self) -> bool:
        """Tell `a..b[`, where the bracket closes a range, from a filter: nothing in it could be a value."""
        following = self.tokens[self.position + 1]
        if following.kind == "symbol":
            return following.text not in {"(", "[", "{", "-"}
        return following.kind == "end" or following.text in INFIX_WORDS

    def _filter(self, start: int, value: nodes.Node) -> nodes.Node:
        self.expect("[")
        self.locals.append(NameTable(["item"]))
        self.filters += 1
        condition = self.expression()
        self.filters -= 1
        self.locals.pop()
        self.expect("]")
        return self.made(nodes.Filter(self.since(start), value, condition))

    def _call(self, start: int, function: nodes.Node) -> nodes.Node:
        names: list[str] = []
        values: list[nodes.Node] = []
        while not self.at(")"):
            name = self._argument_name()
            if name is not None:
                names.append(name)
            values.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        if names and (len(names) != len(values) or len(set(names)) != len(names)):
            raise self.fault("arguments are given either all by name, each once, or all by position")
        span = self.since(start)
        return self.made(nodes.Call(span, function, tuple(values), tuple(names) if names else None))

    def _argument_name(self) -> str | None:
        index = self.position
        while self.tokens[index].kind in {"name", "number"}:
            index += 1
        if index == self.position or self.tokens[index].text != ":":
            return None
        words = [token.text for token in self.tokens[self.position : index]]
        self.position = index + 1
        return " ".join(words)

    def _member_name(self) -> str:
        known = self.members.longest(self.tokens, self.position)
        spoken = self.spoken_name()
        if known and known[1] >= len(spoken):
            self.position += known[1]
            return known[0]
        if not spoken:
            raise self.fault("a path wants a name after its point")
        self.position += len(spoken)
        return " ".join(spoken)


def _binding(token: Token) -> int:
    if token.kind == "symbol":
        return _SYMBOLS.get(token.text, 0)
    return _WORDS.get(token.text, 0) if token.kind == "name" else 0


def parse(text: str, scope: Scope = Scope()) -> nodes.Node:  # noqa: B008
    return _read(text, scope, Parser.expression_text)


def parse_tests(text: str, scope: Scope = Scope()) -> nodes.UnaryTests:  # noqa: B008
    return _read(text, scope, Parser.tests_text)


def _read(text: str, scope: Scope, rule: Callable[[Parser], _NODE]) -> _NODE:
    try:
        return rule(Parser(text, scope))
    except RecursionError:
        raise FeelSizeError(text, (0, len(text)), "nested too deep") from None
