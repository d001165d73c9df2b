"""Themes as a page: what needs are about, and what grows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.door import current_actor
from app.accounts.models import Role
from app.database import reading
from app.insights import drawing
from app.insights.themes import naming, queries
from app.insights.themes.courses import Course
from app.insights.themes.models import LONGEST_NAME
from app.insights.themes.queries import Line
from app.moments import utc_now
from app.needs.explore import Period
from app.web import go, page, signed_in

# So many of the largest are shown at first.
FIRST = 20


@signed_in()
def themes_page() -> Response:
    """Show all themes, by week unless months are asked for."""
    by = Period.MONTH if request.args.get("by") == Period.MONTH else Period.WEEK
    with reading(current_actor().org_id) as tx:
        shown = queries.present(tx, by, utc_now())
    return page(
        "insights/themes.html",
        shown=shown,
        lines=shown.lines if request.args.get("all") else _first(shown.lines),
        by=by,
        periods=list(queries.COMPARED),
        compared=queries.COMPARED[by],
        spark=drawing.spark,
        longest_name=LONGEST_NAME,
        size=(drawing.SPARK_WIDTH, drawing.SPARK_HEIGHT),
    )


def _first(lines: Sequence[Line]) -> list[Line]:
    """Return the largest themes and all that changed: a page of eighty is read by nobody."""
    return [each for at, each in enumerate(lines) if at < FIRST or each.course is not Course.SAME]


@signed_in(Role.SALES, Role.PROCESS_OWNER)
def rename_theme(number: str) -> BaseResponse:
    naming.rename(current_actor(), number, request.form.get("name", ""))
    return go("/themes", gettext("Saved."))
