"""The description of the API: valid, complete, and its examples true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

from app import api_description

_CONTACT = "POST /customers/<uuid:customer_id>/contacts/<uuid:contact_id>"
# What the pages' forms do, and the operation by which a program does the same.
TWINS = {
    "POST /sign-in": "post_sessions",
    "POST /sign-out": "delete_sessions",
    "POST /settings": "patch_me",
    "POST /settings/password": "post_me_password",
    "POST /settings/tokens": "post_tokens",
    "POST /settings/tokens/<uuid:token_id>/revoke": "delete_tokens_one",
    "POST /people": "post_people",
    "POST /people/<uuid:person_id>": "patch_people_one",
    "POST /people/<uuid:person_id>/password": "post_people_one_password",
    "POST /teams": "post_teams",
    "POST /business": "patch_organisation",
    "POST /customers/new": "post_customers",
    "POST /customers/<uuid:customer_id>/edit": "patch_customers_one",
    "POST /customers/<uuid:customer_id>/contacts": "post_customers_one_contacts",
    f"{_CONTACT}/remove": "delete_customers_one_contacts_one",
    "POST /models/schedule": "put_model-schedule",
    "POST /models/<string:name>/train": "post_models_one_trainings",
    "POST /models/<string:name>/use": "post_models_one_use",
    "POST /themes/<string:number>/name": "put_themes_one_name",
    "POST /tables": "post_grouped-tables",
    "POST /models/<string:name>/stop": "post_models_one_stop",
    "POST /customers/<uuid:customer_id>/erase": "post_customers_one_erase",
    "POST /customers/<uuid:customer_id>/profiling": "put_customers_one_profiling",
    "POST /products/new": "post_products",
    "POST /products/<uuid:product_id>": "patch_products_one",
    "POST /products/<uuid:product_id>/stock": "put_products_one_stock",
    "POST /needs/new": "post_needs",
    "POST /needs/<uuid:need_id>/edit": "patch_needs_one",
    "POST /needs/<uuid:need_id>/status": "post_needs_one_status",
    "POST /needs/<uuid:need_id>/note": "post_needs_one_notes",
    "POST /needs/<uuid:need_id>/order": "post_needs_one_order",
    "POST /needs/import": "post_needs_imports",
    "POST /surveys/new": "post_surveys",
    "POST /surveys/<uuid:survey_id>/answers": "post_surveys_one_answers",
    "POST /surveys/<uuid:survey_id>/close": "post_surveys_one_close",
    "POST /needs/imports/<uuid:import_id>": "put_needs_imports_one_choices",
    "POST /experiments/new": "post_experiments",
    "POST /experiments/<uuid:experiment_id>/edit": "put_experiments_one",
    "POST /experiments/<uuid:experiment_id>/start": "post_experiments_one_start",
    "POST /experiments/<uuid:experiment_id>/look": "post_experiments_one_looks",
    "POST /experiments/<uuid:experiment_id>/stop": "post_experiments_one_stop",
    "POST /needs/<uuid:need_id>/merge": "post_needs_one_merge",
    "POST /needs/<uuid:need_id>/part": "post_needs_one_part",
    "POST /needs/views": "post_needs_views",
    "POST /needs/views/<uuid:view_id>/remove": "delete_needs_views_one",
    "POST /orders/new": "post_orders",
    "POST /orders/panel": "post_orders_preview",
    "POST /orders/<uuid:order_id>/customer": "patch_orders_one",
    "POST /orders/<uuid:order_id>/submit": "post_orders_one_submit",
    "POST /orders/<uuid:order_id>/cancel": "post_orders_one_cancel",
    "POST /orders/<uuid:order_id>/comment": "post_orders_one_comments",
    "POST /feedback/<string:secret>": "post_feedback_one",
    "POST /inbox/<uuid:item_id>/complete": "post_inbox_one_complete",
    "POST /inbox/<uuid:item_id>/undo": "post_inbox_one_undo",
    "POST /needs/imports/<uuid:import_id>/discard": "delete_needs_imports_one",
    "POST /needs/form": "put_needs_form",
    "POST /needs/mail": "put_needs_mail",
    "POST /f/<string:slug>": "post_forms_one",
    "POST /customers/<uuid:customer_id>/observations": "post_observations",
    "POST /observations/<uuid:observation_id>/need": "post_observations_one_need",
    "POST /needs/feedback/<uuid:feedback_id>/need": "post_needs_feedback_one_need",
    "POST /needs/feedback/rule": "put_needs_feedback_rule",
    "POST /needs/feedback/types": "put_needs_feedback_types",
    "POST /inbox/<uuid:item_id>/claim": "post_inbox_one_claim",
    "POST /inbox/<uuid:item_id>/release": "post_inbox_one_release",
    "POST /inbox/<uuid:item_id>/comment": "post_orders_one_comments",
    "POST /instances/bulk": "post_instances_actions",
    "POST /incidents/bulk": "post_incidents_actions",
    "POST /instances/<uuid:instance_id>/act": "post_instances_one_actions",
    "POST /incidents/<uuid:incident_id>/act": "post_incidents_one_actions",
    "POST /incidents/<uuid:incident_id>/retry": "post_incidents_one_retry",
    "POST /messages/<uuid:message_id>/deliver": "post_messages_one_deliver",
    "POST /messages/<uuid:message_id>/discard": "post_messages_one_discard",
    "POST /messages/policy": "put_message-policies",
    "POST /incidents/retry-all": "post_incidents_retry",
    "POST /migrations/<string:process>": "post_migrations",
    "POST /migrations/<string:process>/undo": "post_migrations_undo",
    "POST /processes/<string:name>/discard": "delete_processes_files_one",
    "POST /processes/<string:name>/restore": "put_processes_files_one",
    "POST /processes/import": "put_processes_files_one",
    "POST /processes/new": "put_processes_files_one",
}
# A visitor's language is a cookie of the browser: a program sends none.
BROWSERS_OWN = {
    "POST /language",
    "POST /experiments/size",
    "POST /hooks/mail/<string:slug>",  # a program's own door
}

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/openapi.json")
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = answer.get_json()
    return found


def test_it_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"

    schemathesis.openapi.from_dict(document).validate()


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_form_of_the_pages_has_its_twin(app: Flask, document: dict[str, Any]) -> None:
    forms = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}
    }
    names = {operation["operationId"] for _, _, operation in api_description.operations(document)}

    assert forms == set(TWINS) | BROWSERS_OWN
    assert set(TWINS.values()) <= names


def test_every_route_of_the_api_is_described(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (method.lower(), str(rule).replace("<uuid:", "{").replace("<string:", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert {(method, path) for method, path, _ in api_description.operations(document)} == routes


def test_every_operation_has_a_name_of_its_own_and_says_what_it_does(document: dict[str, Any]) -> None:
    described = list(api_description.operations(document))
    names = [operation["operationId"] for _, _, operation in described]

    assert len(set(names)) == len(names)
    assert all(operation["summary"].endswith(".") for _, _, operation in described)


def _bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for _, _, operation in api_description.operations(document):
        name = operation["operationId"]
        request = operation.get("requestBody", {}).get("content", {})
        answers = {status: answer.get("content", {}) for status, answer in operation["responses"].items()}
        for where, content in {"request": request, **answers}.items():
            if "application/json" in content:
                yield f"{name} {where}", content["application/json"]


def test_every_body_has_an_example_that_fits_its_schema(document: dict[str, Any]) -> None:
    wrong = {}

    for where, media in _bodies(document):
        schema = {**media["schema"], "components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        errors = [error.message for error in validator.iter_errors(media["example"])]
        if errors or media["example"] in ({}, [], None):
            wrong[where] = errors or "empty"

    assert wrong == {}


def test_whoever_can_be_told_that_it_is_stale_may_say_what_was_edited(document: dict[str, Any]) -> None:
    heeding = {
        operation["operationId"]: [parameter["name"] for parameter in operation.get("parameters", [])]
        for _, _, operation in api_description.operations(document)
        if "412" in operation["responses"] and operation["operationId"] != "post_processes_publish"
    }

    assert {"patch_orders_one", "patch_customers_one", "put_processes_files_one"} <= set(heeding)
    assert all(
        names.count("If-Match") == 1 for name, names in heeding.items() if name != "post_processes_publish"
    )


def test_only_what_proves_itself_otherwise_needs_no_token(document: dict[str, Any]) -> None:
    free = {
        operation["operationId"]
        for _, _, operation in api_description.operations(document)
        if operation.get("security") == []
    }

    assert document["security"] == [{"token": []}]
    assert free == {
        "post_sessions",
        "get_feedback_one",
        "post_feedback_one",
        "get_forms_one",
        "post_forms_one",
    }
