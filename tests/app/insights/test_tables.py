"""Tables are added up and grouped by a worker; what is wrong is told with its column and line."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import commands as accounts
from app.accounts.models import Role
from app.database import reading
from app.errors import InvalidError
from app.insights.tables import commands
from app.insights.tables.models import GroupedTable
from app.needs import commands as needs
from tasks.worker import load_handlers
from tests.builders import PASSWORD, Firm, a_firm
from tests.performing import a_call, run

TABLE = (
    b"need_type,quantity,value\nlamps,1,10\nlamps,2,11\nlamps,3,12\nchairs,30,900\nchairs,31,905\ndesks,1,\n"
)


@pytest.fixture
def firm(app: Flask) -> Firm:
    load_handlers()
    return a_firm()


def grouped(firm: Firm, content: bytes | None, k: int = 2) -> GroupedTable:
    table_id = commands.give(firm["sales"], "customer_need_data.csv", content, k, scaled=False)
    perform(firm, table_id)
    with reading(firm.org_id) as tx:
        return commands.get(tx, table_id)


def perform(firm: Firm, table_id: UUID) -> None:
    run(firm, a_call(firm, commands.HANDLER, table_id=table_id))


def test_a_table_is_added_up_and_grouped(firm: Firm) -> None:
    found = grouped(firm, TABLE)

    assert found.status == "done"
    assert found.result == {
        "columns": ["quantity", "value"],
        "sums": [["chairs", [61.0, 1805.0]], ["lamps", [6.0, 33.0]], ["desks", [1.0, 0.0]]],
        "clusters": [[3, [2.0, 11.0]], [2, [30.5, 902.5]]],
        "left_out": 1,
        "lines": [7],
        "ruled_by": "value",
    }
    with reading(firm.org_id) as tx:
        assert commands.get(tx, found.id).content is None


@pytest.mark.parametrize(
    ("content", "column", "why"),
    [
        pytest.param(b"type,n\nx,1\n", "need_type", "there is no such column in line 1", id="no types"),
        pytest.param(
            b"need_type,n\nx,1\nx,2\nx,many\n",
            "n",
            "line 4: 'many' is not a number",
            id="a word among numbers",
        ),
        pytest.param(
            b"need_type,n\nx,1\n", "", "too few different rows of numbers: 1, and 2 are needed", id="too few"
        ),
        pytest.param(b"\xff\xfe", "", "line 1 is not UTF-8", id="another encoding"),
    ],
)
def test_what_cannot_be_grouped_is_said(firm: Firm, content: bytes, column: str, why: str) -> None:
    found = grouped(firm, content)

    assert (found.status, found.result) == ("failed", None)
    assert found.error is not None
    assert found.error["column"] == column
    assert str(found.error["template"]).format(**found.error["values"]) == why


def test_what_is_too_much_is_refused_at_once(firm: Firm) -> None:
    with pytest.raises(InvalidError) as caught:
        commands.give(firm["sales"], "x.csv", b"\n" * (commands.MOST_ROWS + 1), 51, scaled=False)

    assert set(caught.value.fields) == {"file", "k"}


def test_the_needs_that_are_here_are_grouped_and_shown(firm: Firm, client: FlaskClient) -> None:
    for need_type, value in (("lamps", "10"), ("lamps", "12"), ("chairs", "900")):
        values = {"need_type": need_type, "text": "x", "value": value, "currency": "EUR"}
        needs.create(firm["sales"], values)
    needs.create(firm["sales"], {"need_type": "foreign", "text": "x", "value": "9", "currency": "USD"})
    email = f"bo@{firm.slug}.example"
    accounts.add_person(
        firm.org_id, None, email=email, name="Bo", password=PASSWORD, roles=(Role.SALES,), teams=()
    )
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    asked = {"k": 2}
    headers = firm.headers("sales")
    made = client.post("/api/v1/grouped-tables", json=asked, headers=headers).get_json()["id"]
    assert 'hx-trigger="every 2s"' in client.get(f"/tables/{made}").get_data(as_text=True)

    perform(firm, UUID(made))

    told = client.get(f"/api/v1/grouped-tables/{made}", headers=headers).get_json()
    assert [each["need_type"] for each in told["sums"]] == ["lamps", "chairs"]
    assert [each["size"] for each in told["groups"]] == [2, 1]
    shown = client.get(f"/tables/{made}?column=value").get_data(as_text=True)
    assert "900" in shown
    assert "hx-trigger" not in shown
