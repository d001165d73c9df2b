"""Themes: found, told apart from chance, kept under their names, counted over time, gone with a customer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import moments
from app.accounts import commands as accounts
from app.accounts.models import Role
from app.columns import new_id
from app.customers import commands as customers
from app.customers import erasing
from app.database import reading, transaction
from app.insights.gate import judge
from app.insights.learning.texts import theme_training
from app.insights.themes import pages, queries
from app.insights.themes.courses import Course, course
from app.insights.themes.kind import KIND
from app.insights.themes.models import NeedTheme
from app.insights.trained import InUse, Job, Learned, Row, TooLittleError
from app.needs.explore import Period
from app.needs.models import Need
from tasks import training as performing
from tests.builders import PASSWORD, Firm, a_firm

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
SUBJECTS = (
    "lamp bulb flicker socket dimmer",
    "invoice tax receipt billing address",
    "courier parcel tracking delay depot",
    "发票抬头 开具发票 电子发票 发票税号 补开发票",
)


def said(count: int, subjects: tuple[str, ...] = SUBJECTS) -> list[str]:
    """Needs about these subjects in turn, each in other words."""
    random = np.random.default_rng(5)
    return [
        " ".join(random.choice(subjects[at % len(subjects)].split(), 3, replace=False)) + f" case {at}"
        for at in range(count)
    ]


def rows_of(texts: list[str]) -> list[Row]:
    count = len(texts)
    return [
        (str(at), f"c{at % 30}", text, NOW - timedelta(hours=count - at)) for at, text in enumerate(texts)
    ]


def learn(rows: list[Row], in_use: InUse | None = None) -> Learned:
    return theme_training.learn(iter(rows), Job(NOW, 1, in_use, lambda percent, doing: None))


def used(found: Learned) -> InUse:
    return InUse(1, found.artefact, (), found.weights, found.reference, found.until)


@pytest.fixture(scope="module")
def found() -> Learned:
    return learn(rows_of(said(120)))


def test_what_others_find_as_well_passes_the_gate(found: Learned) -> None:
    assert judge(KIND.metric, found.measured).passed
    assert found.measured.candidate["agreement"] > 0.9
    assert len(found.weights["themes"]) == len(SUBJECTS)


def test_each_need_is_in_the_theme_of_its_subject() -> None:
    found = learn(rows_of(said(120)))

    told = [row[2] for row in found.tables["candidate"] if row[0] == "need"]

    assert len(told) == 120
    assert all(told[at] == told[at % 4] for at in range(120))
    assert len(set(told[:4])) == 4


def test_words_without_subjects_are_refused() -> None:
    random = np.random.default_rng(3)
    words = [f"{one}{other}" for one in "bdfgklmnprst" for other in ("ao", "eu", "io", "ua")]
    texts = [" ".join(random.choice(words, 6)) for _ in range(110)]

    assert not judge(KIND.metric, learn(rows_of(texts)).measured).passed


def test_a_theme_keeps_its_number_and_name_and_a_new_one_gets_its_own(found: Learned) -> None:
    texts = said(100, SUBJECTS[:3]) + said(60, ("chair stool castor armrest cushion",)) + said(30)

    again = learn(rows_of(texts), used(found))

    rows = list(again.tables["candidate"])
    before = {each["number"]: tuple(each["name"]) for each in found.weights["themes"]}
    after = {row[1]: tuple(row[2]) for row in rows if row[0] == "theme"}
    stayed = before.keys() & after.keys()
    assert len(stayed) == 3
    assert {number: after[number] for number in stayed} == {number: before[number] for number in stayed}
    fresh = [row for row in rows if row[0] == "theme" and row[5]]
    assert [row[1] for row in fresh] == [5]
    assert set(fresh[0][3]) & {"chair", "stool", "castor", "armrest", "cushion"}
    assert {row[1]: tuple(row[2]) for row in again.tables["in_use"] if row[0] == "theme"} == before
    assert set(again.recent) == {"theme"}


def test_a_term_of_one_customer_only_names_nothing() -> None:
    rows = [
        (key, "c1" if at % 4 == 0 else customer, text + (" riverbank" if at % 4 == 0 else ""), moment)
        for at, (key, customer, text, moment) in enumerate(rows_of(said(120)))
    ]

    terms = [term for row in learn(rows).tables["candidate"] if row[0] == "theme" for term in row[3]]

    assert terms
    assert not any("riverbank" in term or "lamp" in term for term in terms)


def test_too_few_needs_say_how_many_are_missing() -> None:
    with pytest.raises(TooLittleError) as caught:
        learn(rows_of([*said(60), *said(60)]))

    assert caught.value.values == {"have": 60, "least": 100, "missing": 40}


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        pytest.param((10, 100), (30, 100), Course.GREW, id="thrice as many of as many"),
        pytest.param((30, 100), (10, 100), Course.SHRANK, id="a third of it"),
        pytest.param((10, 100), (20, 200), Course.SAME, id="twice as many of twice as many"),
        pytest.param((1, 10), (3, 10), Course.SAME, id="two more may be chance"),
        pytest.param((0, 0), (3, 10), Course.SAME, id="nothing to compare with"),
    ],
)
def test_a_theme_grew_where_its_share_did(
    before: tuple[int, int], after: tuple[int, int], how: Course
) -> None:
    assert course(before[0], after[0], before[1], after[1]) is how


def fill(firm: Firm, texts: list[str], customer_id: UUID | None = None, days: int = 0) -> None:
    """Keep needs, one every ten hours up to so many days ago."""
    needs = [
        {
            "id": new_id(),
            "org_id": firm.org_id,
            "number": f"{len(texts)}-{days}-{at}",
            "need_type": "x",
            "text": text,
            "customer_id": customer_id,
            "currency": "EUR",
            "created_at": NOW - timedelta(days=days, hours=10 * (len(texts) - at)),
            "updated_at": NOW,
        }
        for at, text in enumerate(texts)
    ]
    with transaction(firm.org_id) as tx:
        tx.session.bulk_insert_mappings(Need.__mapper__, needs)


def test_a_training_leaves_themes_on_pages_and_in_the_api(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = a_firm()
    monkeypatch.setattr(moments, "clock", lambda: NOW)
    whom = customers.create(firm["sales"], {"name": "Northwind"}).id
    fill(firm, said(120))
    fill(firm, said(40, SUBJECTS[:1]), whom)
    email = f"bo@{firm.slug}.example"
    accounts.add_person(
        firm.org_id, None, email=email, name="Bo", password=PASSWORD, roles=(Role.SALES,), teams=()
    )
    client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert "there are 160 needs now" in client.get("/themes").get_data(as_text=True)
    run_id = performing.training.ask(firm["owner"], "themes")

    assert performing.execute(firm.org_id, run_id) == "published"

    shown = client.get("/themes?by=month").get_data(as_text=True)
    assert "Typical needs" in shown
    found = client.get("/api/v1/themes", headers=firm.headers("sales")).get_json()
    assert found["version"] == 1
    lamps = next(each for each in found["items"] if "lamp" in each["terms"])
    assert lamps["size"] == sum(lamps["counts"]) > 40
    assert lamps["course"] == "grew"
    assert f'href="/needs?theme={lamps["number"]}"' in shown
    narrowed = f"/api/v1/needs?limit=100&theme={lamps['number']}"
    needs = client.get(narrowed, headers=firm.headers("sales")).get_json()["items"]
    assert len(needs) == lamps["size"]
    one = client.get(f"/needs/{needs[0]['id']}").get_data(as_text=True)
    assert f'href="/needs?theme={lamps["number"]}"' in one
    assert client.get("/api/v1/needs?theme=x", headers=firm.headers("sales")).get_json()["items"] == []
    assert f'<option value="{lamps["number"]}"' in client.get("/needs").get_data(as_text=True)
    alike = next(each["number"] for each in found["items"] if each["course"] == "same")
    monkeypatch.setattr(pages, "FIRST", 0)
    first, every = (client.get(f"/themes?all={each}").get_data(as_text=True) for each in ("", "1"))
    assert f"theme={lamps['number']}" in first
    assert f"theme={alike}" not in first
    assert f"Show all {len(found['items'])} themes" in first
    assert f"theme={alike}" in every
    asked = "/api/v1/needs/explore?rows=theme"
    pivot = client.get(asked, headers=firm.headers("sales")).get_json()
    counts = {each["row"]: each["count"] for each in pivot["cells"]}
    assert counts == {str(each["number"]): each["size"] for each in found["items"]}
    explored = client.get("/needs/explore?rows=theme&columns=customer_segment").get_data(as_text=True)
    assert f"theme={lamps['number']}" in explored
    assert f">{lamps['name']}<" in explored
    assert "No segments were found yet" in explored
    lines = client.get("/needs/explore.csv?rows=theme").get_data(as_text=True).splitlines()
    assert f'"{lamps["name"]}",{lamps["size"]}' in lines
    without = client.get(f"{asked}&theme=none", headers=firm.headers("sales")).get_json()
    assert without["count"] == 0

    erasing.erase(firm["admin"], whom)
    gone = client.get(f"{asked}&theme=none", headers=firm.headers("sales")).get_json()
    assert gone["rows"] == ["none"]

    with reading(firm.org_id) as tx:
        left = queries.present(tx, Period.WEEK, NOW)
        kept = tx.session.scalar(select(func.count()).select_from(NeedTheme))
    assert kept == 120
    assert sum(line.size for line in left.lines) == 120
    assert all(len(line.examples) <= 3 and all(each.text for each in line.examples) for line in left.lines)
