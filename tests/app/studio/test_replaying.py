"""Replaying: what the last orders would have come to by a changed table, on the inputs that they had."""

from __future__ import annotations

import base64

import pytest
from flask import Flask

from app.database import reading
from app.errors import InvalidError, NotFoundError
from app.studio import replaying
from tests.app.studio.files import APPROVAL, POLICY, changed, present
from tests.builders import Firm
from tests.selling import a_line, a_product, an_order

pytestmark = pytest.mark.own_databases


def replayed(firm: Firm, name: str, content: bytes, most: int = replaying.CASES) -> replaying.Replay:
    with reading(firm.org_id) as tx:
        return replaying.replay(tx, name, content, most)


def submitted(firm: Firm, price: str) -> str:
    return an_order(firm, [a_line(a_product(firm, price=price))], submit=True).number


def test_orders_whose_approvers_change_are_listed_newest_first(shop: Firm) -> None:
    small, middle, large = (submitted(shop, price) for price in ("100", "1200", "12000"))
    before = replayed(shop, POLICY, present(shop, POLICY))

    found = replayed(shop, POLICY, changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<"))

    assert (before.decided, before.changed) == (3, ())
    assert found.decided == 3
    assert [each.number for each in found.changed] == [middle]
    assert [(each.before[:1], "sales_lead" in each.after) for each in found.changed] == [
        (("sales_lead",), False)
    ]
    assert {small, large}.isdisjoint(each.number for each in found.changed)


def test_another_reason_asks_nobody_else(shop: Firm) -> None:
    submitted(shop, "1200")

    found = replayed(shop, POLICY, changed(shop, POLICY, '"Amount above 1,000"', '"It is much"'))

    assert (found.decided, found.changed) == (1, ())


def test_an_order_that_was_not_submitted_was_not_decided(shop: Firm) -> None:
    an_order(shop, [a_line(a_product(shop, price="1200"))])

    assert replayed(shop, POLICY, present(shop, POLICY)).decided == 0


def test_only_the_newest_cases_are_decided_anew(shop: Firm) -> None:
    _, newest = submitted(shop, "1200"), submitted(shop, "1300")

    found = replayed(shop, POLICY, changed(shop, POLICY, "&gt; 1000<", "&gt; 9000<"), most=1)

    assert (found.decided, [each.number for each in found.changed]) == (1, [newest])


def test_a_table_that_lost_its_decision_asks_nobody(shop: Firm) -> None:
    number = submitted(shop, "1200")

    found = replayed(
        shop, POLICY, changed(shop, POLICY, 'decision id="approval_policy"', 'decision id="other"')
    )

    assert [(each.number, each.after) for each in found.changed] == [(number, ())]


def test_what_is_no_table_is_refused(shop: Firm) -> None:
    with pytest.raises(InvalidError, match="the table could not be read"):
        replayed(shop, POLICY, b"<a/>")
    with pytest.raises(InvalidError, match="the table could not be read"):
        replayed(shop, APPROVAL, present(shop, APPROVAL))
    with pytest.raises(NotFoundError):
        replayed(shop, "nothing.dmn", present(shop, POLICY))


def test_the_api_replays_what_is_sent(app: Flask, shop: Firm) -> None:
    submitted(shop, "1200")
    content = changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<")

    answer = app.test_client().post(
        f"/api/v1/processes/files/{POLICY}/replay",
        json={"content": base64.b64encode(content).decode()},
        headers=shop.headers("owner"),
    )

    assert (answer.status_code, answer.json["decided"], len(answer.json["changed"])) == (200, 1, 1)
