"""The rooms of analysis in a business with a past: types as they are typed, themes, segments, risk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.accounts import commands as accounts
from app.accounts.models import Role
from app.config import Settings
from app.database import db
from app.insights import need_types, training
from app.insights.segments import kind as segments
from app.needs import commands as needs
from app.wiring import create_app
from tasks import training as performing
from tests.app.insights.test_segments import fill
from tests.app.insights.themed import themes_in_use
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE
from tests.builders import PASSWORD, Firm, a_firm
from tests.selling import a_line, a_product, an_order, publish_shipped

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
READER = "reader@rooms.example"
SAID = {
    "lighting": "the lamp flickers|a bulb for the lamp|dim the lamp|lamp and socket|one more lamp",
    "delivery": "the courier is late|where is the parcel|courier and depot|a parcel is lost|track the parcel",
    "billing": "a copy of the invoice|tax on the invoice|invoice address|correct the invoice|pay the invoice",
}


@dataclass(frozen=True, slots=True)
class Rooms:
    """Where it is served, and the form of an order in it."""

    url: str
    form: str


@pytest.fixture(scope="module")
def rooms(settings: Settings) -> Iterator[Rooms]:
    app = create_app(settings)
    with app.app_context():
        firm = a_firm()
        publish_shipped(firm)
        people = fill(firm)
        themes_in_use(firm)
        for at in range(60):
            kind = tuple(SAID)[at % 3]
            words = SAID[kind].split("|")[at // 3 % 5]
            given = {"need_type": kind, "text": f"{words}, room {at}", "customer_id": people[at % 45]}
            needs.create(firm["sales"], {**given, "currency": "EUR", "value": Decimal(at)})
        for name in (need_types.NAME, segments.NAME):
            assert performing.execute(firm.org_id, training.ask(firm["owner"], name)) == "published"
        order = an_order(firm, [a_line(a_product(firm, price="4200"))])
        _add_reader(firm)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Rooms(f"http://127.0.0.1:{server.server_port}", f"/orders/{order.id}/edit")
        server.shutdown()
        thread.join()
        db.engine.dispose()


def _add_reader(firm: Firm) -> None:
    roles = [Role.SALES, Role.PROCESS_OWNER]
    accounts.add_person(
        firm.org_id, None, email=READER, name="Reader", password=PASSWORD, roles=roles, teams=["sales"]
    )


def _open(browser: Browser, rooms: Rooms, path: str, **options: object) -> Page:
    context = browser.new_context(base_url=rooms.url, **options)  # type: ignore[arg-type] # of mixed kinds
    page = context.new_page()
    context.request.post("/sign-in", form={"email": READER, "password": PASSWORD})
    page.goto(path)
    return page


def _is_usable(page: Page) -> bool:
    return violations(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_type_is_offered_while_a_need_is_typed_and_a_person_has_the_last_word(
    browser: Browser, rooms: Rooms
) -> None:
    for options in ({"viewport": WIDE}, {"viewport": NARROW, "color_scheme": "dark"}):
        page = _open(browser, rooms, "/needs/new", **options)

        page.get_by_label("What is needed").press_sequentially("the courier lost a parcel")

        offered = page.get_by_role("button", name="delivery", exact=True)
        expect(offered).to_have_attribute("aria-pressed", "false")
        expect(page.get_by_role("status").filter(has_text="confidence")).to_contain_text("%")
        assert _is_usable(page)
        offered.click()
        expect(page.get_by_label("Type", exact=True)).to_have_value("delivery")
        expect(offered).to_have_attribute("aria-pressed", "true")
        page.get_by_label("Type", exact=True).fill("complaints of couriers")
        expect(offered).to_have_attribute("aria-pressed", "false")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("main")).to_contain_text("complaints of couriers")


def test_what_is_of_no_known_type_is_said_to_be_of_none(browser: Browser, rooms: Rooms) -> None:
    page = _open(browser, rooms, "/needs/new", viewport=NARROW, locale="zh-CN")

    page.locator("[name=text]").press_sequentially("qubit entanglement thesis")

    expect(page.locator("[data-suggestion=none]")).to_be_visible()
    assert _is_usable(page)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"viewport": WIDE}, id="wide"),
        pytest.param(
            {"viewport": NARROW, "color_scheme": "dark", "locale": "zh-CN"}, id="phone, dark, Chinese"
        ),
    ],
)
def test_segments_and_themes_are_read_and_explored_by_everybody(
    browser: Browser, rooms: Rooms, options: dict[str, object]
) -> None:
    page = _open(browser, rooms, "/segments", **options)
    expect(page.get_by_role("table").get_by_role("row")).not_to_have_count(0)
    assert _is_usable(page)
    page.goto("/needs/explore?rows=theme&columns=customer_segment")
    label = page.locator(".bars .of").first
    assert label.evaluate("e => parseFloat(getComputedStyle(e).fontSize)") >= 13
    assert _is_usable(page)

    page.get_by_role("rowheader").get_by_role("link", name="lamp").click()

    expect(page.get_by_role("rowheader").get_by_role("link", name="lamp")).to_be_visible()
    expect(page.get_by_role("rowheader").get_by_role("link", name="desk")).to_have_count(0)
    assert "theme=1" in page.url
    for path in ("/models/suggestions", "/models/segments", "/models/themes"):
        page.goto(path)
        assert _is_usable(page)


def test_a_theme_is_renamed_on_a_phone(browser: Browser, rooms: Rooms) -> None:
    page = _open(browser, rooms, "/themes", viewport=NARROW)
    row = page.get_by_role("row", name="desk")

    row.get_by_text("Rename").click()
    row.get_by_label("Name of the theme").fill("Desks and chairs")
    assert _is_usable(page)
    row.get_by_role("button", name="Save").click()

    expect(page.get_by_role("link", name="Desks and chairs")).to_be_visible()
    expect(page.get_by_text("Named by Reader")).to_be_visible()


def test_an_orders_form_says_what_is_missing_for_its_risk(browser: Browser, rooms: Rooms) -> None:
    for options in ({"viewport": WIDE}, {"viewport": NARROW, "color_scheme": "dark"}):
        page = _open(browser, rooms, rooms.form, **options)

        expect(page.get_by_role("heading", name="Risk")).to_be_visible()
        expect(page.locator("[data-risk]")).to_contain_text("Too little data: 20 more orders")
        assert _is_usable(page)
