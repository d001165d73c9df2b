"""A sequence flow as our specs hold it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flow:
    """From one element to another; `condition` is FEEL text."""

    id: str
    source: str
    target: str
    condition: str | None = None
    is_default: bool = False
    halts: str | None = None
    """Why nothing can go along, where the diagram was read all the same."""
