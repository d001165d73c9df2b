"""What keeps a model from being trained or measured, in sentences that name the file and the column."""

from __future__ import annotations

from pathlib import Path

from app.errors import PlacetError
from app.wording import worded


class LearningError(PlacetError):
    """Base of all that learning raises on purpose; its message is made by `worded` (pages show it)."""

    status = 422
    code = "learning"


class MisshapenFileError(LearningError):
    """A file does not hold what its subject needs; the column is named where it is a column's fault."""

    def __init__(self, file: Path, problem: str, column: str | None = None) -> None:
        where = f"{file.name}: {column}" if column else file.name
        super().__init__(worded("{where}: {problem}", where=where, problem=problem))
        self.file, self.column, self.problem = file, column, problem


class TooLittleDataError(LearningError):
    """There is not enough to learn from; the message says how much is missing."""

    def __init__(self, what: str, there: int, needed: int) -> None:
        super().__init__(
            worded("too few {what}: {there}, and {needed} are needed", what=what, there=there, needed=needed)
        )
        self.there, self.needed = there, needed
