"""Changing a threshold in the browser: the tests are red until they say it too, then the preview changes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.test_editor import button, call, publish
from tests.browser.watching import Watch

POLICY = "/processes/approval_policy.dmn"
FILES = ("approval_policy.dmn", "approval_policy.tests.csv")


@pytest.fixture
def rules(open_page: Open) -> Iterator[Page]:
    """The approval policy in Olga's editor, without a draft before, and as it was afterwards."""
    page = open_page("olga", "/processes")
    for name in FILES:
        call(page, "DELETE", f"/api/v1/processes/files/{name}")
    page.goto(POLICY)
    ready(page)
    yield page
    page.close(run_before_unload=False)


def ready(page: Page) -> None:
    expect(page.locator("#rules[data-ready]")).to_be_visible()


def set_threshold(page: Page, text: str) -> None:
    """Write into the first rule's condition for the amount."""
    cell = page.locator('#rules td[data-row-id="lead_amount"]').nth(1)
    cell.click()
    cell.locator("[contenteditable]").first.click()
    page.keyboard.press("End")
    for _ in "> 1000":
        page.keyboard.press("Backspace")
    page.keyboard.type(text)
    page.locator("#tests-title").click()


def preview_by_rule(page: Page) -> bool:
    """Ask as Mia whether an order of 1,200 with the usual terms is approved by the rule itself."""
    product = call(page, "GET", "/api/v1/products?limit=1").json()["items"][0]
    customer = call(page, "GET", "/api/v1/customers?search=Northwind").json()["items"][0]
    line = {"product_id": product["id"], "quantity": "1", "unit_price": "1200.00"}
    answer = call(
        page, "POST", "/api/v1/orders/preview", {"customer_id": customer["id"], "lines": [line]}
    ).json()
    return not any("Amount above 1,000" in level["reasons"] for level in answer["levels"])


def test_a_threshold_is_changed_tested_and_published(rules: Page, mia: Page, watch: Watch) -> None:
    watch.allow("422")
    assert not preview_by_rule(mia)
    button(rules, "Run tests Ctrl Enter").click()
    expect(rules.locator("[data-test-results]")).to_contain_text("28 pass")

    set_threshold(rules, "> 1500")
    button(rules, "Run tests Ctrl Enter").click()
    expect(rules.locator("[data-test-results]")).to_contain_text("fail")
    red = rules.locator("tr.failed")
    expect(red.first).to_contain_text("sales_lead")
    # Publishing is refused while a test fails, and says which.
    button(rules, "Publish…").click()
    expect(rules.locator("[data-replay]")).to_contain_text(
        re.compile(r"decided (otherwise|in the same way)|No order was decided")
    )
    rules.get_by_label("What changed, and why").fill("Fewer small approvals")
    button(rules, "Publish").click()
    expect(rules.locator("[data-publish-error]")).to_contain_text("case 3: level is –, expected sales_lead")
    button(rules, "Not yet").click()

    for case in red.all():
        number = case.get_attribute("data-case")
        rules.locator(f'tr[data-case="{number}"] input[data-column="amount"]').fill("1500.01")
    button(rules, "Run tests Ctrl Enter").click()
    expect(rules.locator("[data-test-results]")).to_contain_text("28 pass")
    publish(rules, "Fewer small approvals")

    assert preview_by_rule(mia)
    expect(rules.get_by_role("row", name="Fewer small approvals")).to_be_visible()
    rules.get_by_role("row").last.get_by_role("button", name="Make it the draft").click()
    ready(rules)
    publish(rules, "As it was")
    assert not preview_by_rule(mia)


def test_a_case_lights_the_rules_that_it_hit(rules: Page) -> None:
    button(rules, "Run tests Ctrl Enter").click()

    expect(rules.get_by_role("button", name="rule 1", exact=True).first).to_be_visible()
    rules.locator('tr[data-case="18"]').get_by_role("button", name="rules 1, 8").click()

    lit = rules.locator('#rules td[data-row-id="lead_amount"]').first
    expect(lit).to_have_css("background-color", "rgb(223, 240, 235)")


def test_a_cell_that_is_no_feel_is_found(rules: Page) -> None:
    set_threshold(rules, "> > 1")

    button(rules, "Check").click()

    expect(rules.locator("[data-findings]")).to_contain_text("Rule 1, Amount")
    button(rules, "Publish…").click()
    expect(rules.locator("[data-banner]")).to_contain_text("Not published.")


def test_missing_cases_are_taken_over_and_pass(rules: Page) -> None:
    button(rules, "Run tests Ctrl Enter").click()
    expect(rules.locator("[data-test-results]")).to_contain_text("28 pass")

    button(rules, "Add 13 missing cases").click()

    expect(rules.locator("tr.added")).to_have_count(13)
    expect(rules.locator("tr.added").first.get_by_role("textbox").first).to_be_focused()
    button(rules, "Run tests Ctrl Enter").click()
    expect(rules.locator("[data-test-results]")).to_have_text("41 pass")
    assert violations(rules) == []


def test_what_the_rules_leave_open_is_named_with_a_case(rules: Page) -> None:
    button(rules, "Check").click()

    findings = rules.locator("[data-findings]")
    expect(findings).to_contain_text("no rule for Amount = 500")
    expect(findings.locator(".tag").first).to_have_text("Note")


def test_others_read_the_table_and_change_nothing(mia: Page) -> None:
    mia.goto(POLICY)

    expect(mia.get_by_role("table", name="Approval policy")).to_contain_text("Amount above 1,000")
    expect(mia.get_by_role("button", name="Publish…")).to_have_count(0)
    assert violations(mia) == []


def test_the_table_speaks_chinese(open_page: Open) -> None:
    page = open_page("olga", "/processes", locale="zh-CN")

    page.goto(POLICY)

    ready(page)
    expect(page.locator("#rules")).to_contain_text("命中策略")


def test_the_table_editor_can_be_used_by_everybody(rules: Page) -> None:
    assert violations(rules) == []


def test_findings_stand_beside_the_rows_while_one_edits(rules: Page) -> None:
    findings = rules.locator("[data-findings]")
    mark = "node => getComputedStyle(node, '::after').content"
    number = rules.locator('#rules td.rule-index[data-row-id="lead_amount"]')
    expect(findings).to_contain_text("no rule for Amount = 500")
    assert number.evaluate(mark) == '""'

    set_threshold(rules, "> > 1")

    expect(findings).to_contain_text("`>` stands where a value should")
    assert findings.get_attribute("aria-live") == "polite"
    assert number.evaluate(mark) == '"!"'
    findings.get_by_role("button", name="rule 1").click()
    expect(rules.locator('#rules td[data-row-id="lead_amount"] [contenteditable]').first).to_be_focused()
    assert violations(rules) == []

    set_threshold(rules, "> 1000")

    expect(findings).not_to_contain_text("stands where a value should")
    assert number.evaluate(mark) == '""'


def test_findings_are_told_in_chinese(open_page: Open) -> None:
    page = open_page("olga", "/processes", locale="zh-CN")
    page.goto(POLICY)
    ready(page)
    findings = page.locator("[data-findings]")
    expect(findings).to_contain_text("没有规则适用于 Amount = 500")

    set_threshold(page, "> > 1")

    expect(findings).to_contain_text("规则 1, Amount: `>` 所在的位置应是一个值")
    page.close(run_before_unload=False)
