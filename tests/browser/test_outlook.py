"""What is foreseen of an order, as people read it, in a business with a past and models in use."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from werkzeug.serving import make_server

from app.accounts import commands as accounts
from app.accounts.models import Role
from app.catalogue.models import Product
from app.config import Settings
from app.database import db, transaction
from app.insights import order_risk, remaining_time, training
from app.moments import utc_now
from app.orders.detail import OrderDetail
from app.wiring import create_app
from tasks import training as performing
from tests.app.insights.passing_orders import some_passages
from tests.app.insights.risky_orders import GLASS, some_orders
from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE
from tests.builders import PASSWORD, a_firm
from tests.selling import a_line, a_product, an_order, publish_shipped

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
READER = "reader@example.com"


@dataclass(frozen=True, slots=True)
class Shop:
    """Where it is served, its order that waits for the sales lead, and what places a small one
    of the same product."""

    url: str
    order: str
    item: str
    place: Callable[[], OrderDetail]


@pytest.fixture(scope="module")
def shop(settings: Settings) -> Iterator[Shop]:
    app = create_app(settings)
    with app.app_context():
        firm = a_firm()
        publish_shipped(firm)
        some_orders(firm, 240, utc_now())
        some_passages(firm, 120, utc_now())
        for kind in (order_risk.NAME, remaining_time.NAME):
            assert performing.execute(firm.org_id, training.ask(firm["owner"], kind)) == "published"
        product = a_product(firm, price="4200")
        with transaction(firm.org_id) as tx:
            tx.session.execute(update(Product).where(Product.id == product).values(sku=GLASS))
        order = an_order(firm, [a_line(product)], submit=True)
        roles = [Role.APPROVER, Role.PROCESS_OWNER]
        accounts.add_person(
            firm.org_id,
            None,
            email=READER,
            name="Reader",
            password=PASSWORD,
            roles=roles,
            teams=["sales_lead"],
        )
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield Shop(
            f"http://127.0.0.1:{server.server_port}",
            f"/orders/{order.id}",
            f"/inbox/{order.waiting[0].item_id}",
            partial(an_order, firm, [a_line(product, "0.1")], submit=True),
        )
        server.shutdown()
        thread.join()
        db.engine.dispose()


def _open(browser: Browser, shop: Shop, **options: object) -> Page:
    context = browser.new_context(base_url=shop.url, **options)  # type: ignore[arg-type] # of mixed kinds
    page = context.new_page()
    context.request.post("/sign-in", form={"email": READER, "password": PASSWORD})
    return page


@pytest.mark.parametrize(
    ("width", "scheme", "locale", "words"),
    [
        pytest.param(WIDE, "light", "en-GB", ("higher than usual", "largest product: GLASS"), id="wide"),
        pytest.param(NARROW, "dark", "zh-CN", ("高于平常", "最大的产品：GLASS"), id="phone, dark, Chinese"),
    ],
)
def test_risk_and_end_are_read_by_everybody(
    browser: Browser, shop: Shop, width: object, scheme: str, locale: str, words: tuple[str, str]
) -> None:
    page = _open(browser, shop, viewport=width, color_scheme=scheme, locale=locale)

    for path in (shop.order, shop.item, "/models/order_risk", "/models/remaining_time"):
        page.goto(path)
        if path in (shop.order, shop.item):
            risk = page.locator("section[aria-labelledby=risk]")
            for each in words:
                expect(risk).to_contain_text(each)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []


@pytest.mark.parametrize(
    ("width", "locale", "words"),
    [
        pytest.param(
            WIDE, "en-GB", ("Add an input…", "Order risk level", "in the table and in its cases"), id="wide"
        ),
        pytest.param(
            NARROW, "zh-CN", ("添加输入…", "订单风险等级", "已加入表和测试用例"), id="phone, Chinese"
        ),
    ],
)
def test_an_owner_chooses_what_a_policy_asks_by_what_it_means(
    browser: Browser, shop: Shop, width: object, locale: str, words: tuple[str, str, str]
) -> None:
    page = _open(browser, shop, viewport=width, locale=locale)
    page.goto("/processes/approval_policy.dmn")
    expect(page.locator("#rules[data-ready]")).to_be_visible()
    opener, label, said = words

    page.get_by_role("button", name=opener).press("Enter")
    dialog = page.get_by_role("dialog")
    # What the table asks already is not offered.
    expect(dialog.locator("li")).to_have_count(2)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.type("order_risk_level")
    expect(dialog.locator("li")).to_contain_text([label])
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(page.locator("[data-input-added]")).to_contain_text(said)
    expect(page.get_by_role("button", name=opener)).to_be_focused()
    expect(page.locator("#rules th", has_text=label)).to_be_visible()
    expect(page.locator('input[data-column="order_risk_level"]').first).to_have_value("")
    assert violations(page) == []
    page.close(run_before_unload=False)


def test_an_expression_that_is_no_name_becomes_a_column_too(browser: Browser, shop: Shop) -> None:
    page = _open(browser, shop, viewport=WIDE, locale="en-GB")
    page.goto("/processes/approval_policy.dmn")
    expect(page.locator("#rules[data-ready]")).to_be_visible()

    page.get_by_role("button", name="Add an input…").click()
    page.keyboard.type("amount * order_risk")
    page.get_by_role("button", name="Add amount * order_risk as an expression").click()

    expect(page.locator("#rules th", has_text="amount * order_risk")).to_be_visible()
    # A case gives what the expression reads, not the expression.
    expect(page.locator('tr[data-case="1"] input[data-column="order_risk"]')).to_have_count(1)
    page.get_by_role("button", name="Run tests").click()
    expect(page.locator("[data-test-results]")).to_contain_text("28 pass")
    page.close(run_before_unload=False)


def test_a_table_that_says_what_it_rests_on_is_given_what_a_new_column_asks(
    browser: Browser, shop: Shop
) -> None:
    page = _open(browser, shop, viewport=WIDE, locale="en-GB")
    page.goto("/processes/closing_policy.dmn")
    expect(page.locator("#rules[data-ready]")).to_be_visible()
    page.get_by_text("View DRD").click()

    page.get_by_role("button", name="Add an input…").click()
    page.keyboard.type("late")
    page.keyboard.press("Enter")

    expect(page.locator("#rules th", has_text="Days late")).to_be_visible()
    page.locator('tr[data-case="1"] input[data-column="days_late"]').fill("2")
    page.get_by_role("button", name="Run tests").click()
    expect(page.locator("[data-test-results]")).to_contain_text(re.compile("^[0-9]+ pass"))
    expect(page.locator("[data-findings]")).not_to_contain_text("days_late")
    page.close(run_before_unload=False)


def test_a_high_risk_goes_where_an_owner_sent_it_in_the_editor(browser: Browser, shop: Shop) -> None:
    page = _open(browser, shop, viewport=WIDE, locale="en-GB")
    page.goto("/processes/approval_policy.dmn")
    expect(page.locator("#rules[data-ready]")).to_be_visible()
    assert ("Credit",) not in [each.whom for each in shop.place().waiting]

    page.get_by_role("button", name="Add an input…").click()
    page.get_by_role("button", name="Order risk level").click()
    page.locator("#rules .add-rule-add").last.click()
    row = page.locator("#rules tbody tr").last
    for column, text in ((7, '"higher"'), (8, '"credit"'), (9, '"Likely to go wrong"')):
        row.locator("td").nth(column).click()
        page.keyboard.type(text)
    page.get_by_role("button", name="Run tests").click()
    expect(page.locator("[data-test-results]")).to_contain_text("28 pass")
    expect(page.locator("[data-test-results]")).to_contain_text("No case tests rule 14")
    page.get_by_role("button", name="Add a case").click()
    case = page.locator("tr[data-case]").last
    cells = ("500", "0", "40", "low", "10", "false", "higher", "credit", "Likely to go wrong")
    for input_, text in zip(case.get_by_role("textbox").all(), cells, strict=False):
        input_.fill(text)
    page.get_by_role("button", name="Run tests").click()
    expect(page.locator("[data-test-results]")).to_contain_text("29 pass")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_label("What changed, and why").fill("Credit control looks at what is likely to go wrong")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page).to_have_url(re.compile(r"/versions$"))

    assert [each.whom for each in shop.place().waiting] == [("Credit",)]
