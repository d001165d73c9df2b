"""Publishing: what was checked and tested becomes what new orders follow; what runs stays where it is."""

from __future__ import annotations

import base64
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import reading, transaction
from app.errors import ConflictError, InvalidError, NotFoundError, StaleError
from app.moments import utc_now
from app.orders import preview
from app.processes import deployments
from app.studio import commands, queries
from tests.app.studio.files import (
    APPROVAL,
    POLICY,
    POLICY_TESTS,
    changed,
    deployment_number,
    present,
    renamed,
)
from tests.builders import Firm
from tests.selling import a_line, a_product, an_order, read

pytestmark = pytest.mark.own_databases

CHECK = f"/api/v1/processes/files/{APPROVAL}/check"
MULTI_INSTANCE = "<bpmn:multiInstanceLoopCharacteristics /></bpmn:userTask>"


def publish(firm: Firm, name: str, content: bytes, note: str = "because") -> commands.Published:
    commands.save_draft(firm["owner"], name, content, 0)
    return commands.publish(firm["owner"], [name], note)


def test_a_published_draft_is_what_new_orders_follow_and_those_that_run_do_not(shop: Firm) -> None:
    running = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)

    made = publish(shop, APPROVAL, renamed(shop, "Approve the order"))
    new = an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)

    assert (made.number, made.changed) == (2, (APPROVAL,))
    assert [each.name for each in read(shop, running.id).waiting] == ["Approve"]
    assert [each.name for each in read(shop, new.id).waiting] == ["Approve the order"]


def test_a_draft_is_gone_when_it_is_published(shop: Firm) -> None:
    publish(shop, APPROVAL, renamed(shop))

    with pytest.raises(NotFoundError):
        commands.publish(shop["owner"], [APPROVAL], "again")


def test_rules_that_contradict_each_other_are_not_published(shop: Firm) -> None:
    contradicting = changed(shop, POLICY, 'hitPolicy="RULE ORDER"', 'hitPolicy="UNIQUE"')

    with pytest.raises(InvalidError) as refused, transaction(shop.org_id) as tx:
        deployments.publish(tx, {POLICY: contradicting}, "", None, utc_now())

    assert "rules 1 and 2 both match where only one may" in str(refused.value.fields[POLICY][0])
    assert deployment_number(shop) == 1


def test_what_contradicts_in_another_file_that_runs_already_holds_up_nobody(shop: Firm) -> None:
    contradicting = changed(shop, POLICY, 'hitPolicy="RULE ORDER"', 'hitPolicy="UNIQUE"')
    with transaction(shop.org_id) as tx, pytest.MonkeyPatch.context() as patching:
        patching.setattr(deployments, "findings_on", lambda _: ())  # as before such rules were looked for
        deployments.publish(tx, {POLICY: contradicting}, "before", None, utc_now())

    assert publish(shop, APPROVAL, renamed(shop)).number == 3


def test_a_version_says_who_published_it_why_and_what_runs_on_it(shop: Firm) -> None:
    an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    publish(shop, APPROVAL, renamed(shop), "A clearer name")
    an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)
    an_order(shop, [a_line(a_product(shop, price="2000"))], submit=True)

    with reading(shop.org_id) as tx:
        newest, first = queries.list_versions(tx, APPROVAL)
        library = {file.name: file for file in queries.list_files(tx)}

    assert (newest.version, newest.note, newest.published_by, newest.running) == (
        2,
        "A clearer name",
        "Owner",
        2,
    )
    assert (first.version, first.running) == (1, 1)
    # An order comes through all of them: its lifecycle calls the other diagrams, which ask the tables.
    assert (
        library[APPROVAL].running == library["order_lifecycle.bpmn"].running == library[POLICY].running == 3
    )
    assert library[APPROVAL].version == 2
    assert library["order_lifecycle.bpmn"].version == 1


def test_a_refused_diagram_names_the_element(shop: Firm, client: FlaskClient) -> None:
    hostile = changed(shop, APPROVAL, "</bpmn:userTask>", MULTI_INSTANCE)
    sent = {"content": base64.b64encode(hostile).decode()}

    findings = client.post(CHECK, json=sent, headers=shop.headers("owner")).json["findings"]
    with pytest.raises(InvalidError) as refused:
        publish(shop, APPROVAL, hostile)

    errors = [each for each in findings if each["severity"] == "error"]
    assert {each["element"] for each in errors} == {"approve_order", "decide_instead"}
    assert all("repeated without end" in each["message"] for each in errors)
    assert any(line.startswith("approve_order: ") for line in refused.value.fields[APPROVAL])
    assert deployment_number(shop) == 1


def test_a_finding_on_a_table_names_its_rules(shop: Firm, client: FlaskClient) -> None:
    contradicting = changed(shop, POLICY, 'hitPolicy="RULE ORDER"', 'hitPolicy="UNIQUE"')
    sent = {"content": base64.b64encode(contradicting).decode()}
    check = f"/api/v1/processes/files/{POLICY}/check"

    findings = client.post(check, json=sent, headers=shop.headers("owner")).json["findings"]

    assert [1, 2] in [each["rules"] for each in findings if each["severity"] == "error"]


def test_a_script_of_another_language_is_never_published(shop: Firm) -> None:
    with pytest.raises(InvalidError) as refused:
        publish(shop, APPROVAL, changed(shop, APPROVAL, 'scriptFormat="feel"', 'scriptFormat="groovy"'))

    assert any("groovy" in line for line in refused.value.fields[APPROVAL])


