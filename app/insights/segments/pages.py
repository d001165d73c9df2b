"""Segments as a page: who orders lately, often and for much, and how far to trust the groups."""

from __future__ import annotations

from flask import Response

from app.accounts.door import current_actor
from app.accounts.queries import currency_of
from app.database import reading
from app.insights.segments import queries
from app.web import page, signed_in


@signed_in()
def segments_page() -> Response:
    with reading(current_actor().org_id) as tx:
        shown, currency = queries.present(tx), currency_of(tx)
    return page("insights/segments.html", shown=shown, currency=currency)
