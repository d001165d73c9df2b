"""The only way up: calls to be made, written with the change that asked for them."""

from app.outbox.waking import wake

__all__ = ["wake"]
