"""Everything that happened to an order, in the order in which it happened."""

from app.orders.timeline.entry import Entry
from app.orders.timeline.telling import timeline_of

__all__ = ["Entry", "timeline_of"]
