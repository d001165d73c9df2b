"""Experiments over the API and on pages."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.database import reading
from app.needs.experiments import commands, queries
from app.needs.experiments.entering import design_from, entered_of
from tests.app.needs.experiments.plans import DESIGN, plain
from tests.builders import Firm
from tests.signing_in import form_token, signed_in

BODY = {"name": "Shorter form", "hypothesis": "More order", "unit": "visitor", "plan": plain()}


def test_an_experiment_lives_by_the_api_alone(firm: Firm, client: FlaskClient) -> None:
    headers = firm.headers("sales")

    made = client.post("/api/v1/experiments", json=BODY, headers=headers)
    assert made.status_code == 201
    path = f"/api/v1/experiments/{made.json['id']}"
    changed = client.put(path, json={**BODY, "name": "Short"}, headers={**headers, "If-Match": '"1"'})
    assert changed.json["planned_units"] == made.json["planned_units"]
    assert client.post(f"{path}/start", headers=headers).status_code == 204
    variant = client.post(f"{path}/assignments", json={"unit": "v1"}, headers=headers).json["variant"]
    outcome = {"unit": "v1", "metric": "ordered", "value": 1, "key": "O-1"}
    assert client.post(f"{path}/outcomes", json=outcome, headers=headers).json == {"is_new": True}
    assert client.post(f"{path}/looks", headers=headers).status_code == 202
    stop = client.post(f"{path}/stop", json={"conclusion": "Enough"}, headers=headers)
    assert stop.status_code == 204

    found = client.get(path, headers=headers).json
    assert (found["name"], found["status"], found["units"]) == ("Short", "stopped", {variant: 1})
    assert found["plan"]["primary"]["key"] == "ordered"
    listed = client.get("/api/v1/experiments?limit=1", headers=headers).json
    assert listed["items"][0]["id"] == made.json["id"]


def test_a_bad_plan_is_refused_by_name(firm: Firm, client: FlaskClient) -> None:
    body = {**BODY, "plan": {**plain(), "baseline": 2}}

    answer = client.post("/api/v1/experiments", json=body, headers=firm.headers("sales"))

    assert answer.status_code == 422
    assert "baseline" in answer.json["error"]["fields"]


@pytest.fixture
def owner(app: Flask, firm: Firm) -> FlaskClient:
    return signed_in(app, firm, Role.PROCESS_OWNER)


def test_a_plan_is_made_changed_and_started_on_pages(owner: FlaskClient, firm: Firm) -> None:
    token = form_token(owner, "/experiments/new")
    form = {
        **entered_of(None),
        "csrf_token": token,
        "name": "By form",
        "hypothesis": "h",
        "metric_name": "Ordered",
    }
    form |= {
        "variant_name_0": "As it is",
        "variant_name_1": "Short",
        "guard_name_0": "Returns",
        "guard_key_0": "returns",
    }

    size = owner.post("/experiments/size", data=form).get_data(as_text=True)
    bad = owner.post("/experiments/new", data={**form, "baseline": "many"})
    made = owner.post("/experiments/new", data=form)

    assert "must take part altogether" in size
    assert (bad.status_code, made.status_code) == (422, 303)
    path = made.location
    assert "By form" in owner.get(f"{path}/edit").get_data(as_text=True)
    assert owner.post(f"{path}/edit", data={**form, "name": "", "version": "1"}).status_code == 422
    assert owner.post(f"{path}/edit", data={**form, "name": "Second", "version": "1"}).status_code == 303
    assert owner.post(f"{path}/start", data={"csrf_token": token}).status_code == 303
    assert owner.get(f"{path}/edit").status_code == 303
    assert owner.post(f"{path}/look", data={"csrf_token": token}).status_code == 303
    assert owner.post(f"{path}/stop", data={"csrf_token": token}).status_code == 422
    stopped = owner.post(f"{path}/stop", data={"csrf_token": token, "conclusion": "Enough"})
    assert stopped.status_code == 303
    assert "Second" in owner.get("/experiments").get_data(as_text=True)
    assert "Enough" in owner.get(path).get_data(as_text=True)


def test_a_draft_is_shown_in_the_form_as_it_was_entered(firm: Firm) -> None:
    experiment_id, _ = commands.create(firm["sales"], "Form", "h", "need", DESIGN)

    with reading(firm.org_id) as tx:
        entered = entered_of(queries.get(tx, experiment_id))

    assert design_from(entered) == DESIGN
