"""What is foreseen of an order, as people read it, in a business with a past and models in use."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

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
    """Where it is served, and its order that waits for the sales lead."""

    url: str
    order: str
    item: str


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
