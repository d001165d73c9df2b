"""The diagrams and tables that we ship, walked from their first step to each of their ends."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import rules
import workflows
from tests.workflows.building import Run

pytestmark = pytest.mark.usefixtures("each_way")

DIAGRAMS = {
    file.name: file.read_bytes()
    for file in sorted((Path(workflows.__file__).parent / "bpmn" / "shared").glob("*.bpmn"))
}
TABLES = {
    file.name: file.read_bytes()
    for file in sorted((Path(rules.__file__).parent / "tables" / "shared").glob("*.dmn"))
}
SMALL = {
    "amount": Decimal("800.00"),
    "discount_percent": Decimal(0),
    "margin_percent": Decimal(30),
    "customer_risk": "low",
    "credit_used_percent": Decimal(20),
    "new_customer": False,
}
LARGE = {**SMALL, "amount": Decimal("12600.50")}


class Order(Run):
    """The lifecycle of one order with the shared tables."""

    def __init__(self) -> None:
        super().__init__(
            *DIAGRAMS.values(), process="order_lifecycle", tables=TABLES, order_id="o-1", requester="mia"
        )

    def submit(self, facts: dict[str, Any]) -> None:
        self.complete("prepare_order", **facts)

    def decide(self, decision: str, name: str = "approve_order") -> None:
        self.complete(name, decision=decision, comment="because")

    def execute(self) -> None:
        self.answer("stock.reserve")
        self.complete("pack_order", comment="")
        self.answer("shipping.create")
        self.answer("mail.send")
        self.message("shipment.delivered")

    def close(self, **evaluation: Any) -> None:
        self.answer("invoice.create", due_on="2026-04-01")
        while self.called and "evaluation.compute" not in self.called:
            self.answer(self.called[0])


def test_every_shared_file_is_executed_without_an_error() -> None:
    findings = workflows.check(DIAGRAMS, TABLES)

    assert [finding for finding in findings if finding.severity == "error"] == []


def test_every_shared_diagram_is_named_as_its_process() -> None:
    deployment = workflows.deploy(DIAGRAMS, TABLES)

    assert {f"{name}.bpmn" for name in deployment.processes} == set(DIAGRAMS)


def test_a_small_order_is_approved_by_rule() -> None:
    order = Order()

    order.submit(SMALL)

    assert order.tasks == []
    assert order.called == ["stock.reserve"]
    assert order.milestones == ["draft", "submitted", "approved", "executing"]


def test_a_large_order_asks_each_team_of_the_policy_in_its_order() -> None:
    order = Order()

    order.submit(LARGE)
    first = order.task("approve_order")
    assert first.candidate_groups == ("sales_lead",)
    assert first.inputs["reasons"] == ["Amount above 1,000"]
    assert first.properties["approval.excluded"] == ["mia"]
    order.decide("approved")
    assert order.task("approve_order").candidate_groups == ("finance",)
    order.decide("approved")

    assert order.called == ["stock.reserve"]


def test_the_decision_of_the_policy_is_kept_with_its_rows() -> None:
    order = Order()

    order.submit(LARGE)

    decided = [event for event in order.events if event.kind == "decided"]
    assert [rule["number"] for rule in decided[0].detail["tables"][0]["rules"]] == [1, 8]


def test_a_rejected_order_ends() -> None:
    order = Order()
    order.submit(LARGE)

    order.decide("rejected")

    assert order.step.finished == "order_over"
    assert order.milestones[-1] == "rejected"


def test_an_order_sent_back_is_revised_and_asked_anew() -> None:
    order = Order()
    order.submit(LARGE)

    order.decide("changes")
    assert order.milestones[-1] == "changes_requested"
    assert order.task("revise_order").inputs == {"comment": "because"}
    order.complete("revise_order", **SMALL)

    assert order.called == ["stock.reserve"]


def test_an_approver_who_does_not_decide_is_reminded_and_then_replaced() -> None:
    order = Order()
    order.submit(LARGE)

    order.advance(days=2)
    assert order.called == ["mail.send"]
    order.answer("mail.send")
    order.advance(days=4)

    assert order.tasks == ["decide_instead"]
    assert order.task("decide_instead").candidate_groups == ("management",)


def test_an_order_that_nobody_decides_expires() -> None:
    order = Order()
    order.submit(LARGE)

    order.advance(days=6)
    order.answer("mail.send")
    order.advance(days=5)

    assert order.milestones[-1] == "expired"
    assert order.step.finished is not None


def test_a_draft_that_is_left_alone_expires() -> None:
    order = Order()

    order.advance(days=30)

    assert order.milestones == ["draft", "expired"]


@pytest.mark.parametrize("when", ["draft", "approval", "execution"])
def test_an_order_is_cancelled_at_any_time_with_stock_released_and_money_refunded(when: str) -> None:
    order = Order()
    if when != "draft":
        order.submit(SMALL if when == "execution" else LARGE)

    order.message("order.cancelled")
    assert order.tasks == []
    for _ in range(6):
        for handler in order.called:
            order.answer(handler)

    assert order.milestones[-1] == "cancelled"
    assert order.step.finished is not None


def test_a_short_order_buys_and_waits_for_the_goods() -> None:
    order = Order()
    order.submit(SMALL)

    order.fail("stock.reserve", "stock.short")
    assert order.called == ["purchase.request"]
    order.answer("purchase.request")
    order.message("stock.received")

    assert order.called == ["stock.reserve"]


def test_a_delivered_order_is_invoiced() -> None:
    order = Order()
    order.submit(SMALL)

    order.execute()

    assert "invoice.create" in order.called
    assert order.milestones[-2:] == ["delivered", "closing"]


def test_a_state_of_a_waiting_approval_is_small() -> None:
    order = Order()
    order.submit(LARGE)

    assert len(order.step.state) <= 1536
