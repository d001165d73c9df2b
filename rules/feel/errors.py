"""What FEEL can refuse, each refusal saying where in the text it stands."""

from typing import TypeAlias

Span: TypeAlias = tuple[int, int]


class FeelError(Exception):
    """A FEEL text cannot be used."""


class FeelSyntaxError(FeelError):
    """The text is no FEEL expression; the span points at the character that breaks it."""

    def __init__(self, text: str, span: Span, reason: str) -> None:
        super().__init__(f"{reason} at character {span[0] + 1} of {_shorten(text)!r}")
        self.text = text
        self.span = span
        self.reason = reason


class FeelLimitError(FeelError):
    """An expression asks for more work or more memory than one evaluation may use."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FeelValueError(FeelError):
    """A value from outside has no exact counterpart in FEEL, a float for example."""

    def __init__(self, value: object, reason: str) -> None:
        super().__init__(f"{_shorten(repr(value))} is no FEEL value: {reason}")
        self.value = value
        self.reason = reason


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
