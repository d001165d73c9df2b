"""Reads FEEL's written types, such as `list<number>` or `function<string> -> number`."""

from rules.feel.lexer import KEYWORDS
from rules.feel.names import NameTable, Scope
from rules.feel.reader import TokenReader
from rules.feel.types import TYPE_NAMES, ContextType, FunctionType, ListType, RangeType, Type


class TypeReader(TokenReader):
    """Adds types to the reading of tokens."""

    def __init__(self, text: str, scope: Scope) -> None:
        super().__init__(text, scope)
        self._types: NameTable | None = None

    def type(self) -> Type:
        self.deepen()
        kind = self._type()
        self.rise()
        return kind

    def _type(self) -> Type:
        if self.tokens[min(self.position + 1, len(self.tokens) - 1)].text == "<":
            match self.peek.text:
                case "list":
                    return ListType(self._item())
                case "range":
                    return RangeType(self._item())
                case "context":
                    return self._context_type()
                case "function":
                    return self._function_type()
        if self._types is None:
            self._types = NameTable([*TYPE_NAMES, *self.scope.types])
        found = self._types.longest(self.tokens, self.position)
        if found is None and self.peek.kind != "name":
            raise self.fault("a type should stand here, such as `number`")
        if found is None:
            raise self.fault(f"no type is named `{self.peek.text}`")
        name, count = found
        self.position += count
        return self.scope.types.get(name) or TYPE_NAMES[name]

    def _item(self) -> Type:
        self.position += 2
        item = self.type()
        self.expect(">")
        return item

    def _context_type(self) -> Type:
        self.position += 2
        entries: list[tuple[str, Type]] = []
        while not self.at(">"):
            first = self.peek
            words: list[str] = []
            while self.peek.kind == "name" and self.peek.text not in KEYWORDS:
                words.append(self.advance().text)
            self.expect(":")
            name = " ".join(words)
            if any(name == known for known, _ in entries):
                raise self.fault(f"the entry {name!r} is there twice", first.span)
            entries.append((name, self.type()))
            if not self.accept(","):
                break
        self.expect(">")
        return ContextType(tuple(entries))

    def _function_type(self) -> Type:
        self.position += 2
        parameters: list[Type] = []
        while not self.at(">"):
            parameters.append(self.type())
            if not self.accept(","):
                break
        self.expect(">")
        self.expect("->")
        return FunctionType(tuple(parameters), self.type())
