"""One thing that happened to an order, told in words that a page can translate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """`template` with its `values` is the sentence; pages translate the template and fill it themselves."""

    at: datetime
    kind: str  # such as "decision", "shipment.delivered"; for icons and filters
    template: str
    values: dict[str, str] = field(default_factory=dict)
    person_id: UUID | None = None
    note: str = ""  # what a person wrote
    is_simulated: bool = False
    person_name: str | None = None

    @property
    def text(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.values)
