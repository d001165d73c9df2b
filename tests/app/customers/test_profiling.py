"""What a customer says of being suggested products is kept with its text and moment, and can be changed."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts import business
from app.accounts.models import Role
from app.customers import commands, erasing, profiling, queries
from app.customers.models import Customer, Profiling
from app.database import reading
from app.errors import ConflictError, InvalidError, RefusedError
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import form_token, signed_in


def read(firm: Firm, customer_id: object) -> Customer:
    with reading(firm.org_id) as tx:
        return queries.get_customer(tx, customer_id)  # type: ignore[arg-type] # an id


def may_profile(firm: Firm, customer: Customer) -> bool:
    with reading(firm.org_id) as tx:
        return profiling.may_profile(tx, customer)


def test_nobody_was_asked_at_first(firm: Firm) -> None:
    made = read(firm, commands.create(firm["sales"], {"name": "Northwind"}).id)

    assert (made.profiling, made.profiling_text, made.profiling_at) == (Profiling.UNASKED, "", None)
    assert may_profile(firm, made)


def test_what_is_said_keeps_its_text_and_its_moment(firm: Firm) -> None:
    customer_id = a_customer(firm)

    profiling.say(firm["sales"], customer_id, "agreed", " notice 2026-11 ")

    said = read(firm, customer_id)
    assert (said.profiling, said.profiling_text) == (Profiling.AGREED, "notice 2026-11")
    assert said.profiling_at is not None
    profiling.say(firm["sales"], customer_id, "refused", "notice 2026-12")
    assert not may_profile(firm, read(firm, customer_id))


def test_a_business_may_profile_only_those_who_agreed(firm: Firm) -> None:
    unasked, agreed, refused, gone = (a_customer(firm, name) for name in ("Una", "Agnes", "Rufus", "Goner"))
    profiling.say(firm["sales"], agreed, "agreed", "v1")
    profiling.say(firm["sales"], refused, "refused", "v1")
    erasing.erase(firm["admin"], gone)
    everybody = [read(firm, each) for each in (unasked, agreed, refused, gone)]
    assert [may_profile(firm, each) for each in everybody] == [True, True, False, False]

    business.change_business(firm["admin"], None, {}, profiles_unasked=False)

    assert [may_profile(firm, each) for each in everybody] == [False, True, False, False]
    other = a_firm()
    assert may_profile(other, read(other, a_customer(other)))
    business.change_business(firm["admin"], None, {}, profiles_unasked=True)
    assert [may_profile(firm, each) for each in everybody] == [True, True, False, False]


@pytest.mark.parametrize(
    ("said", "text", "field"),
    [
        ("maybe", "v1", "said"),
        ("unasked", "v1", "said"),
        ("agreed", "  ", "text"),
        ("refused", "x" * 41, "text"),
    ],
)
def test_what_cannot_be_kept_is_named(firm: Firm, said: str, text: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        profiling.say(firm["sales"], a_customer(firm), said, text)

    assert list(refused.value.fields) == [field]


def test_only_sales_keep_it_and_only_of_who_is_there(firm: Firm) -> None:
    customer_id = a_customer(firm)

    with pytest.raises(RefusedError):
        profiling.say(firm["auditor"], customer_id, "refused", "v1")
    profiling.say(firm["sales"], customer_id, "agreed", "v1")
    erasing.erase(firm["admin"], customer_id)
    with pytest.raises(ConflictError):
        profiling.say(firm["sales"], customer_id, "refused", "v1")
    gone = read(firm, customer_id)
    assert (gone.profiling, gone.profiling_text, gone.profiling_at) == (Profiling.UNASKED, "", None)
    assert not may_profile(firm, gone)


def test_the_customers_page_asks_and_shows_it(app: Flask, firm: Firm) -> None:
    customer_id = a_customer(firm)
    browser = signed_in(app, firm, Role.SALES)
    page = f"/customers/{customer_id}"
    assert "Not asked yet" in browser.get(page).get_data(as_text=True)

    answer = browser.post(
        f"/customers/{customer_id}/profiling",
        data={"csrf_token": form_token(browser, page), "said": "refused", "text": profiling.NEWEST_TEXT},
    )

    assert answer.status_code == 303
    shown = browser.get(page).get_data(as_text=True)
    assert "They refused on" in shown
    assert "Nothing is learned from their orders" in shown
