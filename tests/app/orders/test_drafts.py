"""Drafts: entered, changed, and only by the one who entered them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from app.columns import new_id
from app.database import transaction
from app.errors import InvalidError, NotFoundError, RefusedError, StaleError
from app.orders import commands
from app.orders.errors import NotEditableError, NotYoursError
from app.orders.terms import Change, NewLine, NewOrder
from app.processes.models import Instance
from tests.builders import Firm
from tests.selling import a_customer, a_line, a_product, an_order


def test_a_new_order_is_a_draft_that_its_requester_prepares(shop: Firm) -> None:
    product = a_product(shop, price="262", tax="19", name="Office chair")

    order = an_order(shop, [a_line(product, 12, discount=5)])

    assert order.status == "draft"
    assert order.title == "Office chair × 12"
    assert (order.subtotal, order.discount, order.net) == (3144, Decimal("157.20"), Decimal("2986.80"))
    assert order.total == Decimal("3554.29")
    assert [waiting.element for waiting in order.waiting] == ["prepare_order"]
    assert order.waiting[0].whom == ("Sales",)
    assert [milestone.milestone for milestone in order.milestones] == ["draft"]


def test_orders_are_numbered_one_after_the_other(shop: Firm) -> None:
    first, second = an_order(shop), an_order(shop)

    assert int(second.number.removeprefix("O-")) == int(first.number.removeprefix("O-")) + 1


def test_saving_a_draft_replaces_its_lines_and_counts_its_version(shop: Firm) -> None:
    order = an_order(shop)
    product = a_product(shop, price="20")

    changed = commands.change_order(
        shop["sales"], order.id, Change(lines=(a_line(product, 3),), note="by Friday"), order.version
    )

    assert [(line.product_id, line.net) for line in changed.lines] == [(product, Decimal(60))]
    assert changed.note == "by Friday"
    assert changed.title == order.title
    assert changed.version == order.version + 1


def test_a_renamed_order_is_renamed_for_its_approvers_too(shop: Firm) -> None:
    order = an_order(shop)

    commands.change_order(shop["sales"], order.id, Change(title="Chairs, second floor"), None)

    with transaction(shop.org_id) as tx:
        assert tx.session.get_one(Instance, order.instance_id).title == "Chairs, second floor"


def test_an_older_version_does_not_overwrite_a_newer_one(shop: Firm) -> None:
    order = an_order(shop)
    commands.change_order(shop["sales"], order.id, Change(note="first"), order.version)

    with pytest.raises(StaleError):
        commands.change_order(shop["sales"], order.id, Change(note="second"), order.version)


def test_a_submitted_order_is_changed_no_more(shop: Firm) -> None:
    order = an_order(shop, submit=True)

    with pytest.raises(NotEditableError, match=order.number):
        commands.change_order(shop["sales"], order.id, Change(note="late"), None)


def test_another_seller_leaves_the_draft_alone(shop: Firm) -> None:
    order = commands.place(shop["admin"], NewOrder(a_customer(shop), (a_line(a_product(shop)),)))

    with pytest.raises(NotYoursError):
        commands.change_order(shop["sales"], order.id, Change(note="mine"), None)


def test_only_sales_enters_orders(shop: Firm) -> None:
    with pytest.raises(RefusedError, match="sales"):
        commands.place(shop["lead"], NewOrder(a_customer(shop)))


@pytest.mark.parametrize(
    ("product", "problem"),
    [
        pytest.param({"is_active": False}, "no longer sold", id="inactive"),
        pytest.param({"currency": "USD"}, "priced in USD, the order is in EUR", id="another currency"),
    ],
)
def test_a_line_that_cannot_be_sold_is_named(shop: Firm, product: dict[str, object], problem: str) -> None:
    good, bad = a_product(shop), a_product(shop, **product)  # type: ignore[arg-type] # one case each

    with pytest.raises(InvalidError) as refused:
        an_order(shop, [a_line(good), a_line(bad)])

    assert problem in refused.value.fields["lines.1.product_id"][0]


def test_an_unknown_product_is_named(shop: Firm) -> None:
    unknown = new_id()

    with pytest.raises(InvalidError) as refused:
        an_order(shop, [a_line(unknown)])

    assert refused.value.fields == {"lines.0.product_id": [f"there is no product {unknown}"]}


def test_another_organisations_product_is_unknown_here(shop: Firm, other_shop: Firm) -> None:
    theirs = a_product(other_shop)

    with pytest.raises(InvalidError, match="some lines"):
        an_order(shop, [a_line(theirs)])


@pytest.mark.parametrize("customer", ["unknown", "inactive"])
def test_only_a_customer_of_ours_orders(shop: Firm, customer: str) -> None:
    customer_id: UUID = new_id() if customer == "unknown" else a_customer(shop, is_active=False)

    with pytest.raises(InvalidError) as refused:
        an_order(shop, customer_id=customer_id)

    assert list(refused.value.fields) == ["customer_id"]


def test_an_order_is_in_the_organisations_currency(shop: Firm) -> None:
    with pytest.raises(InvalidError) as refused:
        commands.place(shop["sales"], NewOrder(a_customer(shop), currency="USD"))

    assert refused.value.fields == {"currency": ["is not EUR, in which this organisation sells"]}


def test_an_order_too_large_for_the_ledger_is_refused(shop: Firm) -> None:
    line = NewLine(a_product(shop), Decimal(999_999), unit_price=Decimal(9_999_999))

    with pytest.raises(InvalidError, match="too large"):
        an_order(shop, [line])


def test_another_organisations_order_does_not_exist(shop: Firm, other_shop: Firm) -> None:
    theirs = an_order(other_shop)

    with pytest.raises(NotFoundError):
        commands.change_order(shop["sales"], theirs.id, Change(note="x"), None)
