"""Who did what: every operation of the API that changes something leaves an entry with its author."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import api_description
from app.accounts import commands as accounts
from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.database import reading
from app.inbox import commands as inbox
from app.insights import publishing, training
from app.insights.trained import Measured
from app.moments import utc_now
from app.needs import commands as needs
from app.needs import duplicates
from app.needs.experiments import commands as experiments
from app.needs.forms import commands as forms
from app.needs.forms import guarding
from app.operations import moving
from app.operations.moving import Chosen
from app.operations.moving_queries import Course
from app.processes import commands as processes
from app.processes import keeping_messages, messages
from app.processes.models import Incident
from app.studio import commands as studio
from tests.app.api.things import Things, things_of
from tests.app.insights import training as a_training
from tests.app.needs.experiments import plans
from tests.app.processes import running
from tests.builders import PASSWORD, Firm, a_firm
from tests.performing import a_call
from tests.selling import FOLDERS, a_line, a_product, an_order, publish_shipped
from tests.workflows.building import condition, diagram, element, user

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

Prepare = Callable[[Firm, dict[str, str]], None]
Json = Mapping[str, Any]

APPROVED: Json = {"decision": "approved", "comment": ""}
FILE = "order_approval.bpmn"
OTHER = (FOLDERS[0] / FILE).read_bytes() + b"<!-- another -->"
# The shipped flows are the first deployment, `things_of` makes the second.
COURSE: dict[str, Any] = {"process": "twice", "before": 3, "after": 4}
# What only looks: a preview, a check, a test run, a replay of former decisions.
ONLY_LOOK = {
    # What takes part in an experiment is counted, and a look at it is recorded when it is taken.
    "post_experiments_one_assignments",
    "post_experiments_one_looks",
    "post_experiments_one_outcomes",
    "post_incidents_actions_preview",
    "post_incidents_one_actions_preview",
    "post_instances_actions_preview",
    "post_migrations_check",
    "post_instances_one_actions_preview",
    "post_needs_suggest-type",
    "put_needs_imports_one_choices",  # says how a file is read; that it is begun is recorded
    "post_orders_preview",
    "post_processes_files_one_check",
    "post_processes_files_one_replay",
    "post_processes_files_one_test",
}


@dataclass(frozen=True)
class Deed:
    """An operation as somebody does it, and the action that the record names it by.

    `{customer_id}` and the like in a body stand for what is there; `before` makes more of it.
    """

    action: str
    by: str | None = "sales"  # None: whoever has the link
    body: Json = field(default_factory=dict)
    before: Prepare | None = None


def _draft_an_order(firm: Firm, things: dict[str, str]) -> None:
    things["order_id"] = str(an_order(firm, [a_line(a_product(firm))]).id)


_EXPERIMENT = {"name": "Form", "hypothesis": "Shorter", "unit": "visitor", "plan": plans.plain()}


# Complete, so that it can be switched on.
_FORM: dict[str, Any] = {
    "is_on": True,
    "types": ["lamps"],
    "consent_en": "You may keep this.",
    "consent_zh": "同意保存。",
}


def _show_the_form(firm: Firm, things: dict[str, str]) -> None:
    """Show it a minute ago: nobody fills it in at once."""
    forms.set_up(firm["admin"], forms.Wanted(title_en="", title_zh="", fields=[], sites=[], **_FORM))
    with patch("itsdangerous.timed.time.time", lambda: utc_now().timestamp() - 60):
        things["seal"] = guarding.seal(firm.org_id)


def _begin_an_experiment(firm: Firm, things: Things) -> None:
    experiments.start(firm["sales"], UUID(things["experiment_id"]))


def _name_a_model(firm: Firm, things: dict[str, str]) -> None:
    things["name"] = "forecast"


def _use_a_model(firm: Firm, things: dict[str, str], version: int = 1) -> None:
    _name_a_model(firm, things)
    accuracy = {"error": 1 / version}
    learned = a_training.learned(0.5)
    learned = replace(learned, measured=Measured(accuracy, {"error": 2.0}, {"error": 2.0}))
    begun = training.begin(firm.org_id, training.ask(firm["owner"], "forecast"))
    assert begun is not None
    publishing.keep(begun, version, learned, "code", 1)


def _replace_a_model(firm: Firm, things: dict[str, str]) -> None:
    for version in (1, 2):
        _use_a_model(firm, things, version)


def _another_need(firm: Firm, things: dict[str, str]) -> None:
    given = {"need_type": "x", "text": "Fourteen chairs"}
    things["other_need_id"] = str(needs.create(firm["sales"], given).id)


def _merge_needs(firm: Firm, things: dict[str, str]) -> None:
    _another_need(firm, things)
    duplicates.merge(firm["sales"], UUID(things["other_need_id"]), UUID(things["need_id"]))


def _claim(firm: Firm, things: Things) -> None:
    inbox.claim(firm["lead"], UUID(things["item_id"]))


def _hold(firm: Firm, things: Things) -> None:
    inbox.decide(firm["lead"], UUID(things["item_id"]), APPROVED, hold=True)


def _keep_a_message(firm: Firm, things: dict[str, str]) -> None:
    """Keep a message of another key than the one who awaits such a message has."""
    body = element("startEvent", "s") + element("receiveTask", "w", messageRef="late")
    running.publish(firm, late=diagram(body, "s -> w", "late"))
    keeping_messages.set_policy(firm["operator"], "late", True, None)
    things["message_id"] = str(messages.deliver(firm["operator"], "late", {}, "K-7").kept_id)
    things["instance_id"] = str(running.begin(firm, "late", "K-8"))


def _fail_a_call(firm: Firm, things: dict[str, str]) -> None:
    call_id = a_call(firm, "http.call")
    processes.report(call_id, processes.Failed("the carrier is away"))
    with reading(firm.org_id) as tx:
        found = tx.session.scalars(select(Incident.id).where(Incident.service_call_id == call_id)).one()
    things["incident_id"] = str(found)


def _listen(firm: Firm, things: Things) -> None:
    definition = '<bpmn:signalEventDefinition signalRef="strike"/>'
    body = element("startEvent", "s") + element("intermediateCatchEvent", "w", definition)
    running.publish(firm, listens=diagram(body, "s -> w", "listens"))
    running.begin(firm, "listens")


def _begin_on_a_condition(firm: Firm, things: Things) -> None:
    start = element("startEvent", "s", condition("n &gt; 2"))
    running.publish(firm, starts=diagram(start, "", "starts"))


def _draft_a_file(firm: Firm, things: dict[str, str]) -> None:
    studio.save_draft(firm["owner"], FILE, OTHER, None)
    things["name"] = FILE


def _publish_again(firm: Firm, things: dict[str, str]) -> None:
    """Let an instance run on the last deployment but one."""
    for name in ("One", "Two"):
        running.publish(
            firm, twice=diagram(element("startEvent", "s") + user("a", name=name), "s -> a", "twice")
        )
        if name == "One":
            things["instance_id"] = str(running.begin(firm, "twice"))


def _migrate(firm: Firm, things: dict[str, str]) -> None:
    _publish_again(firm, things)
    moving.migrate(firm["operator"], Course(**COURSE), Chosen(UUID(things["instance_id"])), "because")


DEEDS = {
    "delete_customers_one_contacts_one": Deed("contact.removed"),
    "delete_needs_views_one": Deed("view.forgotten"),
    "delete_processes_files_one": Deed("draft.discarded", "owner"),
    "delete_sessions": Deed("person.signed_out", "somebody"),
    "delete_tokens_one": Deed("token.revoked"),
    "patch_customers_one": Deed("customer.changed", body={"city": "Berlin"}),
    "patch_me": Deed("person.settings", "auditor", {"theme": "dark"}),
    "patch_needs_one": Deed("need.changed", body={"text": "Fourteen chairs"}),
    "patch_orders_one": Deed("order.changed", body={"title": "Chairs"}, before=_draft_an_order),
    "patch_organisation": Deed("organisation.changed", "admin", {"name": "Northwind"}),
    "patch_people_one": Deed("person.changed", "admin", {"name": "Kim"}),
    "patch_products_one": Deed("product.changed", body={"unit": "box"}),
    "post_models_one_trainings": Deed("training.asked", "owner", before=_name_a_model),
    "post_models_one_use": Deed("model.brought_back", "owner", {"version": 1}, _replace_a_model),
    "post_models_one_stop": Deed("model.stopped", "owner", before=_use_a_model),
    "put_themes_one_name": Deed("theme.renamed", body={"name": "Lights"}),
    "post_grouped-tables": Deed("table.given", body={"csv": "need_type,n\nx,1\n"}),
    "put_model-schedule": Deed("training.scheduled", "owner", {"hour": 3}),
    "post_customers_one_erase": Deed("customer.erased", "admin"),
    "post_needs_imports": Deed("needs.file_given", body={"need_type": "text"}),
    "post_needs_imports_one_start": Deed("needs.import_started"),
    "delete_needs_imports_one": Deed("needs.import_discarded"),
    "put_needs_form": Deed("needs.form_changed", "admin", {**_FORM, "asked": []}),
    "put_needs_mail": Deed("needs.mail_changed", "admin", {"is_on": True, "need_type": "mail"}),
    "post_forms_one": Deed(
        "consent.given",
        None,
        {"seal": "{seal}", "need_type": "lamps", "text": "Ten", "consent": True, "consent_version": 1},
        _show_the_form,
    ),
    "post_observations": Deed(
        "observation.noted",
        body={"items": [{"customer_id": "{customer_id}", "kind": "asked", "text": "In oak?"}]},
    ),
    "post_observations_one_need": Deed("need.added"),
    "post_needs_feedback_one_need": Deed("need.added"),
    "put_needs_feedback_rule": Deed("needs.feedback_rule", "admin", {"becomes": "low"}),
    "put_needs_feedback_types": Deed("needs.types_named", "admin", {"complaint": "warranty"}),
    "put_customers_one_profiling": Deed("customer.profiling", body={"said": "refused", "text": "v1"}),
    "post_customers": Deed("customer.added", body={"name": "Northwind"}),
    "post_customers_one_contacts": Deed("contact.added", body={"name": "Kim"}),
    "post_feedback_one": Deed("feedback.received.late", None, {"score": 5}),
    "post_inbox_one_claim": Deed("item.claimed", "lead"),
    "post_inbox_one_complete": Deed("item.completed", "lead", {"result": APPROVED}),
    "post_inbox_one_release": Deed("item.released", "lead", before=_claim),
    "post_inbox_one_undo": Deed("decision.taken_back", "lead", before=_hold),
    "post_incidents_actions": Deed(
        "incident.retried",
        "operator",
        {"way": "retry", "reason": "They are back", "ids": ["{incident_id}"]},
        _fail_a_call,
    ),
    "post_incidents_one_actions": Deed(
        "incident.retried", "operator", {"way": "retry", "reason": "They are back"}, _fail_a_call
    ),
    "post_incidents_one_retry": Deed("incident.retried", "operator", before=_fail_a_call),
    "post_incidents_retry": Deed(
        "incident.retried", "operator", {"message": "the carrier is away"}, _fail_a_call
    ),
    "post_instances_actions": Deed(
        "instance.suspended", "operator", {"verb": "suspend", "reason": "To look", "ids": ["{instance_id}"]}
    ),
    "post_instances_one_actions": Deed(
        "instance.suspended", "operator", {"verb": "suspend", "reason": "To look"}
    ),
    "post_me_password": Deed(
        "person.password_changed",
        "somebody",
        {"current_password": PASSWORD, "new_password": "paper boat on the water"},
    ),
    "post_messages": Deed("message.received", "operator", {"name": "order.cancelled"}),
    "post_migrations": Deed(
        "instance.migrated",
        "operator",
        {**COURSE, "instances": [{"id": "{instance_id}"}], "reason": "because"},
        _publish_again,
    ),
    "post_migrations_undo": Deed(
        "instance.migration_undone", "owner", {"ids": ["{instance_id}"], "reason": "the wrong one"}, _migrate
    ),
    "post_messages_one_deliver": Deed(
        "message.received", "operator", {"instance_id": "{instance_id}"}, _keep_a_message
    ),
    "post_messages_one_discard": Deed("message.discarded", "operator", {"reason": "Sent twice"}),
    "post_needs": Deed("need.added", body={"need_type": "lighting", "text": "Lamps", "currency": "EUR"}),
    "post_needs_import": Deed("need.added", body={"csv": "need_type,text\nlighting,Twenty lamps\n"}),
    "post_needs_one_notes": Deed("need.noted", body={"text": "They called"}),
    "post_needs_one_order": Deed("need.moved", body={"customer_id": "{customer_id}"}),
    "post_needs_one_merge": Deed("need.merged", body={"need_id": "{other_need_id}"}, before=_another_need),
    "post_needs_one_part": Deed("need.parted", before=_merge_needs),
    "post_needs_views": Deed("view.kept", body={"name": "Mine", "query": {"mine": "1"}}),
    "post_needs_one_status": Deed("need.moved", body={"status": "qualified"}),
    "post_orders": Deed(
        "instance.started",
        body={"customer_id": "{customer_id}", "lines": [{"product_id": "{product_id}", "quantity": "1"}]},
    ),
    "post_orders_one_cancel": Deed("message.received", body={"reason": "Ordered twice"}),
    "post_orders_one_comments": Deed("order.commented", body={"text": "By the back door"}),
    "post_orders_one_reports": Deed(
        "payment.received", body={"event": "payment.received", "reference": "B-1"}
    ),
    "post_orders_one_submit": Deed("item.completed", before=_draft_an_order),
    "post_surveys": Deed("survey.drawn", body={"name": "N", "question": "Q", "size": 2}),
    "post_surveys_one_answers": Deed("survey.answered", body={"customer_id": "{customer_id}", "answer": "1"}),
    "post_surveys_one_close": Deed("survey.closed"),
    "post_experiments": Deed("experiment.planned", body=_EXPERIMENT),
    "put_experiments_one": Deed("experiment.changed", body=_EXPERIMENT),
    "post_experiments_one_start": Deed("experiment.started"),
    "post_experiments_one_stop": Deed(
        "experiment.stopped", body={"conclusion": "Enough"}, before=_begin_an_experiment
    ),
    "post_people": Deed(
        "person.added", "admin", {"email": "kim@example.com", "name": "Kim", "roles": ["sales"]}
    ),
    "post_people_one_password": Deed("person.password_set", "admin", {"password": "paper boat on water"}),
    "post_processes_publish": Deed(
        "deployment.published", "owner", {"names": [FILE], "note": "Another"}, before=_draft_a_file
    ),
    "post_products": Deed(
        "product.added", body={"sku": "L-1", "name": "Lamp", "currency": "EUR", "price": "5"}
    ),
    "post_sessions": Deed("person.signed_in", "somebody", {"email": "{email}", "password": PASSWORD}),
    "post_conditions": Deed(
        "instance.started", "operator", {"variables": {"n": 3}}, before=_begin_on_a_condition
    ),
    "post_signals": Deed("signal.received", "operator", {"name": "strike"}, before=_listen),
    "post_teams": Deed("team.added", "admin", {"key": "night_shift", "name": "Night shift"}),
    "post_tokens": Deed("token.added", body={"name": "erp", "scopes": ["orders:read"]}),
    "put_message-policies": Deed("messages.policy", "operator", {"keeps": True}),
    "put_processes_files_one": Deed("draft.saved", "owner", {"content": base64.b64encode(OTHER).decode()}),
    "put_products_one_stock": Deed("stock.corrected", body={"on_hand": "3", "reason": "Counted"}),
}


@pytest.fixture
def shop(app: Flask) -> Firm:
    """A shop of its own for each deed, so that none stands in another's way."""
    firm = a_firm()
    publish_shipped(firm)
    return firm


