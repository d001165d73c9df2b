"""Running a table's tests over HTTP: what is on the page, else the drafts, else what is published."""

from __future__ import annotations

import base64

import pytest
from flask.testing import FlaskClient

from app.errors import InvalidError
from app.studio import commands, testing
from tests.app.studio.files import APPROVAL, POLICY, POLICY_TESTS, changed, present
from tests.builders import Firm

pytestmark = pytest.mark.own_databases

URL = f"/api/v1/processes/files/{POLICY}/test"


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_each_case_says_which_rules_it_hit(client: FlaskClient, shop: Firm) -> None:
    report = client.post(URL, json={}, headers=shop.headers("owner")).json

    assert report["unhit_rules"] == []
    assert report["rows"][2] == {"number": 3, "passed": True, "differences": [], "matched": [1]}


def test_what_is_sent_is_tested_and_not_kept(client: FlaskClient, shop: Firm) -> None:
    higher = changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<")

    report = client.post(URL, json={"content": encoded(higher)}, headers=shop.headers("owner")).json

    assert [row["number"] for row in report["rows"] if not row["passed"]] == [3]
    assert report["rows"][2]["differences"][0] == {"output": "level", "got": "", "expected": "sales_lead"}
    assert b"&gt; 1500" not in present(shop, POLICY)


def test_a_draft_is_tested_before_what_is_published(client: FlaskClient, shop: Firm) -> None:
    commands.save_draft(shop["owner"], POLICY_TESTS, b"amount,expect:level\n1,director\n", 0)

    report = client.post(URL, json={}, headers=shop.headers("owner")).json

    assert [row["passed"] for row in report["rows"]] == [False]


@pytest.mark.parametrize(
    ("tests", "why"),
    [
        pytest.param(b"amount\n1\n", "expect", id="nothing is expected"),
        pytest.param(b"price,expect:level\n1,x\n", "price", id="an input that the table has not"),
        pytest.param(b"amount,expect:level\nmuch,x\n", "much", id="a value of another type"),
    ],
)
def test_cases_that_do_not_fit_say_why(shop: Firm, tests: bytes, why: str) -> None:
    with pytest.raises(InvalidError) as refused:
        testing.run("approval_policy", present(shop, POLICY), tests)

    assert why in str(refused.value.fields["content"])


def test_cases_that_are_no_text_are_named_by_their_field(client: FlaskClient, shop: Firm) -> None:
    answer = client.post(URL, json={"tests": encoded(b"amount\n\xff\xfe")}, headers=shop.headers("owner"))

    assert answer.status_code == 422
    assert answer.json["error"]["fields"] == {"tests": ["is not UTF-8"]}


@pytest.mark.parametrize("field", ["content", "tests"])
def test_what_is_not_base64_is_named_by_its_field(client: FlaskClient, shop: Firm, field: str) -> None:
    answer = client.post(URL, json={field: "a table"}, headers=shop.headers("owner"))

    assert answer.status_code == 422
    assert answer.json["error"]["fields"] == {field: ["is not base64"]}


def test_the_example_of_the_description_can_be_sent_as_it_is(client: FlaskClient, shop: Firm) -> None:
    described = client.get("/api/openapi.json").json
    operation = described["paths"]["/api/v1/processes/files/{name}/test"]["post"]
    example = operation["requestBody"]["content"]["application/json"]["example"]

    report = client.post(URL, json=example, headers=shop.headers("owner")).json

    assert [(row["passed"], row["matched"]) for row in report["rows"]] == [(True, [1]), (True, [2])]
    for schema, field in (("TestIn", "content"), ("TestIn", "tests"), ("ContentIn", "content")):
        properties = described["components"]["schemas"][schema]["properties"]
        assert properties[field]["contentEncoding"] == "base64"


@pytest.mark.parametrize("table", [b"<", b"<definitions/>"], ids=["no XML", "no table"])
def test_without_a_table_there_is_nothing_to_test(table: bytes) -> None:
    with pytest.raises(InvalidError):
        testing.run("x", table, b"a,expect:b\n1,2\n")


def test_far_too_many_cases_are_refused() -> None:
    with pytest.raises(InvalidError):
        testing.decoded(b"x" * (testing.LONGEST + 1))


def test_only_a_process_owner_runs_tests_and_checks(client: FlaskClient, shop: Firm) -> None:
    seller = shop.headers("sales")

    assert client.post(URL, json={}, headers=seller).status_code == 403
    check = f"/api/v1/processes/files/{APPROVAL}/check"
    assert client.post(check, json={"content": ""}, headers=seller).status_code == 403
