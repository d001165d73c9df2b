"""Coming in: the sign-in page, and the inbox that follows."""

from __future__ import annotations

import orjson
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.desk import unique
from tests.browser.serving import Serving
from tests.browser.watching import Watch


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


def test_a_given_password_is_made_ones_own(open_page: Open, watch: Watch, olga: Page) -> None:
    watch.allow("422")
    name, given, own = unique("Pia"), "given by Olga", "known to Pia only"
    email = f"{name.replace(' ', '-').lower()}@demo.example"
    olga.goto("/people")
    form = olga.locator("form", has=olga.get_by_role("heading", name="Add a person"))
    form.get_by_label("Name").fill(name)
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("First password").fill("forgotten at once")
    form.get_by_role("button", name="Add").click()
    card = olga.get_by_role("region", name=name)
    card.get_by_text("New password", exact=True).click()
    card.get_by_label("New password of").fill(given)
    card.get_by_role("button", name="Set the password").click()
    expect(olga.get_by_text("The new password is set.").first).to_be_visible()

    pia = open_page(path="/settings")
    pia.get_by_label("E-mail address").fill(email)
    pia.get_by_label("Password").fill(given)
    pia.get_by_role("button", name="Sign in").click()
    pia.get_by_label("Present password").fill(given)
    pia.get_by_label("New password", exact=True).fill(own)
    pia.get_by_label("New password again").fill("known to nobody")
    pia.get_by_role("button", name="Change the password").click()
    expect(pia.get_by_text("The password was not changed.")).to_be_visible()
    assert violations(pia) == []
    pia.get_by_label("Present password").fill(given)
    pia.get_by_label("New password", exact=True).fill(own)
    pia.get_by_label("New password again").fill(own)
    pia.get_by_role("button", name="Change the password").click()

    expect(pia.get_by_text("Changed.").first).to_be_visible()
    pia.get_by_role("button", name="account menu").click()
    pia.get_by_role("button", name="Sign out").click()
    pia.get_by_label("E-mail address").fill(email)
    pia.get_by_label("Password").fill(own)
    pia.get_by_role("button", name="Sign in").click()
    expect(pia.get_by_role("link", name="Inbox", exact=True)).to_be_visible()


def test_the_inbox_can_be_used_by_everybody(jon: Page) -> None:
    assert violations(jon) == []
