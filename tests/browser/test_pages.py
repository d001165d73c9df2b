"""Every page: usable by everybody, in both themes and languages, at every width, without a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, Open
from tests.browser.watching import Watch

# Path, or how to find one, and who looks at it; None is a visitor.
Path = str | Callable[[Page], str]


def _a_draft(page: Page) -> str:
    return f"/orders/{desk.enter_order(page, desk.unique('Lamps to look at'), submit=False)['id']}/edit"


def _an_order(page: Page) -> str:
    return f"/orders/{desk.enter_order(page, desk.unique('Lamps to look at'))['id']}"


def _an_item(page: Page) -> str:
    order = desk.enter_order(page, desk.unique("Lamps to look at"))
    waiting = desk.answer(page, "GET", f"/api/v1/orders/{order['id']}")["waiting"]
    return f"/inbox/{waiting[0]['item_id']}"


def _an_instance(page: Page) -> str:
    return f"/instances/{desk.enter_order(page, desk.unique('Lamps to look at'))['instance_id']}"


def _putting_right(page: Page) -> str:
    return f"{_an_instance(page)}/act?verb=move"


def _an_incident(page: Page) -> str:
    """An order of olga's that an operator took to a gateway where no condition holds."""
    order = desk.enter_order(page, desk.unique("Lamps that get stuck"))
    moved = {"verb": "move", "process": "order_approval", "element": "approve_order", "target": "what_then"}
    desk.call(
        page, "POST", f"/api/v1/instances/{order['instance_id']}/actions", data={**moved, "reason": "look"}
    )
    found = desk.answer(page, "GET", "/api/v1/incidents")["items"]
    return f"/incidents/{found[0]['id']}/act?way=skip"


def _kept_message(page: Page) -> str:
    policy = {"name": "papers.to.look.at", "keeps": True}
    desk.call(page, "PUT", "/api/v1/message-policies", data=policy)
    message = {"name": policy["name"], "business_key": desk.unique("O"), "correlation": {"invoice": "R-1"}}
    desk.answer(page, "POST", "/api/v1/messages", data={**message, "payload": {"sum": 5}})
    return "/messages"


def _first(collection: str) -> Callable[[Page], str]:
    def path(page: Page) -> str:
        return f"/{collection}/{desk.answer(page, 'GET', f'/api/v1/{collection}')['items'][0]['id']}"

    return path


def _erasing(page: Page) -> str:
    return f"{_first('customers')(page)}/erase"


PAGES: dict[str, tuple[str | None, Path]] = {
    "sign-in": (None, "/sign-in"),
    "inbox": ("jon", "/inbox"),
    "work item": ("mia", _an_item),
    "orders": ("mia", "/orders"),
    "order": ("mia", _an_order),
    "order form": ("mia", _a_draft),
    "new order": ("mia", "/orders/new"),
    "needs": ("mia", "/needs"),
    "public form, set up": ("olga", "/needs/form"),
    "needs by mail": ("olga", "/needs/mail"),
    "need": ("mia", _first("needs")),
    "surveys": ("mia", "/surveys"),
    "new survey": ("mia", "/surveys/new"),
    "experiments": ("mia", "/experiments"),
    "new experiment": ("mia", "/experiments/new"),
    "need form": ("mia", "/needs/new"),
    "import": ("mia", "/needs/import"),
    "needs of feedback": ("olga", "/needs/feedback"),
    "analysis": ("mia", "/needs/analysis"),
    "customers": ("mia", "/customers"),
    "customer": ("mia", _first("customers")),
    "customer form": ("mia", "/customers/new"),
    "erasing a customer": ("olga", _erasing),
    "models": ("olga", "/models"),
    "model": ("olga", "/models/forecast"),
    "forecast": ("mia", "/forecast"),
    "themes": ("mia", "/themes"),
    "tables": ("mia", "/tables"),
    "segments": ("mia", "/segments"),
    "products": ("mia", "/products"),
    "product": ("mia", _first("products")),
    "incidents": ("olga", "/incidents"),
    "instance": ("mia", _an_instance),
    "instance of operators": ("olga", _an_instance),
    "instances": ("olga", "/instances"),
    "heat": ("olga", "/heat"),
    "heat map": ("olga", "/heat/order_approval.bpmn?show=open"),
    "putting right": ("olga", _putting_right),
    "an incident put right": ("olga", _an_incident),
    "messages": ("olga", _kept_message),
    "migrations": ("olga", "/migrations"),
    "many at once": ("olga", "/instances/bulk?verb=move"),
    "people": ("olga", "/people"),
    "business": ("olga", "/business"),
    "record": ("chen", "/audit"),
    "settings": ("mia", "/settings"),
    "nothing here": ("mia", "/nothing-here"),
    "not for you": ("mia", "/people"),
}
every_page = pytest.mark.parametrize(("person", "path"), PAGES.values(), ids=PAGES)
# A mark of others that must not be covered or changed.
OTHERS = (".bjs-powered-by",)


