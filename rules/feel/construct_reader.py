"""Reads what opens with a value, a bracket or a word: literals, lists, contexts, `if`, `for`, functions."""

from abc import abstractmethod
from decimal import Overflow
from typing import Any, Final

from rules.feel import nodes
from rules.feel.builtins.names import BUILTIN_NAMES
from rules.feel.errors import Span
from rules.feel.lexer import KEYWORDS, Token
from rules.feel.names import NameTable, Scope
from rules.feel.numbers import parse_number
from rules.feel.temporal_text import parse_temporal
from rules.feel.type_reader import TypeReader

COMPARISONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
INFIX_WORDS: Final = frozenset(
    {"and", "or", "in", "between", "instance", "then", "else", "return", "satisfies"}
)
_NO_NAME: Final = frozenset("()[]{},")
_BUILTINS: Final = NameTable(BUILTIN_NAMES)


class ConstructReader(TypeReader):
    """Adds everything that opens with a value, a bracket or a word."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        self.locals: list[NameTable] = [NameTable(scope.names)]
        self.members = NameTable(scope.members)
        self.filters = 0

    @abstractmethod
    def expression(self) -> nodes.Node: ...

    @abstractmethod
    def test(self) -> nodes.Node: ...

    @abstractmethod
    def unary_comparison(self) -> nodes.Node: ...

    def declare(self, name: str) -> None:
        self.locals[-1].add(name)

    def primary(self) -> nodes.Node:
        token = self.peek
        if token.kind == "number":
            return self._number(self.advance())
        if token.kind == "string":
            return self._literal(self.advance().value, token)
        if token.kind == "temporal":
            self.advance()
            value = parse_temporal(token.value)
            fault = None if value is not None else f"{token.value!r} is no date, time or duration"
            return self.made(nodes.Constant(token.span, value, fault))
        named = self._known_name()
        if named is not None:
            return named
        if token.kind == "symbol":
            return self._bracketed(token)
        return self._worded(token)

    def _number(self, token: Token) -> nodes.Node:
        try:
            return self._literal(parse_number(token.text), token)
        except Overflow:
            raise self.fault("a number larger than 9.99E+6144", token.span) from None

    def _literal(self, value: Any, token: Token) -> nodes.Node:
        return self.made(nodes.Constant(token.span, value))

    def _known_name(self) -> nodes.Node | None:
        start = self.peek.start
        best: tuple[str, int] | None = None
        tables = [*reversed(self.locals), _BUILTINS]
        if self.filters:
            tables.append(self.members)
        for table in tables:
            found = table.longest(self.tokens, self.position)
            if found and (best is None or found[1] > best[1]):
                best = found
        if best is None or (best[1] == 1 and best[0] in KEYWORDS):
            return None
        self.position += best[1]
        return self.made(nodes.Name(self.since(start), best[0]))

    def _worded(self, token: Token) -> nodes.Node:
        match token.text:
            case "true" | "false" | "null":
                self.advance()
                return self._literal({"true": True, "false": False}.get(token.text), token)
            case "if":
                return self._if(self.advance())
            case "for":
                return self._for(self.advance())
            case "some" | "every":
                return self._quantified(self.advance())
            case "function":
                return self._function(self.advance())
        if token.kind == "end":
            raise self.fault("a value is missing")
        if token.text in KEYWORDS:
            raise self.fault(f"`{token.text}` stands where a value should")
        words = self.spoken_name() if self.filters else [token.text]
        self.position += len(words)
        return self.made(nodes.Name(self.since(token.start), " ".join(words)))

    def _bracketed(self, token: Token) -> nodes.Node:
        match token.text:
            case "(":
                return self._parenthesis(self.advance())
            case "[":
                return self._list_or_range()
            case "]":
                return self._range(self.advance(), low_closed=False)
            case "{":
                return self._context()
        raise self.fault(f"`{token.text}` stands where a value should")

    def _parenthesis(self, opening: Token) -> nodes.Node:
        if self.peek.kind == "symbol" and self.peek.text in COMPARISONS:
            test = self.unary_comparison()
            self.expect(")")
            return test
        value = self.expression()
        if self.accept(".."):
            return self._range_end(opening, value, low_closed=False)
        self.expect(")")
        return value

    def _list_or_range(self) -> nodes.Node:
        opening = self.expect("[")
        items: list[nodes.Node] = []
        while not self.at("]"):
            items.append(self.test())
            if len(items) == 1 and self.accept(".."):
                return self._range_end(opening, items[0], low_closed=True)
            if not self.accept(","):
                break
        self.expect("]")
        return self.made(nodes.ListLiteral(self.since(opening.start), tuple(items)))

    def _range(self, opening: Token, *, low_closed: bool) -> nodes.Node:
        low = self.expression()
        self.expect("..")
        return self._range_end(opening, low, low_closed=low_closed)

    def _range_end(self, opening: Token, low: nodes.Node, *, low_closed: bool) -> nodes.Node:
        high = self.expression()
        closing = self.advance()
        if closing.kind != "symbol" or closing.text not in {"]", ")", "["}:
            raise self.fault("a range wants `]`, `)` or `[` at its end", closing.span)
        span = self.since(opening.start)
        return self.made(nodes.RangeLiteral(span, low, low_closed, high, closing.text == "]"))

    def _context(self) -> nodes.Node:
        opening = self.expect("{")
        entries: list[tuple[str, nodes.Node]] = []
        self.locals.append(NameTable())
        while not self.at("}"):
            name, span = self._entry_name()
            if any(name == known for known, _ in entries):
                raise self.fault(f"the entry {name!r} is there twice", span)
            if self.peek.text == "function":
                self.declare(name)  # a function sees itself
            entries.append((name, self.expression()))
            self.declare(name)
            if not self.accept(","):
                break
        self.locals.pop()
        self.expect("}")
        return self.made(nodes.ContextLiteral(self.since(opening.start), tuple(entries)))

    def _entry_name(self) -> tuple[str, Span]:
        first = self.peek
        if first.kind == "string":
            self.advance()
            self.expect(":")
            return first.value, first.span
        return self._name_before(":")

    def _name_before(self, *ends: str) -> tuple[str, Span]:
        """Read a new name: everything up to one of the words or signs that must follow it."""
        first = self.peek
        while self.peek.text not in ends:
            if self.peek.kind not in {"name", "number", "symbol"} or self.peek.text in _NO_NAME:
                raise self.fault(f"a name and `{ends[0]}` should stand here")
            self.advance()
        last = self.tokens[self.position - 1]
        if last.start < first.start or first.kind == "number":
            raise self.fault("a name is missing", first.span)
        self.advance()
        return _spelled(self.text[first.start : last.end]), (first.start, last.end)

    def _if(self, opening: Token) -> nodes.Node:
        condition = self.expression()
        if not self.accept_word("then"):
            raise self.fault("`if` wants `then`")
        then = self.expression()
        if not self.accept_word("else"):
            raise self.fault("`if` wants `else`")
        otherwise = self.expression()
        return self.made(nodes.If(self.since(opening.start), condition, then, otherwise))

    def _iterators(self) -> tuple[nodes.Iterator, ...]:
        found: list[nodes.Iterator] = []
        while True:
            name, _ = self._name_before("in")
            found.append(nodes.Iterator(name, self._domain()))
            self.declare(name)
            if not self.accept(","):
                return tuple(found)

    def _domain(self) -> nodes.Node:
        start = self.peek.start
        low = self.expression()
        if not self.accept(".."):
            return low
        high = self.expression()
        return self.made(nodes.RangeLiteral(self.since(start), low, True, high, True))

    def _for(self, opening: Token) -> nodes.Node:
        self.locals.append(NameTable())
        iterators = self._iterators()
        if not self.accept_word("return"):
            raise self.fault("`for` wants `return`")
        self.declare("partial")
        body = self.expression()
        self.locals.pop()
        return self.made(nodes.For(self.since(opening.start), iterators, body))

    def _quantified(self, opening: Token) -> nodes.Node:
        self.locals.append(NameTable())
        iterators = self._iterators()
        if not self.accept_word("satisfies"):
            raise self.fault(f"`{opening.text}` wants `satisfies`")
        condition = self.expression()
        self.locals.pop()
        word: Any = opening.text
        return self.made(nodes.Quantified(self.since(opening.start), word, iterators, condition))

    def _function(self, opening: Token) -> nodes.Node:
        self.expect("(")
        parameters: list[tuple[str, Any]] = []
        self.locals.append(NameTable())
        while not self.at(")"):
            parameters.append(self._parameter())
            if not self.accept(","):
                break
        self.expect(")")
        external = self.accept_word("external")
        body = self.expression()
        self.locals.pop()
        span = self.since(opening.start)
        return self.made(nodes.FunctionDefinition(span, tuple(parameters), body, external))

    def _parameter(self) -> tuple[str, Any]:
        first = self.peek
        while self.peek.kind in {"name", "number"} or self.peek.text in {"-", "'", "/", "."}:
            self.advance()
        last = self.tokens[self.position - 1]
        if first.kind != "name" or last.start < first.start:
            raise self.fault("a parameter wants a name", first.span)
        name = _spelled(self.text[first.start : last.end])
        self.declare(name)
        return name, self.type() if self.accept(":") else None

    def spoken_name(self) -> list[str]:
        """Return the words that stand side by side here: nothing but a name can do that."""
        words: list[str] = []
        while self._continues(words, token := self.tokens[self.position + len(words)]):
            words.append(token.text)
        return words

    def _continues(self, words: list[str], token: Token) -> bool:
        if token.kind == "name":
            return not words or token.text not in KEYWORDS
        return bool(words) and token.kind == "number" and token.text.isdigit()


def _spelled(name: str) -> str:
    return " ".join(name.split())
