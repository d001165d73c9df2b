"""Suggestions: habits and novelties apart, never what is out of stock, nothing of who was erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app import moments
from app.accounts import commands as accounts
from app.accounts.models import Role
from app.catalogue.models import Product
from app.columns import new_id
from app.customers import commands as customers
from app.customers import erasing, profiling
from app.customers.models import Customer
from app.database import reading, transaction
from app.insights import predictions, suggestions, suggestions_shown, suggestions_taken
from app.insights import training as trainings
from app.insights.gate import judge
from app.insights.learning.recommend import training
from app.insights.models import CustomerSuggestion, SaidPrediction, TrainedModel
from app.insights.pseudonyms import pseudonyms_of
from app.insights.suggestions_shown import Standing, Suggestions
from app.insights.trained import InUse, Job, Learned, Row, TooLittleError
from app.orders.models import Order, OrderLine
from tasks import training as performing
from tests.builders import PASSWORD, Firm, a_firm
from tests.signing_in import signed_in

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PRODUCTS = 24


def bought(customers: Sequence[str], products: Sequence[str], days: int = 150) -> list[Row]:
    """Two tastes: every ten days a customer takes three of five usual products of their half."""
    random, rows = np.random.default_rng(5), []
    for at, customer in enumerate(customers):
        mine = [product for number, product in enumerate(products) if number % 2 == at % 2]
        usual = random.choice(mine, 5, replace=False)
        for back in range(days, 0, -10):
            order = f"{customer}-{back}"
            moment = NOW - timedelta(days=back - 1, hours=1)
            rows += [
                (customer, str(product), order, moment) for product in random.choice(usual, 3, replace=False)
            ]
    return sorted(rows, key=lambda row: row[3])


def learn(rows: list[Row], in_use: InUse | None = None) -> Learned:
    return training.learn(iter(rows), Job(NOW, 1, in_use, lambda percent, doing: None))


def some_rows(days: int = 150) -> list[Row]:
    return bought([f"c{at}" for at in range(30)], [f"p{at}" for at in range(PRODUCTS)], days)


def test_a_customers_habits_beat_what_is_popular() -> None:
    found = learn(some_rows())

    assert judge(suggestions.KIND.metric, found.measured).passed
    again = learn(some_rows(), InUse(1, found.artefact, (), found.weights, {}, found.until))
    assert again.measured.in_use == found.measured.candidate
    assert set(again.tables) == {"candidate", "baseline", "in_use"}


def test_new_products_are_none_that_the_customer_has_and_name_one_that_they_have() -> None:
    rows = some_rows()

    for customer, again, new in learn(rows).tables["candidate"]:
        owned = {row[1] for row in rows if row[0] == customer}
        assert {each[0] for each in again} == owned
        assert new
        assert not {each[0] for each in new} & owned
        assert {each[2]["product"] for each in new} <= owned


def test_what_is_due_is_said_to_be_due() -> None:
    often = [("c0", "tea", f"tea-{back}", NOW - timedelta(days=back)) for back in (100, 80, 60, 40, 20)]
    lately = [("c0", "ink", f"ink-{back}", NOW - timedelta(days=back)) for back in (82, 42, 2)]
    once = [("c0", "desk", "desk", NOW - timedelta(days=30))]

    rows = {row[0]: row for row in learn(some_rows() + often + lately + once).tables["candidate"]}

    said = {product: (reason, values) for product, reason, values in rows["c0"][1]}
    assert said["tea"] == ("due", {"times": 5, "last": "2026-11-06", "days": 20})
    assert said["ink"] == ("rhythm", {"times": 3, "last": "2026-11-24", "days": 40})
    assert said["desk"] == ("bought", {"times": 1, "last": "2026-10-27"})


def test_too_little_says_how_much_is_missing() -> None:
    with pytest.raises(TooLittleError):
        learn(some_rows(days=60))
    with pytest.raises(TooLittleError):
        learn([])


def fill(firm: Firm) -> tuple[list[UUID], list[UUID]]:
    """Give a firm products, customers and their orders; the last customer has none."""
    people = [customers.create(firm["sales"], {"name": f"Customer {at}"}).id for at in range(31)]
    with transaction(firm.org_id) as tx:
        products = [new_id() for _ in range(PRODUCTS)]
        tx.session.add_all(
            Product(
                id=each,
                org_id=firm.org_id,
                sku=f"S-{at}",
                name=f"Thing {at}",
                currency="EUR",
                price=Decimal(1),
                on_hand=Decimal(9),
                created_at=NOW,
            )
            for at, each in enumerate(products)
        )
        tx.flush()
        orders: dict[str, UUID] = {}
        for customer, product, name, moment in bought(
            [str(each) for each in people[:-1]], [str(p) for p in products]
        ):
            if name not in orders:
                orders[name] = new_id()
                order = Order(id=orders[name], org_id=firm.org_id, number=str(len(orders)), title="x")
                order.customer_id, order.requester_id = UUID(customer), firm["sales"].person_id
                order.status, order.currency, order.created_at, order.submitted_at = (
                    "closed",
                    "EUR",
                    moment,
                    moment,
                )
                tx.session.add(order)
                tx.flush()
            line = OrderLine(
                id=new_id(), org_id=firm.org_id, order_id=orders[name], position=1, description="x"
            )
            line.product_id = UUID(product)
            line.quantity = line.unit_price = line.net = Decimal(1)
            tx.session.add(line)
    return people, products


def seen(firm: Firm, customer_id: UUID) -> Suggestions:
    with reading(firm.org_id) as tx:
        customer = tx.session.get(Customer, customer_id)
        assert customer is not None
        return suggestions_shown.suggestions_for(tx, customer)


@pytest.fixture(scope="module")
def shop(app: Flask) -> Iterator[tuple[Firm, list[UUID]]]:
    """A firm whose customers' orders were learned from; each test has customers of its own."""
    firm = a_firm()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moments, "clock", lambda: NOW)
        people, _ = fill(firm)
        run_id = trainings.ask(firm["owner"], "suggestions")
        assert performing.execute(firm.org_id, run_id) == "published"
        yield firm, people


