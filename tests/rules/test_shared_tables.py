"""The shipped tables, by the tests beside them."""

from pathlib import Path

import pytest

import rules
from rules import dmn
from rules.dmn.check import check_document
from rules.dmn.testing import run_tests

TABLES = sorted((Path(rules.__file__).parent / "tables").rglob("*.dmn"))


@pytest.mark.parametrize("path", TABLES, ids=[path.stem for path in TABLES])
def test_a_shipped_table_passes_its_own_tests(path: Path) -> None:
    document = path.read_bytes()
    model = dmn.load(document)
    tests = path.with_suffix(".tests.csv").read_text(encoding="utf-8")

    report = run_tests(model, path.stem, tests)

    assert [row for row in report.rows if not row.passed] == []
    assert report.complete, report.unhit
    assert [each for each in check_document(document) if each.severity != "information"] == []


def test_a_decision_explains_itself() -> None:
    path = next(path for path in TABLES if path.stem == "approval_policy")
    inputs = {
        "amount": 1_500, "discount_percent": 0, "margin_percent": 30,
        "customer_risk": "low", "credit_used_percent": 20, "new_customer": False,
    }  # fmt: skip

    outcome = dmn.load(path.read_bytes()).decide("approval_policy", inputs)

    assert outcome.value == [{"level": "sales_lead", "reason": "Amount above 1,000"}]
    assert outcome.matched == (1,)
    assert outcome.evidence[0].hits[0].annotation == "Above 1,000 someone besides the seller looks."
