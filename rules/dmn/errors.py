"""What a DMN document can be refused for, naming the element."""


class DmnError(Exception):
    """A document cannot be used."""

    def __init__(self, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason


class UnknownDecisionError(DmnError):
    """The model holds nothing of that name or id."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "the model holds no such decision")
        self.name = name
