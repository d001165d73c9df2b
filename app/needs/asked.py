"""The filter of needs that a page's address asks for."""

from __future__ import annotations

from datetime import date

from flask import request

from app.accounts.door import current_actor
from app.entered import identity
from app.needs.models import LONGEST_STAGE
from app.needs.queries import Filter


def filter_asked() -> Filter:
    """Read the filter; what cannot be read does not narrow."""
    args = request.args
    return Filter(
        search=args.get("search", "").strip()[:100],
        need_type=args.get("type", ""),
        status=args.get("status", "")[:LONGEST_STAGE],
        channel=args.get("channel", ""),
        owner_id=current_actor().person_id if args.get("mine") else identity(args.get("owner")),
        since=day_asked(args.get("since")),
        until=day_asked(args.get("until")),
        open=bool(args.get("open")),
        overdue=bool(args.get("overdue")),
        theme=args.get("theme", "")[:20],
        customer_segment=args.get("customer_segment", "")[:20],
    )


def day_asked(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
