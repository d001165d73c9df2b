"""Themes as a page: what needs are about, and what grows."""

from __future__ import annotations

from flask import Response, request

from app.accounts.door import current_actor
from app.database import reading
from app.insights import drawing
from app.insights.themes import queries
from app.moments import utc_now
from app.needs.explore import Period
from app.web import page, signed_in


@signed_in()
def themes_page() -> Response:
    """Show all themes, by week unless months are asked for."""
    by = Period.MONTH if request.args.get("by") == Period.MONTH else Period.WEEK
    with reading(current_actor().org_id) as tx:
        shown = queries.present(tx, by, utc_now())
    return page(
        "insights/themes.html",
        shown=shown,
        by=by,
        periods=list(queries.COMPARED),
        compared=queries.COMPARED[by],
        spark=drawing.spark,
        size=(drawing.SPARK_WIDTH, drawing.SPARK_HEIGHT),
    )
