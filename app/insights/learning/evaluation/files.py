"""Which files a subject is measured on: one that it splits itself, or training and test given apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.insights.learning.errors import LearningError, MisshapenFileError
from app.wording import worded


@dataclass(frozen=True, slots=True)
class Files:
    """Either `whole`, or `train` with `test`; the folder is where their companions lie, such as products."""

    whole: Path | None = None
    train: Path | None = None
    test: Path | None = None
    folder: Path | None = None

    def companion(self, name: str) -> Path | None:
        """Return a file that belongs to these by its name, from the folder or beside them."""
        named = self.whole or self.train
        folders = [self.folder, named.parent if named else None]
        return next((found for each in folders if each and (found := each / name).exists()), None)

    @property
    def parts(self) -> tuple[Path, Path] | None:
        """Return training and test where they are given apart."""
        return (self.train, self.test) if self.train and self.test else None

    def needed(self) -> Path:
        """Return the one file that is to be split."""
        if self.whole is None:
            raise LearningError(worded("a file is needed, or training and test apart"))
        return self.whole


def find(folder: Path, pattern: str) -> Path | None:
    """Return the one file of this name in a folder, or None; two of them are one too many to choose from."""
    found = sorted(folder.glob(pattern))
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise MisshapenFileError(
            folder,
            worded("holds several files {pattern}: {names}; name one of them", pattern=pattern, names=names),
        )
    return found[0] if found else None
