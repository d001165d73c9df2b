"""The board, the funnel and kept views: what pages and the API tell of where needs stand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.accounts.models import Role
from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from app.moments import utc_now
from app.needs import board, commands, funnel, views
from app.needs.models import Need, NeedEvent
from app.needs.queries import Filter
from tests.builders import Firm, a_firm
from tests.signing_in import form_token, signed_in

API = "/api/v1/needs"


def _a_need(firm: Firm, **more: Any) -> UUID:
    return commands.create(firm["sales"], {"need_type": "lamps", "text": "Twenty", **more}).id


def _keep(firm: Firm, name: str, query: dict[str, str], *, shared: bool = False, by: str = "sales") -> UUID:
    return views.keep(firm[by], "list", name, query, shared=shared)


def _views(firm: Firm, by: str = "sales") -> list[tuple[str, bool, str]]:
    with reading(firm.org_id) as tx:
        return [(view.name, view.mine, view.address) for view in views.list_views(tx, firm[by], "list")]


@pytest.fixture(scope="module")
def busy(app: object) -> Firm:
    """Three open needs, of which one is overdue and one due, a lost one, and one at a stage of before."""
    made = a_firm()
    today = utc_now().date()
    _a_need(made)
    late, planned, lost, old = (_a_need(made) for _ in range(4))
    commands.change(made["sales"], planned, {"due_on": today + timedelta(days=1)}, None)
    commands.move(made["sales"], late, "qualified")
    commands.move(made["sales"], lost, "quoted")
    commands.move(made["sales"], lost, "lost", "Too dear")
    with transaction(made.org_id) as tx:
        tx.session.execute(update(Need).where(Need.id == late).values(due_on=today - timedelta(days=1)))
        tx.session.execute(update(Need).where(Need.id == old).values(status="visited"))
    return made


def test_the_board_counts_each_stage_and_shows_what_is_due_first(busy: Firm) -> None:
    with reading(busy.org_id) as tx:
        columns = board.columns(tx, Filter())

    told = [(column.stage.key, column.stage.count, column.stage.overdue) for column in columns]
    assert told == [
        ("new", 2, 0),
        ("qualified", 1, 1),
        ("quoted", 0, 0),
        ("won", 0, 0),
        ("lost", 1, 0),
        ("visited", 1, 0),
    ]
    assert [card.need.due_on is None for card in columns[0].cards] == [False, True]
    assert [card.is_overdue for card in columns[1].cards] == [True]
    assert columns[1].stage.moves == ("quoted", "won", "lost")


@pytest.mark.parametrize(("query", "count"), [({"open": "true"}, 4), ({"overdue": "true"}, 1)])
def test_open_and_overdue_needs_are_found(
    client: FlaskClient, busy: Firm, query: dict[str, str], count: int
) -> None:
    answer = client.get(API, query_string=query, headers=busy.headers("sales"))

    assert len(answer.get_json()["items"]) == count


@pytest.mark.parametrize("path", ["", "/board", "/funnel"])
def test_each_page_answers_with_any_filter(app: Flask, busy: Firm, path: str) -> None:
    client = signed_in(app, busy, Role.SALES)
    query = "?type=lamps&open=1&overdue=1&mine=1&since=2020-01-01&until=x&owner=nobody&status=visited"

    assert client.get(f"/needs{path}{query}").status_code == 200
    assert client.get(f"/needs{path}").status_code == 200


def test_the_api_tells_stages_and_funnel(client: FlaskClient, busy: Firm) -> None:
    headers = busy.headers("auditor")

    stages = client.get(f"{API}/stages", headers=headers).get_json()["stages"]
    found = client.get(f"{API}/funnel", headers=headers).get_json()

    assert [stage["key"] for stage in stages][:2] == ["new", "qualified"]
    assert (found["total"], found["open"], found["won"], found["lost"], found["decided"]) == (5, 4, 0, 1, 0)
    assert [(each["stage"], each["reached"]) for each in found["passages"]] == [
        ("new", 5),
        ("qualified", 2),
        ("quoted", 1),
        ("won", 0),
    ]
    assert found["reasons"] == [{"reason": "Too dear", "count": 1}]


@pytest.mark.parametrize(
    ("days", "median"), [([1], 1.0), ([1, 2], 1.5), ([9, 1, 2], 2.0), ([4, 1, 2, 9], 3.0)]
)
def test_the_time_in_a_stage_is_the_median_of_what_has_ended(
    app: object, days: list[int], median: float
) -> None:
    firm = a_firm()
    for each in days:
        need_id = _a_need(firm)
        commands.move(firm["sales"], need_id, "qualified")
        with transaction(firm.org_id) as tx:
            tx.session.execute(
                update(NeedEvent)
                .where(NeedEvent.need_id == need_id, NeedEvent.kind == "status")
                .values(stayed_seconds=each * 86_400)
            )

    with reading(firm.org_id) as tx:
        first, second, *_ = funnel.funnel(tx, Filter()).passages

    assert first.median_seconds is not None
    assert (first.left, first.median_seconds / 86_400) == (len(days), median)
    assert (second.left, second.median_seconds) == (0, None)


def test_a_funnel_of_nothing_claims_nothing(app: object) -> None:
    firm = a_firm()
    with reading(firm.org_id) as tx:
        found = funnel.funnel(tx, Filter())

    assert (found.total, found.decided) == (0, None)
    assert {(each.share, each.kept) for each in found.passages} == {(None, None)}


def test_a_view_is_ones_own_unless_it_is_shared(app: object) -> None:
    firm = a_firm()
    _keep(firm, "Mine", {"mine": "1", "search": ""})
    _keep(firm, "Late", {"overdue": "1"}, shared=True)

    assert _views(firm) == [("Late", True, "/needs?overdue=1"), ("Mine", True, "/needs?mine=1")]
    assert _views(firm, "lead") == [("Late", False, "/needs?overdue=1")]


def test_a_view_of_the_same_name_is_replaced(app: object) -> None:
    firm = a_firm()
    first, second = _keep(firm, "Mine", {"mine": "1"}), _keep(firm, " Mine ", {"open": "1"})

    assert first == second
    assert [address for _, _, address in _views(firm)] == ["/needs?open=1"]


def test_who_keeps_a_view_takes_it_away_or_an_administrator(app: object) -> None:
    firm = a_firm()
    own, shared = _keep(firm, "Mine", {}), _keep(firm, "All", {}, shared=True)

    with pytest.raises(NotFoundError):
        views.forget(firm["lead"], own)
    with pytest.raises(RefusedError):
        views.forget(firm["lead"], shared)
    views.forget(firm["admin"], shared)
    views.forget(firm["sales"], own)

    assert _views(firm) == []


@pytest.mark.parametrize(
    ("page", "name", "query", "field"),
    [
        ("nowhere", "x", {}, "page"),
        ("list", " ", {}, "name"),
        ("list", "x" * 81, {}, "name"),
        ("list", "x", {"secret": "1"}, "query.secret"),
        ("list", "x", {"search": "x" * 201}, "query.search"),
    ],
)
def test_what_is_wrong_with_a_view_is_named(
    firm: Firm, page: str, name: str, query: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        views.keep(firm["sales"], page, name, query, shared=False)

    assert list(refused.value.fields) == [field]


def test_nobody_keeps_views_without_end(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = a_firm()
    monkeypatch.setattr(views, "MOST", 1)
    _keep(firm, "one", {})

    with pytest.raises(ConflictError):
        _keep(firm, "two", {})
    _keep(firm, "one", {"mine": "1"})


def test_views_are_kept_on_the_page(app: Flask) -> None:
    firm = a_firm()
    client = signed_in(app, firm, Role.SALES)
    given = {"csrf_token": form_token(client, "/needs"), "page": "list", "name": "Late", "shared": "1"}

    kept = client.post("/needs/views", data={**given, "query": "overdue=1&cursor=x&mine="})
    with reading(firm.org_id) as tx:
        (view,) = views.list_views(tx, firm["sales"], "list")
    shown = client.get("/needs").get_data(as_text=True)
    gone = client.post(f"/needs/views/{view.id}/remove", data=given)

    assert (kept.location, view.query, view.shared) == ("/needs?overdue=1", {"overdue": "1"}, True)
    assert "/needs?overdue=1" in shown
    assert (gone.status_code, _views(firm)) == (303, [])


def test_views_by_api(client: FlaskClient, app: object) -> None:
    firm = a_firm()
    headers = firm.headers("sales")

    made = client.post(f"{API}/views", json={"name": "Mine", "query": {"mine": "1"}}, headers=headers)
    listed = client.get(f"{API}/views", headers=headers).get_json()["items"]
    gone = client.delete(f"{API}/views/{made.get_json()['id']}", headers=headers)
    again = client.delete(f"{API}/views/{uuid4()}", headers=headers)

    assert (made.status_code, gone.status_code, again.status_code) == (201, 204, 404)
    assert [(view["name"], view["person"]) for view in listed] == [("Mine", "Sales")]
