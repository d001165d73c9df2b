"""What FEEL can refuse, each refusal saying where in the text it stands."""

from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]
_LONG: Final = 10_000


class FeelError(Exception):
    """A FEEL text cannot be used."""


class FeelSyntaxError(FeelError):
    """The text is no FEEL expression; the span points at the character that breaks it."""

    def __init__(self, text: str, span: Span, reason: str) -> None:
        super().__init__(located(reason, text, span))
        self.text = text
        self.span = span
        self.reason = reason

    @property
    def line(self) -> int:
        """The line that breaks, from 1."""
        return self.text.count("\n", 0, self.span[0]) + 1

    @property
    def column(self) -> int:
        """The character of that line, from 1."""
        return self.span[0] - self.text.rfind("\n", 0, self.span[0])


class FeelLimitError(FeelError):
    """An expression asks for more work or more memory than one evaluation may use."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FeelSizeError(FeelSyntaxError, FeelLimitError):
    """The text itself is larger than one may be: longer, deeper or of more parts."""


class FeelValueError(FeelError):
    """A value from outside has no exact counterpart in FEEL, a float for example."""

    def __init__(self, value: object, reason: str) -> None:
        # Python refuses to write a very long int out in decimals.
        told = hex(value) if type(value) is int and value.bit_length() > _LONG else repr(value)
        super().__init__(f"{shorten(told)} is no FEEL value: {reason}")
        self.value = value
        self.reason = reason


def located(reason: str, text: str, span: Span) -> str:
    """Say a reason with its place: the character, and the line of a text that has several."""
    start = text.rfind("\n", 0, span[0]) + 1
    line = text[start:].partition("\n")[0]
    where = f"at character {span[0] - start + 1} of"
    if "\n" in text.strip():
        where = f"in line {text.count(chr(10), 0, span[0]) + 1}, {where}"
    return f"{reason} {where} {shorten(line)!r}"


def shorten(text: str, longest: int = 80) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."