def kept_of(firm: Firm, customer_id: UUID) -> int:
    kept = select(func.count()).where(CustomerSuggestion.customer_id == customer_id)
    with reading(firm.org_id) as tx:
        return tx.session.scalar(kept) or 0


def change_product(firm: Firm, product_id: UUID, **values: object) -> None:
    with transaction(firm.org_id) as tx:
        tx.session.execute(update(Product).where(Product.id == product_id).values(**values))


def test_habits_and_novelties_come_apart_and_strangers_see_what_is_popular(
    shop: tuple[Firm, list[UUID]],
) -> None:
    firm, people = shop

    known, stranger = seen(firm, people[0]), seen(firm, people[-1])

    assert (known.standing, len(known.again)) == (Standing.KNOWN, suggestions_shown.SHOWN)
    assert known.new[0].values["product"].startswith("Thing")
    assert known.new[0].words == f"Bought by those who buy {known.new[0].values['product']}"
    assert not {each.product_id for each in known.again} & {each.product_id for each in known.new}
    assert (stranger.standing, stranger.again, stranger.new) == (Standing.COLD, (), ())
    assert {each.reason for each in stranger.popular} == {"popular"}


def test_what_is_out_of_stock_or_no_longer_sold_is_not_suggested(shop: tuple[Firm, list[UUID]]) -> None:
    firm, people = shop
    reserved, discontinued, service = [each.product_id for each in seen(firm, people[1]).again[:3]]

    change_product(firm, reserved, reserved=Decimal(9))
    change_product(firm, discontinued, is_active=False)
    change_product(firm, service, is_stocked=False, on_hand=Decimal(0))

    shown = {each.product_id: each for each in seen(firm, people[1]).again}
    assert not {reserved, discontinued} & set(shown)
    assert shown[service].free is None


def test_an_erased_customer_leaves_the_tables_at_once(shop: tuple[Firm, list[UUID]]) -> None:
    firm, people = shop

    erasing.erase(firm["admin"], people[2])

    assert seen(firm, people[2]) == Suggestions(Standing.ENDED)
    assert kept_of(firm, people[2]) == 0


def test_a_refusal_empties_the_tables_at_once_and_no_training_reads_of_who_refused(
    shop: tuple[Firm, list[UUID]],
) -> None:
    firm, people = shop

    # What was computed, and what was said of them by the model and by the baseline.
    assert profiling.say(firm["sales"], people[3], "refused", "ours-3") == 3

    assert seen(firm, people[3]) == Suggestions(Standing.REFUSED)
    assert kept_of(firm, people[3]) == 0
    performing.execute(firm.org_id, trainings.ask(firm["owner"], "suggestions"))
    assert kept_of(firm, people[3]) == 0
    pseudonym = pseudonyms_of(firm.org_id)(people[3])
    assert pseudonym not in {row[0] for row in performing.rows_of(firm.org_id, suggestions.KIND)}
    profiling.say(firm["sales"], people[3], "agreed", "ours-3")
    assert seen(firm, people[3]).standing == Standing.COLD
    assert pseudonym in {row[0] for row in performing.rows_of(firm.org_id, suggestions.KIND)}


