"""Who may do what: roles at every operation, scopes of tokens, cookies, guesses that come together."""

from __future__ import annotations

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app import api_description, create_app
from app.accounts import commands, signing_in
from app.accounts.models import Person, Role
from app.database import db, reading
from app.errors import PlacetError
from app.migrating import owned_tables
from tests.builders import PASSWORD, Firm
from tests.databases import Database

# Which roles an operation needs; what is not named here is open to everybody who may read (or decide).
SALES, DESK = {"sales"}, {"sales", "operator"}
EXPERIMENTERS = {"sales", "process_owner"}
NEEDED: dict[str, set[str]] = {
    "post_people": {"administrator"},
    "patch_people_one": {"administrator"},
    "post_people_one_password": {"administrator"},
    "post_teams": {"administrator"},
    "get_organisation": {"administrator"},
    "patch_organisation": {"administrator"},
    "post_customers": SALES,
    "patch_customers_one": SALES,
    "post_customers_one_contacts": SALES,
    "post_customers_one_erase": {"administrator"},
    "put_customers_one_profiling": SALES,
    "delete_customers_one_contacts_one": SALES,
    "post_products": DESK,
    "patch_products_one": DESK,
    "put_products_one_stock": DESK,
    "post_needs": SALES,
    "get_needs_imports": SALES,
    "post_needs_imports": SALES,
    "get_needs_imports_one": SALES,
    "delete_needs_imports_one": SALES,
    "put_needs_imports_one_choices": SALES,
    "post_needs_imports_one_start": SALES,
    "get_needs_imports_one_refused_csv": SALES,
    "get_needs_form": {"administrator"},
    "put_needs_form": {"administrator"},
    "get_needs_mail": {"administrator"},
    "put_needs_mail": {"administrator"},
    "post_observations": SALES,
    "post_observations_one_need": SALES,
    "post_needs_feedback_one_need": SALES,
    "put_needs_feedback_rule": {"administrator"},
    "put_needs_feedback_types": {"administrator"},
    "patch_needs_one": SALES,
    "post_needs_import": SALES,
    "post_needs_one_status": SALES,
    "post_needs_one_notes": SALES,
    "post_needs_one_order": SALES,
    "post_surveys": EXPERIMENTERS,
    "post_surveys_one_answers": EXPERIMENTERS,
    "post_surveys_one_close": EXPERIMENTERS,
    "post_needs_one_merge": SALES,
    "post_needs_one_part": SALES,
    "post_experiments": EXPERIMENTERS,
    "put_experiments_one": EXPERIMENTERS,
    "post_experiments_one_start": EXPERIMENTERS,
    "post_experiments_one_assignments": EXPERIMENTERS,
    "post_experiments_one_outcomes": EXPERIMENTERS,
    "post_experiments_one_looks": EXPERIMENTERS,
    "post_experiments_one_stop": EXPERIMENTERS,
    "post_orders": SALES,
    "patch_orders_one": SALES,
    "post_orders_one_submit": SALES,
    "post_orders_one_reports": DESK,
    "post_incidents_one_retry": {"operator"},
    "post_incidents_retry": {"operator"},
    "post_instances_actions": {"operator"},
    "post_instances_actions_preview": {"operator"},
    "post_incidents_actions": {"operator"},
    "post_incidents_actions_preview": {"operator"},
    "post_instances_one_actions": {"operator"},
    "post_instances_one_actions_preview": {"operator"},
    "post_incidents_one_actions": {"operator"},
    "post_incidents_one_actions_preview": {"operator"},
    "get_messages": {"operator", "process_owner", "auditor"},
    "post_messages": {"operator"},
    "post_messages_one_deliver": {"operator"},
    "post_messages_one_discard": {"operator"},
    "put_message-policies": {"operator"},
    "post_signals": {"operator"},
    "post_conditions": {"operator"},
    "post_migrations": {"operator", "process_owner"},
    "post_migrations_check": {"operator", "process_owner"},
    "post_migrations_undo": {"operator", "process_owner"},
    "post_models_one_trainings": {"process_owner"},
    "post_models_one_use": {"process_owner"},
    "post_models_one_stop": {"process_owner"},
    "put_model-schedule": {"process_owner"},
    "post_grouped-tables": {"sales", "process_owner"},
    "put_themes_one_name": {"sales", "process_owner"},
    "get_audit": {"auditor"},
    "get_incidents_one": {"operator", "process_owner", "auditor"},
    "get_instances_one_variables": {"operator", "process_owner", "auditor"},
    "put_processes_files_one": {"process_owner"},
    "delete_processes_files_one": {"process_owner"},
    "post_processes_files_one_check": {"process_owner"},
    "post_processes_files_one_test": {"process_owner"},
    "post_processes_files_one_replay": {"process_owner"},
    "post_processes_publish": {"process_owner"},
}
PEOPLE = {
    "approver": "lead",
    "sales": "sales",
    "operator": "operator",
    "process_owner": "owner",
    "auditor": "auditor",
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", sorted(PEOPLE))
def test_each_operation_is_refused_to_every_role_that_it_does_not_name(
    app: Flask, firm: Firm, role: str
) -> None:
    client, headers = app.test_client(), firm.headers(PEOPLE[role])
    wrong = []

    for method, path, operation in api_description.operations(api_description.description()):
        name = operation["operationId"]
        filled = path
        for parameter in ("{name}", "{secret}"):
            filled = filled.replace(parameter, "nothing.bpmn")
        while "{" in filled:
            filled = filled[: filled.index("{")] + str(uuid4()) + filled[filled.index("}") + 1 :]
        answer = client.open(filled, method=method.upper(), headers=headers)
        refused = answer.status_code == 403 and "needs the role" in answer.get_data(as_text=True)
        if refused != (name in NEEDED and role not in NEEDED[name]):
            wrong.append(f"{name}: {answer.status_code}")

    assert wrong == []


def test_a_token_makes_none_that_may_do_more_than_itself(client: FlaskClient, firm: Firm) -> None:
    headers = firm.headers("sales", "accounts:write", "orders:read")

    more = client.post("/api/v1/tokens", json={"name": "x", "scopes": ["*"]}, headers=headers)
    other = client.post("/api/v1/tokens", json={"name": "x", "scopes": ["needs:write"]}, headers=headers)
    less = client.post("/api/v1/tokens", json={"name": "x", "scopes": ["orders:read"]}, headers=headers)

    assert [more.status_code, other.status_code, less.status_code] == [403, 403, 201]


def test_a_secret_is_kept_nowhere(firm: Firm) -> None:
    token = commands.add_token(firm.org_id, firm["sales"].person_id, None, "erp", ["*"], None)

    with reading(firm.org_id) as tx:
        row = repr(tx.execute(text("select * from api_tokens")).all())
        said = repr(tx.execute(text("select detail from audit_entries")).all())
    assert token.secret not in row
    assert token.secret not in said


def test_a_token_has_no_session_to_end(client: FlaskClient, firm: Firm) -> None:
    assert client.delete("/api/v1/sessions", headers=firm.headers("sales")).status_code == 403


def _somebody(firm: Firm) -> str:
    email = f"{uuid4()}@example.com"
    commands.add_person(firm.org_id, None, email=email, name="Pat", password=PASSWORD, roles=[Role.SALES])
    return email


def test_passwords_are_kept_as_argon2(firm: Firm) -> None:
    email = _somebody(firm)

    with reading(firm.org_id) as tx:
        kept = tx.session.scalar(select(Person.password_hash).where(Person.email == email))

    assert str(kept).startswith("$argon2id$")


def test_guesses_that_come_together_count_one_by_one(app: Flask, firm: Firm) -> None:
    email, told = _somebody(firm), []
    together = threading.Barrier(signing_in.ATTEMPTS)

    def guess() -> None:
        with app.app_context():
            together.wait()
            try:
                signing_in.sign_in(email, "wrong", None)
            except PlacetError as error:
                told.append(error.code)

    threads = [threading.Thread(target=guess) for _ in range(signing_in.ATTEMPTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["locked", *["sign_in"] * (signing_in.ATTEMPTS - 1)]


def test_signing_in_never_takes_up_a_session_that_was_planted(client: FlaskClient, firm: Firm) -> None:
    client.set_cookie("placet", "planted")

    client.post("/api/v1/sessions", json={"email": _somebody(firm), "password": PASSWORD})

    kept = client.get_cookie("placet")
    assert kept is not None
    assert kept.value != "planted"


def test_behind_https_the_cookie_is_bound_to_its_host(database: Database, tmp_path: Path, firm: Firm) -> None:
    secure = create_app(database.settings(tmp_path, PLACET_BASE_URL="https://orders.example.com"))
    email = _somebody(firm)

    answer = secure.test_client().post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-placet=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_without_an_organisation_the_database_shows_no_row_of_any_table(app: Flask, firm: Firm) -> None:
    seen = {}
    with db.engine.connect() as connection:
        for table in owned_tables():
            seen[table] = connection.execute(text(f'select count(*) from "{table}"')).scalar()  # noqa: S608
        owner = connection.execute(
            text("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        ).scalar()

    assert set(seen.values()) == {0}
    assert owner is False
