"""Placet's application: who asks, what is kept, what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application; the rooms are imported only now, so that the supervisor stays light."""
    from app.wiring import create_app as wire

    return wire(settings)
