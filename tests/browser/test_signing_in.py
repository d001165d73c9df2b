"""Coming in: the sign-in page, and the inbox that follows."""

from __future__ import annotations

import orjson
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.serving import Serving


def test_a_person_signs_in_and_sees_the_inbox(open_page: Open, serving: Serving) -> None:
    jon = orjson.loads((serving.var / "demo.json").read_bytes())["people"][1]
    page = open_page(path="/orders")

    page.get_by_label("E-mail address").fill(jon["email"])
    page.get_by_label("Password").fill(jon["password"])
    page.get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(f"{serving.url}/orders")
    page.get_by_role("link", name="Inbox", exact=True).click()
    expect(page.get_by_role("navigation", name="Views")).to_be_visible()
    expect(page.get_by_role("button", name="Jon Reyes, account menu")).to_be_visible()


def test_the_inbox_can_be_used_by_everybody(jon: Page) -> None:
    assert violations(jon) == []