def test_a_check_keeps_nothing_and_names_only_this_files_warnings(shop: Firm, client: FlaskClient) -> None:
    sent = {"content": base64.b64encode(renamed(shop)).decode()}

    answer = client.post(CHECK, json=sent, headers=shop.headers("owner"))

    assert answer.json == {"findings": []}
    with reading(shop.org_id) as tx:
        assert not queries.read_file(tx, APPROVAL).is_draft


def test_a_table_is_not_published_while_a_test_fails(shop: Firm) -> None:
    higher = changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<")

    with pytest.raises(InvalidError) as refused:
        publish(shop, POLICY, higher)

    assert refused.value.fields == {
        POLICY_TESTS: [
            "case 3: level is –, expected sales_lead",
            "case 3: reason is –, expected Amount above 1,000",
        ]
    }
    assert deployment_number(shop) == 1


def test_a_changed_threshold_with_its_tests_changes_the_preview(shop: Firm) -> None:
    order = an_order(shop, [a_line(a_product(shop, price="1200"))])
    with reading(shop.org_id) as tx:
        before = preview.preview_order(tx, order.id)
    commands.save_draft(shop["owner"], POLICY, changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<"), 0)
    commands.save_draft(shop["owner"], POLICY_TESTS, changed(shop, POLICY_TESTS, "1000.01,", "1500.01,"), 0)

    commands.publish(shop["owner"], [POLICY, POLICY_TESTS], "Fewer small approvals")

    with reading(shop.org_id) as tx:
        after = preview.preview_order(tx, order.id)
    assert [level.team for level in before.levels] == ["sales_lead"]
    assert (after.by_rule, after.levels) == (True, ())


def test_a_rule_that_no_case_tests_keeps_a_table_from_being_published(shop: Firm) -> None:
    cases = present(shop, POLICY_TESTS).decode().splitlines(keepends=True)

    with pytest.raises(InvalidError) as refused:
        publish(shop, POLICY_TESTS, "".join(cases[:2]).encode())

    assert "no case tests rule 1" in refused.value.fields[POLICY_TESTS]


def test_a_new_table_needs_cases(shop: Firm) -> None:
    content = changed(shop, POLICY, "approval_policy", "second_policy")

    with pytest.raises(InvalidError) as refused:
        publish(shop, "second_policy.dmn", content)

    assert refused.value.fields["second_policy.tests.csv"][0].startswith("is missing")


def test_what_is_published_already_is_not_published_again(shop: Firm) -> None:
    with pytest.raises(InvalidError) as refused:
        publish(shop, APPROVAL, present(shop, APPROVAL))

    assert refused.value.fields == {APPROVAL: ["is what is published already"]}


def test_a_note_says_what_changed(shop: Firm) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop), 0)

    with pytest.raises(InvalidError):
        commands.publish(shop["owner"], [APPROVAL], "  ")


def test_a_draft_that_changed_since_it_was_seen_is_not_published(shop: Firm) -> None:
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Seen"), 0)
    commands.save_draft(shop["owner"], APPROVAL, renamed(shop, "Not seen"), 1)

    with pytest.raises(StaleError):
        commands.publish(shop["owner"], [APPROVAL], "what I saw", {APPROVAL: 1})


def test_publishing_twice_at_one_moment_makes_two_deployments_or_a_conflict(app: Flask, shop: Firm) -> None:
    said: list[str] = []

    def one(name: str) -> None:
        with app.app_context():
            try:
                with transaction(shop.org_id) as tx:
                    files = {
                        name: present(shop, APPROVAL).replace(b'"order_approval"', f'"{name[:-5]}"'.encode())
                    }
                    deployments.publish(tx, files, name, None, utc_now())
                said.append("published")
            except ConflictError:
                said.append("refused")

    threads = [Thread(target=one, args=(f"other_{n}.bpmn",)) for n in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert set(said) <= {"published", "refused"}
    assert len(said) == 3
    assert deployment_number(shop) == 1 + said.count("published")


def test_a_former_version_becomes_the_draft_with_the_tests_of_its_time(shop: Firm) -> None:
    was, cases = present(shop, POLICY), present(shop, POLICY_TESTS)
    commands.save_draft(shop["owner"], POLICY, changed(shop, POLICY, "&gt; 1000<", "&gt; 1500<"), 0)
    commands.save_draft(shop["owner"], POLICY_TESTS, changed(shop, POLICY_TESTS, "1000.01,", "1500.01,"), 0)
    commands.publish(shop["owner"], [POLICY, POLICY_TESTS], "Higher")

    commands.restore(shop["owner"], POLICY, 1)

    with reading(shop.org_id) as tx:
        assert queries.read_file(tx, POLICY).content == was
        assert queries.read_file(tx, POLICY_TESTS).content == cases
    made = commands.publish(shop["owner"], [POLICY, POLICY_TESTS], "Back")
    assert made.number == 3
    with reading(shop.org_id) as tx:
        assert [each.version for each in queries.list_versions(tx, POLICY)] == [3, 2, 1]


def test_restoring_never_overwrites_a_draft(shop: Firm) -> None:
    publish(shop, APPROVAL, renamed(shop))
    commands.save_draft(shop["owner"], APPROVAL, renamed_again(shop), 0)

    with pytest.raises(ConflictError):
        commands.restore(shop["owner"], APPROVAL, 1)

    with reading(shop.org_id) as tx:
        assert b"Under work" in queries.read_file(tx, APPROVAL).content


def renamed_again(firm: Firm) -> bytes:
    return changed(firm, APPROVAL, "Approve the order", "Under work")