def _entries(shop: Firm) -> dict[tuple[UUID, int], tuple[str, UUID | None]]:
    with reading(shop.org_id) as tx:
        found = tx.session.scalars(select(AuditEntry))
        return {(entry.stream_id, entry.seq): (entry.action, entry.person_id) for entry in found}


def _filled(body: Any, things: Things) -> Any:
    if isinstance(body, Mapping):
        return {name: _filled(value, things) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, things) for value in body]
    return things[body[1:-1]] if isinstance(body, str) and body[1:-1] in things and body[0] == "{" else body


def _do(app: Flask, shop: Firm, name: str, things: Things) -> tuple[TestResponse, UUID | None]:
    """Do a deed; return the answer and whose it was."""
    deed = DEEDS[name]
    method, path = next(
        (method, path)
        for method, path, operation in api_description.operations(api_description.description())
        if operation["operationId"] == name
    )
    for key, value in things.items():
        path = path.replace("{" + key + "}", value)
    client, headers, person = app.test_client(), {}, None
    if deed.by == "somebody":
        person = UUID(things["somebody"])
        if name != "post_sessions":
            signed = client.post("/api/v1/sessions", json={"email": things["email"], "password": PASSWORD})
            headers = {"X-CSRF-Token": signed.get_json()["csrf_token"]}
    elif deed.by is not None:
        headers, person = shop.headers(deed.by), shop[deed.by].person_id
    return client.open(path, method=method.upper(), headers=headers, json=_filled(deed.body, things)), person


@pytest.mark.parametrize("name", DEEDS)
def test_an_operation_leaves_an_entry_with_its_author(app: Flask, shop: Firm, name: str) -> None:
    things = dict(things_of(shop))
    things["email"] = f"somebody@{shop.slug}.example"
    things["somebody"] = str(
        accounts.add_person(
            shop.org_id, None, email=things["email"], name="Sam", password=PASSWORD, roles=[Role.SALES]
        )
    )
    prepare = DEEDS[name].before
    if prepare:
        prepare(shop, things)
    before = _entries(shop)

    answer, person = _do(app, shop, name, things)

    assert answer.status_code < 300, answer.get_json()
    added = [entry for place, entry in _entries(shop).items() if place not in before]
    assert (DEEDS[name].action, person) in added


def test_every_operation_that_changes_something_is_among_the_deeds(app: Flask) -> None:
    changing = {
        operation["operationId"]
        for method, _, operation in api_description.operations(api_description.description())
        if method != "get"
    }

    assert changing == set(DEEDS) | ONLY_LOOK
