"""One thing that happened to an order, told in words that a page can translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.wording import Wording, worded


@dataclass(frozen=True, slots=True)
class Entry:
    """`template` with its `values` is the sentence, which pages tell in their reader's language."""

    at: datetime
    kind: str  # such as "decision", "shipment.delivered"; for icons and filters
    template: str
    values: Mapping[str, str] = field(default_factory=dict)
    person_id: UUID | None = None
    note: str = ""  # what a person wrote
    is_simulated: bool = False
    person_name: str | None = None
    call_id: UUID | None = None  # the service call that this came of: its own "done" is not told beside it

    @property
    def sentence(self) -> Wording:
        return worded(self.template, **self.values)

    @property
    def text(self) -> str:
        """The sentence in English."""
        return str(self.sentence)