def _open(open_page: Open, watch: Watch, person: str | None, path: Path, **options: Any) -> Page:
    watch.allow("404", "403")
    page = open_page(person, "/settings" if person else "/sign-in", **options)
    page.goto(path if isinstance(path, str) else path(page))
    page.wait_for_load_state("load")
    return page


def _sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@every_page
def test_everybody_can_use_the_page(open_page: Open, watch: Watch, person: str | None, path: Path) -> None:
    page = _open(open_page, watch, person, path)

    assert violations(page, OTHERS) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert _sideways(page) <= 0


@pytest.mark.long
@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_everybody_can_use_the_page_however_it_looks(
    open_page: Open,
    watch: Watch,
    person: str | None,
    path: Path,
    scheme: str,
    size: dict[str, int],
    locale: str,
) -> None:
    page = _open(open_page, watch, person, path, color_scheme=scheme, viewport=size, locale=locale)

    assert violations(page, OTHERS) == []
    assert _sideways(page) <= 0


@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_one_long_word_pushes_nothing_out_of_view(mia: Page, open_page: Open, width: int) -> None:
    long, email = "\N{GRINNING FACE}" * 190, f"{'m' * 60}@{'long.' * 20}example.com"
    desk.add_customer(mia, long[:150] + desk.unique(""), email)
    order = desk.enter_order(mia, long, submit=False)
    desk.enter_order(mia, long)
    need = {"need_type": "w" * 80, "text": "w" * 900, "customer_name": "c" * 190, "channel": "c" * 40}
    need["currency"] = "EUR"
    desk.answer(mia, "POST", "/api/v1/needs", data=need)
    product = {"sku": desk.unique("WORD-")[-7:], "name": "w" * 190, "unit": "pcs", "currency": "EUR"}
    desk.answer(
        mia, "POST", "/api/v1/products", data={**product, "price": "1", "cost": "1", "tax_percent": "19"}
    )
    jon = open_page("jon", "/inbox", viewport={"width": width, "height": 900})
    mia.set_viewport_size({"width": width, "height": 900})

    assert jon.evaluate(_CUT_OFF) == []
    for path in ("/orders", f"/orders/{order['id']}", "/needs", "/customers", "/products"):
        mia.goto(path)
        assert mia.evaluate(_CUT_OFF) == [], path


# What shows and holds more than it can show, other than what ends in an ellipsis or is there to be scrolled.
_CUT_OFF = """() => [document.documentElement, ...document.querySelectorAll("main, main *")]
  .filter((each) => !each.matches(".row > a, .vh, .vh *, .views, .tabs, .dg, .dg *, input, textarea"))
  .filter((each) => each.checkVisibility() && each.clientWidth && each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.tagName}.${each.className} ${each.scrollWidth} > ${each.clientWidth}`)"""