def test_the_api_the_page_and_the_orders_form_say_the_same(
    shop: tuple[Firm, list[UUID]], client: FlaskClient
) -> None:
    firm, people = shop
    known = seen(firm, people[6])
    path = f"/api/v1/customers/{people[6]}/suggestions"
    email = f"bo@{firm.slug}.example"
    accounts.add_person(
        firm.org_id, None, email=email, name="Bo", password=PASSWORD, roles=(Role.SALES,), teams=()
    )

    answer = client.get(f"{path}?limit=2", headers=firm.headers("sales")).get_json()
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    shown = client.get(f"/customers/{people[6]}").get_data(as_text=True)
    offered = client.get(f"/customers/{people[6]}/offers").get_data(as_text=True)

    assert [each["product_id"] for each in answer["again"]] == [str(s.product_id) for s in known.again[:2]]
    assert answer["standing"] == "known"
    assert answer["new"][0]["words"] == known.new[0].words
    assert (answer["new"][0]["price"], answer["new"][0]["free"]) == ("1.00", "9")
    for each in (*known.again, *known.new):
        assert each.name in shown
        assert f'data-offer="{each.product_id}"' in offered
    assert known.new[0].words in shown
    assert "the same for everybody" in client.get(f"/customers/{people[-1]}").get_data(as_text=True)
    assert client.get(f"{path}?limit=21", headers=firm.headers("sales")).status_code == 422


def test_what_was_suggested_is_compared_with_the_next_order(
    app: Flask, shop: tuple[Firm, list[UUID]]
) -> None:
    firm, people = shop
    later = NOW + timedelta(days=3)
    for whom, is_taken in ((people[8], True), (people[9], False)):
        order_the_suggested(firm, whom, later, is_taken=is_taken)

    with transaction(firm.org_id) as tx:
        suggestions_taken.reckon(tx, later + timedelta(days=1))

    with reading(firm.org_id) as tx:
        settled = predictions.latest(tx, "suggestions")
        both = predictions.compared(tx, "suggestions", later)
        anew = tx.session.scalar(
            select(func.count()).where(
                SaidPrediction.customer_id == people[8], SaidPrediction.happened_at.is_(None)
            )
        )
    mine = {row.customer_id: row for row in settled if row.model_id is not None}
    assert {key: row.error for key, row in mine.items()} == {people[8]: 0.0, people[9]: 1.0}
    assert (mine[people[8]].happened or {})["of it in the next order"] == 1
    assert (both.count, both.error) == (2, 0.5) if both else False
    assert anew == 2
    page = signed_in(app, firm, Role.PROCESS_OWNER).get("/models/suggestions").text
    assert "In half a year both spoke of 2 cases" in page


def order_the_suggested(firm: Firm, customer_id: UUID, moment: datetime, *, is_taken: bool) -> None:
    """Let a customer order something that was suggested to them, or what nobody ever heard of."""
    with transaction(firm.org_id) as tx:
        said = tx.session.scalars(
            select(SaidPrediction).where(
                SaidPrediction.customer_id == customer_id,
                SaidPrediction.model_id.is_not(None),
                SaidPrediction.happened_at.is_(None),
            )
        ).one()
        sku = said.said["suggested"].split(", ")[0]
        product_id = tx.session.scalar(select(Product.id).where(Product.sku == sku))
        if not is_taken:
            product_id = new_id()
            tx.session.add(
                Product(
                    id=product_id,
                    org_id=firm.org_id,
                    sku="RARE",
                    name="Rare",
                    currency="EUR",
                    price=Decimal(1),
                    created_at=NOW,
                )
            )
            tx.flush()
        order = Order(id=new_id(), org_id=firm.org_id, number=f"N-{customer_id.hex[-6:]}", title="x")
        order.customer_id, order.requester_id = customer_id, firm["sales"].person_id
        order.status, order.currency, order.created_at, order.submitted_at = "closed", "EUR", moment, moment
        tx.session.add(order)
        tx.flush()
        line = OrderLine(id=new_id(), org_id=firm.org_id, order_id=order.id, position=0, description="x")
        line.product_id, line.quantity, line.unit_price, line.net = product_id, *3 * (Decimal(1),)
        tx.session.add(line)


def test_who_refuses_while_a_training_runs_is_not_in_what_it_leaves(shop: tuple[Firm, list[UUID]]) -> None:
    """The last of them: it leaves two customers in the tables."""
    firm, people = shop
    pseudonym = pseudonyms_of(firm.org_id)
    profiling.say(firm["sales"], people[4], "refused", "ours-3")

    with transaction(firm.org_id) as tx:
        used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == "suggestions"))
        suggestions.keep(tx, used, [(pseudonym(each), [], []) for each in people[4:6]])

    assert [kept_of(firm, each) for each in people[4:6]] == [0, 1]


def test_who_refuses_while_the_lists_are_written_is_not_in_them_either(shop: tuple[Firm, list[UUID]]) -> None:
    firm, people = shop
    pseudonym = pseudonyms_of(firm.org_id)

    with transaction(firm.org_id) as tx:
        used = tx.session.scalar(select(TrainedModel.id).where(TrainedModel.used_as == "suggestions"))

        def rows() -> Iterator[Row]:
            yield pseudonym(people[5]), [], []
            tx.session.execute(update(Customer).where(Customer.id == people[6]).values(profiling="refused"))
            yield pseudonym(people[6]), [], []

        suggestions.keep(tx, used, rows())

    assert [kept_of(firm, each) for each in people[5:7]] == [1, 0]
