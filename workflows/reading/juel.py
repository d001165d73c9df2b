"""JUEL read by its own grammar and said in FEEL: piece by piece, so that both always answer the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from workflows.reading import juel_methods

_LONGEST: Final = 10_000


class ForeignExpressionError(Exception):
    """This expression has no counterpart in FEEL."""


class ForeignMethodError(ForeignExpressionError):
    """This expression calls a method that FEEL does not know."""


class Binds(IntEnum):
    """How tightly the parts of a FEEL text hold together."""

    OR = 1
    AND = 2
    COMPARISON = 3
    SUM = 4
    PRODUCT = 5
    SIGN = 6
    VALUE = 7


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of an expression in FEEL; `literal`: the text or number that it is."""

    text: str
    binds: Binds = Binds.VALUE
    literal: str | int | None = None
    is_truth: bool = False

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            raise ForeignExpressionError(f"more than {_LONGEST} characters of FEEL would say it")

    def at(self, binds: Binds) -> str:
        return self.text if self.binds >= binds else f"({self.text})"


_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%<>!?:()\[\].,]))""",
    re.X,
)
_COMPARED: Final = {
    "==": "=",
    "eq": "=",
    "!=": "!=",
    "ne": "!=",
    "<": "<",
    "lt": "<",
    ">": ">",
    "gt": ">",
    "<=": "<=",
    "le": "<=",
    ">=": ">=",
    "ge": ">=",
}
_WORDS: Final = frozenset(
    ("and", "or", "not", "eq", "ne", "lt", "gt", "le", "ge", "div", "mod", "empty", "instanceof")
)
_CONSTANTS: Final = ("true", "false", "null")
_ENGINES: Final = frozenset(("execution", "task", "authenticatedUserId"))
"""What the engine itself puts beside the variables: no FEEL reads it."""
_EMPTY: Final = (
    "({0} = null or {0} instance of string and string length({0}) = 0"
    " or {0} instance of list<Any> and count({0}) = 0"
    " or {0} instance of context<> and count(get entries({0})) = 0)"
)


class Reader:
    """Reads one expression from its first sign to its last."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    def read(self) -> str:
        said = self._choice()
        if self._ahead():
            raise self._unknown()
        return said.text

    # signs

    def _ahead(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        """Return the next sign if it is one of these, and go on; else nothing."""
        found = self._ahead()
        if found not in wanted:
            return ""
        self.at += 1
        return found

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self._unknown()

    def _unknown(self) -> ForeignExpressionError:
        found = self._ahead() or "its end"
        return ForeignExpressionError(f"{self.text.strip()!r} cannot be read at {found}; write it in FEEL")

    # from what binds least to what binds most

    def _choice(self) -> Said:
        condition = self._or()
        if not self._take("?"):
            return condition
        yes = self._choice()
        self._expect(":")
        no = self._choice()
        return Said(f"(if {_truth(condition)} then {yes.text} else {no.text})")

    def _or(self) -> Said:
        left = self._and()
        while self._take("||", "or"):
            right = self._and()
            left = Said(f"{left.at(Binds.OR)} or {right.at(Binds.AND)}", Binds.OR, is_truth=True)
        return left

    def _and(self) -> Said:
        left = self._comparison(("==", "eq", "!=", "ne"))
        while self._take("&&", "and"):
            right = self._comparison(("==", "eq", "!=", "ne"))
            left = Said(f"{left.at(Binds.AND)} and {right.at(Binds.COMPARISON)}", Binds.AND, is_truth=True)
        return left

    def _comparison(self, signs: tuple[str, ...]) -> Said:
        """Equality holds looser than order; FEEL has one level, without an order of its own."""
        is_equality = "==" in signs
        left = self._operand(is_equality)
        while sign := self._take(*signs):
            right = self._operand(is_equality)
            text = f"{left.at(Binds.SUM)} {_COMPARED[sign]} {right.at(Binds.SUM)}"
            left = Said(text, Binds.COMPARISON, is_truth=True)
        return left

    def _operand(self, is_equality: bool) -> Said:
        if is_equality:
            return self._comparison(("<", "lt", ">", "gt", "<=", "le", ">=", "ge"))
        return self._sum()

    def _sum(self) -> Said:
        left = self._product()
        while sign := self._take("+", "-"):
            right = self._product()
            left = Said(f"{left.at(Binds.SUM)} {sign} {right.at(Binds.PRODUCT)}", Binds.SUM)
        return left

    def _product(self) -> Said:
        left = self._signed()
        while sign := self._take("*", "/", "div", "%", "mod"):
            right = self._signed()
            if sign in ("%", "mod"):
                left = Said(juel_methods.remainder(left.at(Binds.VALUE), right.text))
            else:
                word = "*" if sign == "*" else "/"
                left = Said(f"{left.at(Binds.PRODUCT)} {word} {right.at(Binds.SIGN)}", Binds.PRODUCT)
        return left

    def _signed(self) -> Said:
        if self._take("-"):
            return Said(f"-{self._signed().at(Binds.VALUE)}", Binds.SIGN)
        if self._take("!", "not"):
            return Said(f"not({self._signed().text})", is_truth=True)
        if self._take("empty"):
            return Said(_EMPTY.format(self._signed().at(Binds.VALUE)), is_truth=True)
        return self._value()

    def _value(self) -> Said:
        said = self._first()
        while sign := self._take(".", "["):
            said = self._part(said) if sign == "[" else self._property(said)
        return said

    def _first(self) -> Said:
        sign = self._ahead()
        self.at += 1
        if sign == "(":
            inside = self._choice()
            self._expect(")")
            return inside
        if sign[:1] in ('"', "'"):
            return _text(sign)
        if sign[:1].isdigit() or (sign[:1] == "." and len(sign) > 1):
            return Said(sign, literal=int(sign) if sign.isdigit() else None)
        if sign in _CONSTANTS:
            return Said(sign, is_truth=sign != "null")
        if not sign.isidentifier() or sign in _WORDS:
            self.at -= 1
            raise self._unknown()
        return self._named(sign)

    def _named(self, name: str) -> Said:
        """A variable, or one of the few functions that FEEL has too."""
        if name in juel_methods.PREFIXES and self._take(":"):
            name = f"{name}:{self._ahead()}"
            self.at += 1
        called = self._arguments() if self._ahead() == "(" else None
        if called is not None:
            return self._method(name, None, called)
        if ":" in name:
            raise self._unknown()
        if name in _ENGINES and self._ahead() != ".":
            raise ForeignExpressionError(f"{name!r} is the engine's own, which no FEEL reads")
        return Said(name)

    def _property(self, of: Said) -> Said:
        name = self._ahead()
        if not name.isidentifier():
            raise self._unknown()
        self.at += 1
        if self._ahead() == "(":
            return self._method(name, of, self._arguments())
        if of.text in _ENGINES:
            raise ForeignExpressionError(f"{of.text!r} is the engine's own, which no FEEL reads")
        return Said(f"{of.at(Binds.VALUE)}.{name}")

    def _arguments(self) -> list[Said]:
        self._expect("(")
        found: list[Said] = []
        while not self._take(")"):
            if found:
                self._expect(",")
            found.append(self._choice())
        return found

    def _method(self, name: str, of: Said | None, given: list[Said]) -> Said:
        receiver = None if of is None else of.at(Binds.VALUE)
        text = juel_methods.call(name, receiver, [(each.text, each.literal) for each in given])
        if text is None:
            shown = f"{receiver}.{name}(" if receiver else f"{name}("
            raise ForeignMethodError(f"{shown!r} calls a method; that has no counterpart in FEEL")
        return Said(text)

    def _part(self, of: Said) -> Said:
        """A list counts from 0 there, and from 1 here."""
        key = self._choice()
        self._expect("]")
        receiver = of.at(Binds.VALUE)
        text = juel_methods.part(receiver, key.literal)
        if text is None:
            raise ForeignExpressionError(
                f"{receiver + '['!r} takes a part by [ ], which FEEL counts from 1;"
                " that has no counterpart in FEEL"
            )
        return Said(text)


def _tokens(text: str) -> list[str]:
    found, at, end = [], 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None:
            raise ForeignExpressionError(
                f"{text.strip()!r} cannot be read at {text[at:].strip()[:1]}; write it in FEEL"
            )
        found.append(token[0].strip())
        at = token.end()
    return found


def _text(token: str) -> Said:
    """Return a text with FEEL's escapes instead of theirs, which are of quotes and backslashes only."""
    inside = re.sub(r"\\(.)", r"\1", token[1:-1])
    if re.search(r"""\\[^\\"']""", token.replace("\\\\", "")):
        raise ForeignExpressionError(f"the text {token} holds an escape that cannot be read")
    return Said(juel_methods.quoted(inside), literal=inside)


def _truth(condition: Said) -> str:
    """A text that says true is true there."""
    if condition.is_truth:
        return condition.text
    return f'lower case(string({condition.text})) = "true"'