def test_filters_are_folded_on_a_phone_until_one_is_set(open_page: Open) -> None:
    phone = open_page("mia", "/orders", viewport=NARROW)
    status = phone.get_by_label("Status")
    expect(phone.locator("details.filters:not([open])")).to_be_attached()
    expect(status).to_be_hidden()

    phone.get_by_text("More filters").click()
    status.select_option(label="Draft")
    phone.get_by_role("button", name="Filter", exact=True).click()

    expect(phone.get_by_label("Status")).to_have_value("draft")
    expect(phone.get_by_label("Status")).to_be_visible()


def test_filters_stand_open_on_a_desk(mia: Page) -> None:
    mia.goto("/orders")

    expect(mia.get_by_label("Status")).to_be_visible()
    expect(mia.get_by_text("More filters")).to_be_hidden()


def test_the_mark_keeps_to_one_line_on_the_smallest_phone(open_page: Open) -> None:
    phone = open_page(
        "mia", "/orders", viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True
    )

    box = phone.get_by_role("banner").get_by_role("link", name="Placet").bounding_box()

    assert box
    assert box["height"] < 30


def test_a_customers_page_keeps_its_title_when_its_orders_have_come(mia: Page) -> None:
    mia.goto(_first("customers")(mia))
    name = mia.get_by_role("heading", level=1).inner_text()

    expect(mia.locator("#orders")).to_be_attached()

    expect(mia).to_have_title(f"{name} · Placet")


def test_the_api_is_described_on_a_page_of_our_own(mia: Page) -> None:
    mia.goto("/api/docs")

    described = mia.get_by_role("link", name="/api/v1/orders", exact=True).first
    expect(described).to_be_visible(timeout=20_000)


def test_a_visitor_chooses_a_language_before_signing_in(open_page: Open) -> None:
    page = open_page(path="/sign-in")

    page.get_by_role("button", name="简体中文").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_settings_change_theme_language_density_and_keys(sam: Page) -> None:
    sam.goto("/settings")

    sam.get_by_label("dark").check()
    sam.get_by_label("compact").check()
    sam.get_by_label("Single-letter keys").uncheck()
    sam.get_by_label("简体中文").check()
    sam.get_by_role("button", name="Save").click()

    root = sam.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    expect(root).to_have_attribute("lang", "zh-CN")
    assert sam.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 21, 19)"
    sam.keyboard.press("?")
    expect(sam.locator("dialog[open]")).to_have_count(0)
    sam.get_by_label("English").check()
    sam.get_by_role("radio").nth(2).check()
    sam.locator("[name=density][value=comfortable]").check()
    sam.locator("[name=keys_on]").check()
    sam.locator("form[action='/settings'] button").click()
    expect(root).to_have_attribute("lang", "en")


def test_a_token_is_shown_once(mia: Page) -> None:
    mia.goto("/settings")
    form = mia.locator("form[action='/settings/tokens']")
    form.get_by_label("Name").fill(name := desk.unique("Till"))
    form.get_by_label("orders:read").check()
    form.get_by_role("button", name="Make a token").click()
    secret = mia.locator(".banner code").inner_text()

    answer = mia.request.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})

    assert answer.ok
    mia.goto("/settings")
    expect(mia.get_by_text(name)).to_be_visible()
    assert secret not in mia.content()


def test_moments_are_told_by_the_readers_own_clock(open_page: Open) -> None:
    page = open_page("mia", "/orders", timezone_id="Asia/Tokyo")
    order = desk.enter_order(page, desk.unique("Lamps at nine"), submit=False)
    page.goto(f"/orders/{order['id']}")

    told = page.locator("time[datetime]").first

    expect(told).to_have_attribute("data-local", "")
    written = told.get_attribute("datetime") or ""
    hour = (int(written[11:13]) + 9) % 24
    expect(told).to_contain_text(f"{hour:02}:{written[14:16]}")


def test_signing_out_ends_the_session(open_page: Open) -> None:
    page = open_page("mia", "/orders")

    page.get_by_role("button", name="Mia Sommer, account menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/orders")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
