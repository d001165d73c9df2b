"""Asks axe-core whether a page can be used by everybody, without loosening the page's content policy."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from tests.servers import ROOT

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, exclude: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong, a line for each element; `exclude` names parts that others have made."""
    # Evaluated and not added as a script element, which the policy would refuse.
    page.evaluate(_source())
    found = page.evaluate(
        "([rules, exclude]) => axe.run({ exclude }, { runOnly: rules, resultTypes: ['violations'] })",
        [RULES, [[selector] for selector in exclude]],
    )
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@cache
def _source() -> str:
    return (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
