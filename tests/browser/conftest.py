"""Browsers in front of a running Placet; each test sees its pages, and all of them are watched for faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.serving import Serving
from tests.browser.watching import Watch

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}

# Opens a page for somebody, such as `mia`, or for a visitor; options are those of a browser context.
Open = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """`placet run` with the demo business, once for all tests of this process."""
    started = Serving(tmp_path_factory.mktemp("browser") / "var")
    try:
        started.wait_until_ready()
        yield started
    finally:
        started.stop()


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test whose pages reported an error or broke the content policy."""
    made = Watch()
    yield made
    assert made.faults == []


@pytest.fixture
def open_page(serving: Serving, browser: Browser, watch: Watch) -> Iterator[Open]:
    """Opens pages in contexts of their own: `open_page("mia", "/orders", color_scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def open_one(person: str | None = None, path: str = "/inbox", **options: Any) -> Page:
        chosen = {"base_url": serving.url, "viewport": WIDE, "locale": "en-GB", **options}
        context = browser.new_context(**chosen)
        contexts.append(context)
        watch.over(context)
        if person:
            serving.sign_in(context, person)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


def _page_of(name: str) -> Any:
    def page(open_page: Open) -> Page:
        return open_page(name)

    page.__doc__ = f"The inbox as {name.title()} of the demo sees it."
    return pytest.fixture(page, name=name)


mia, jon, chen = _page_of("mia"), _page_of("jon"), _page_of("chen")
ana, sam, olga = _page_of("ana"), _page_of("sam"), _page_of("olga")
