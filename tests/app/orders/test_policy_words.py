"""The editor of tables offers what the tables about orders are given: no name less, none beside."""

from __future__ import annotations

from dataclasses import fields

import pytest
from flask import Flask
from flask_babel import force_locale
from lxml import etree

from app.orders.policy_inputs import PolicyInputs
from app.orders.policy_words import inputs_of
from tests.servers import ROOT

_DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"


def test_the_approval_policy_is_offered_all_that_an_order_gives_it(app: Flask) -> None:
    with app.test_request_context():
        offered = [each["name"] for each in inputs_of("approval_policy.dmn")]

    assert offered == [field.name for field in fields(PolicyInputs)]


@pytest.mark.parametrize("table", ["approval_policy.dmn", "closing_policy.dmn"])
def test_a_chosen_column_is_written_as_in_the_tables_that_placet_ships(app: Flask, table: str) -> None:
    with app.test_request_context():
        offered = {each["name"]: each for each in inputs_of(table)}

    for column in etree.parse(ROOT / "rules/tables/shared" / table).iter(f"{_DMN}input"):
        expression = column.find(f"{_DMN}inputExpression")
        assert expression is not None
        chosen = offered[expression.findtext(f"{_DMN}text") or ""]
        assert (column.get("label"), expression.get("typeRef")) == (chosen["label"], chosen["type"])
        assert (column.findtext(f"{_DMN}inputValues/{_DMN}text") or "") == ",".join(chosen["values"])


def test_the_words_are_the_readers(app: Flask) -> None:
    with app.test_request_context(), force_locale("zh_Hans_CN"):
        level = inputs_of("approval_policy.dmn")[-1]

    assert (level["label"], level["values"]) == ("订单风险等级", ['"lower"', '"usual"', '"higher"'])


def test_of_a_table_of_somebody_elses_nothing_is_made_up(app: Flask) -> None:
    with app.test_request_context():
        assert inputs_of("discounts.dmn") == []
