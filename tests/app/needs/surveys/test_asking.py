"""A survey from its sample to what the answers stand for, by commands, the API and pages."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.customers import erasing
from app.database import reading
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.moments import utc_now
from app.needs.surveys import commands, queries
from app.needs.surveys.models import Allocation, AnswerKind, Grouping
from tasks.handlers.registry import Call
from tasks.handlers.surveys import estimate
from tests.builders import Firm, a_firm
from tests.selling import a_customer
from tests.signing_in import form_token, signed_in


@pytest.fixture(scope="module")
def asking(app: Flask) -> Firm:
    """A firm with six customers."""
    firm = a_firm()
    for number in range(6):
        a_customer(firm, f"=Customer {number}")
    return firm


def _drawn(firm: Firm, kind: AnswerKind = AnswerKind.YES_NO) -> UUID:
    drawn = (kind, Grouping.KIND, Allocation.PROPORTIONAL, 4)
    return commands.create(firm["sales"], "Lamps", "Do you need lamps?", *drawn)


def _asked(firm: Firm, survey_id: UUID) -> list[UUID]:
    with reading(firm.org_id) as tx:
        return [each.customer_id for each in queries.list_asked(tx, survey_id)]


def _estimate(firm: Firm, survey_id: UUID) -> dict[str, float] | None:
    estimate(Call(uuid4(), firm.org_id, {"survey_id": str(survey_id)}, utc_now()))
    with reading(firm.org_id) as tx:
        return queries.get(tx, survey_id).estimate


def test_the_answers_are_worked_out_by_a_worker(asking: Firm) -> None:
    survey_id = _drawn(asking)
    asked = _asked(asking, survey_id)

    assert len(asked) == 4
    assert _estimate(asking, survey_id) is None
    for customer_id, told in zip(asked, (1, 1, 0, 1), strict=True):
        commands.answer(asking["sales"], survey_id, customer_id, Decimal(told))
    found = _estimate(asking, survey_id)

    assert found is not None
    assert (found["mean"], found["answers"], found["response"]) == (0.75, 4, 1.0)
    assert found["low"] < 0.75 < found["high"] <= 1


def test_an_older_count_never_hides_a_newer_one(asking: Firm) -> None:
    survey_id = _drawn(asking)
    now = utc_now()

    commands.keep_estimate(asking.org_id, survey_id, {"answers": 2, "mean": 0.5}, now)
    commands.keep_estimate(
        asking.org_id, survey_id, {"answers": 1, "mean": 0.1}, now.replace(year=now.year - 1)
    )

    with reading(asking.org_id) as tx:
        assert queries.get(tx, survey_id).estimate == {"answers": 2, "mean": 0.5}


def test_an_answer_is_taken_back(asking: Firm) -> None:
    survey_id = _drawn(asking, AnswerKind.NUMBER)
    first, *_ = _asked(asking, survey_id)
    commands.answer(asking["sales"], survey_id, first, Decimal("12.5"))

    commands.answer(asking["sales"], survey_id, first, None)

    with reading(asking.org_id) as tx:
        assert queries.answers_of(tx, survey_id) == {}


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [(AnswerKind.YES_NO, "0.5", "answer"), (AnswerKind.NUMBER, "1e13", "answer")],
)
def test_an_answer_of_another_kind_is_refused(asking: Firm, kind: AnswerKind, value: str, field: str) -> None:
    survey_id = _drawn(asking, kind)

    with pytest.raises(InvalidError) as caught:
        commands.answer(asking["sales"], survey_id, _asked(asking, survey_id)[0], Decimal(value))

    assert list(caught.value.fields) == [field]


def test_whoever_is_not_asked_cannot_answer_nor_anybody_after_the_end(asking: Firm) -> None:
    survey_id = _drawn(asking)

    with pytest.raises(InvalidError) as caught:
        commands.answer(asking["sales"], survey_id, uuid4(), Decimal(1))
    commands.close(asking["sales"], survey_id)

    assert list(caught.value.fields) == ["customer_id"]
    with pytest.raises(ConflictError):
        commands.answer(asking["sales"], survey_id, uuid4(), Decimal(1))
    with pytest.raises(ConflictError):
        commands.close(asking["sales"], survey_id)


def test_what_cannot_be_asked_is_named(asking: Firm, app: Flask) -> None:
    drawn = (AnswerKind.YES_NO, Grouping.RISK, Allocation.EQUAL)

    with pytest.raises(InvalidError) as caught:
        commands.create(asking["sales"], " ", "q" * 1001, *drawn, 1)
    with pytest.raises(InvalidError) as nobody:
        commands.create(a_firm()["sales"], "a", "b", *drawn, 10)
    with pytest.raises(RefusedError):
        commands.create(asking["packer"], "a", "b", *drawn, 10)

    assert set(caught.value.fields) == {"name", "question", "size"}
    assert list(nobody.value.fields) == ["size"]


def test_a_stranger_finds_no_survey(asking: Firm, stranger: Firm) -> None:
    survey_id = _drawn(asking)

    with pytest.raises(NotFoundError), reading(stranger.org_id) as tx:
        queries.get(tx, survey_id)


def test_a_survey_lives_by_the_api_alone(asking: Firm, client: FlaskClient) -> None:
    headers = asking.headers("sales")
    body = {"name": "Lamps", "question": "How many?", "kind": "number", "grouping": "country", "size": 3}

    path = f"/api/v1/surveys/{client.post('/api/v1/surveys', json=body, headers=headers).json['id']}"
    first = client.get(f"{path}/members?limit=2", headers=headers).json
    rest = client.get(f"{path}/members?limit=2&cursor={first['next']}", headers=headers).json
    told = {"customer_id": first["items"][0]["customer_id"], "answer": "7"}
    assert client.post(f"{path}/answers", json=told, headers=headers).status_code == 204
    assert client.post(f"{path}/close", headers=headers).status_code == 204

    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert client.get(f"{path}/members", headers=headers).json["items"][0]["answer"] == "7"
    found = client.get(path, headers=headers).json
    assert (found["kind"], found["strata"][0]["asked"]) == ("number", 3)
    page = client.get("/api/v1/surveys?limit=1", headers=headers).json
    assert page["items"][0]["id"] == path.rsplit("/", 1)[1]
    older = client.get(f"/api/v1/surveys?cursor={page['next']}", headers=headers)
    assert older.status_code == 200


def test_a_survey_is_drawn_answered_and_closed_on_pages(app: Flask, asking: Firm) -> None:
    browser = signed_in(app, asking, Role.SALES)
    token = {"csrf_token": form_token(browser, "/surveys/new")}
    form = {
        **token,
        "name": "By form",
        "question": "Lamps?",
        "kind": "yes_no",
        "grouping": "moon",
        "size": "4",
    }

    assert browser.post("/surveys/new", data={**form, "name": ""}).status_code == 422
    path = browser.post("/surveys/new", data=form).location
    customers = _asked(asking, UUID(path.rsplit("/", 1)[1]))
    bad = {**token, "customer_id": customers[0], "answer": "x"}
    assert browser.post(f"{path}/answers", data=bad).status_code == 422
    for customer_id, told in zip(customers, ("1", "0", "1", "1"), strict=True):
        given = {**token, "customer_id": customer_id, "answer": told, "cursor": "abc" if told == "0" else ""}
        assert browser.post(f"{path}/answers", data=given).status_code == 303
    assert "Nothing can be said yet" in browser.get(path).get_data(as_text=True)
    _estimate(asking, UUID(path.rsplit("/", 1)[1]))
    assert "75% of all customers, by 4 answers" in browser.get(path).get_data(as_text=True)
    assert "75%" in browser.get("/surveys").get_data(as_text=True)
    file = browser.get(f"{path}/members.csv").get_data(as_text=True)
    assert "'=Customer" in file  # no spreadsheet takes a name for a formula
    assert browser.post(f"{path}/close", data=token).status_code == 303
    assert "closed" in browser.get("/surveys").get_data(as_text=True)


def test_an_erased_customer_counts_no_more(asking: Firm) -> None:
    survey_id = _drawn(asking)
    asked = _asked(asking, survey_id)
    for customer_id, told in zip(asked, (0, 1, 1, 1), strict=True):
        commands.answer(asking["sales"], survey_id, customer_id, Decimal(told))

    erasing.erase(asking["admin"], asked[0])
    found = _estimate(asking, survey_id)

    assert found is not None
    assert (found["mean"], found["answers"]) == (1.0, 3)
    assert _asked(asking, survey_id) == asked[1:]
