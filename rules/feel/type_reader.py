"""Reads FEEL's written types, such as `list<number>` or `function<string> -> number`."""

from rules.feel.lexer import KEYWORDS
from rules.feel.names import NameTable
from rules.feel.reader import TokenReader
from rules.feel.types import TYPE_NAMES, ContextType, FunctionType, ListType, RangeType, Type


class TypeReader(TokenReader):
    """Adds types to the reading of tokens."""

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
        found = NameTable([*TYPE_NAMES, *self.scope.types]).longest(self.tokens, self.position)
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
            words: list[str] = []
            while self.peek.kind == "name" and self.peek.text not in KEYWORDS:
                words.append(self.advance().text)
            self.expect(":")
            entries.append((" ".join(words), self.type()))
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
