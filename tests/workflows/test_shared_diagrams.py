"""The diagrams and tables that we ship, walked from their first step to each of their ends."""

from __future__ import annotations

from datetime import timedelta
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


@pytest.mark.parametrize("when", ["draft", "approval", "revision", "execution", "closing"])
def test_an_order_is_cancelled_at_any_time_with_stock_released_and_money_refunded(when: str) -> None:
    order = Order()
    if when != "draft":
        order.submit(SMALL if when in ("execution", "closing") else LARGE)
    if when == "revision":
        order.decide("changes")
    if when == "closing":
        order.execute()

    order.message("order.cancelled")
    assert order.tasks == []
    assert order.called == ["payment.refund", "stock.release"]
    order.answer("stock.release")
    assert order.called == ["payment.refund"]
    order.answer("payment.refund")
    assert order.called == ["mail.send"]
    order.answer("mail.send")

    assert order.milestones[-1] == "cancelled"
    assert order.step.finished == "order_cancelled_end"


def test_a_refund_that_is_declined_is_made_by_hand() -> None:
    order = Order()
    order.message("order.cancelled")

    order.fail("payment.refund", "payment.declined")
    assert order.task("refund_by_hand").candidate_groups == ("finance",)
    order.answer("stock.release")
    order.complete("refund_by_hand")

    assert order.called == ["mail.send"]


def test_what_was_cancelled_cannot_be_cancelled_again() -> None:
    order = Order()
    order.message("order.cancelled")

    with pytest.raises(workflows.NotAwaitedError):
        order.message("order.cancelled")


def test_a_revision_that_is_left_alone_expires() -> None:
    order = Order()
    order.submit(LARGE)
    order.decide("changes")

    order.advance(days=14)

    assert order.milestones[-1] == "expired"
    assert order.step.finished == "order_over"


@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_order_may_be_sent_back_again_and_again_and_every_team_is_asked_each_time(times: int) -> None:
    order = Order()
    order.submit(LARGE)

    for _ in range(times):
        order.decide("approved")
        assert order.task("approve_order").candidate_groups == ("finance",)
        order.decide("changes")
        order.complete("revise_order", **LARGE)
        assert order.task("approve_order").candidate_groups == ("sales_lead",)
    order.decide("approved")
    order.decide("approved")

    assert order.called == ["stock.reserve"]
    assert order.milestones.count("changes_requested") == times


def test_a_decision_of_management_does_not_wait_for_a_reminder_that_is_still_on_its_way() -> None:
    order = Order()
    order.submit(LARGE)
    order.advance(days=6)

    assert order.task("decide_instead").inputs["instead_of"] == "sales_lead"
    assert order.called == ["mail.send"]
    order.decide("rejected", "decide_instead")

    assert order.milestones[-1] == "rejected"
    assert order.called == []


def test_a_short_order_buys_and_waits_for_the_goods() -> None:
    order = Order()
    order.submit(SMALL)

    order.fail("stock.reserve", "stock.short")
    assert order.called == ["purchase.request"]
    order.answer("purchase.request")
    order.message("stock.received")

    assert order.called == ["stock.reserve"]


def _short() -> Order:
    order = Order()
    order.submit(SMALL)
    order.fail("stock.reserve", "stock.short")
    return order


@pytest.mark.parametrize("why", ["the purchase is refused", "the goods do not come"])
def test_a_short_order_that_cannot_be_bought_is_for_sales_to_save(why: str) -> None:
    order = _short()
    if why == "the purchase is refused":
        order.fail("purchase.request", "purchase.refused")
    else:
        order.answer("purchase.request")
        order.advance(days=10)
    assert order.task("find_a_way").candidate_groups == ("sales",)

    order.complete("find_a_way", way="try again")

    assert order.called == ["stock.reserve"]
    assert order.step.next_due is None


def test_an_order_that_is_given_up_releases_its_stock_and_tells_the_customer() -> None:
    order = _short()
    order.fail("purchase.request", "purchase.refused")

    order.complete("find_a_way", way="give up")
    order.answer("stock.release")
    assert order.called == ["mail.send"]
    order.answer("mail.send")

    assert order.milestones[-1] == "cancelled"
    assert order.step.finished == "order_over"


def _shipped() -> Order:
    order = Order()
    order.submit(SMALL)
    order.answer("stock.reserve")
    order.complete("pack_order")
    order.answer("shipping.create")
    order.answer("mail.send")
    return order


def test_a_late_parcel_is_traced_until_it_comes() -> None:
    order = _shipped()

    for _ in range(3):
        order.advance(days=5)
        order.answer("shipping.track")
    order.message("shipment.delivered")

    assert order.milestones[-2:] == ["delivered", "closing"]


def test_a_lost_parcel_is_for_sales_to_save() -> None:
    order = _shipped()
    order.advance(days=5)

    order.fail("shipping.track", "shipment.lost")

    assert order.tasks == ["find_a_way"]
    assert order.task("find_a_way").priority == 80


def test_a_delivered_order_is_invoiced_evaluated_and_asked_about() -> None:
    order = Order()
    order.submit(SMALL)

    order.execute()

    assert order.called == ["evaluation.compute", "feedback.request", "invoice.create"]
    assert order.milestones[-2:] == ["delivered", "closing"]


GOOD = {"on_time": True, "complete": True, "margin_percent": Decimal(20)}


def _delivered(**evaluation: Any) -> Order:
    order = _shipped()
    order.message("shipment.delivered")
    order.answer("invoice.create", due_on=(order.now + timedelta(days=30)).date())
    order.answer("evaluation.compute", **{**GOOD, **evaluation})
    order.answer("feedback.request")
    return order


def test_an_order_that_went_well_is_closed_by_rule() -> None:
    order = _delivered()

    order.message("payment.received")
    order.answer("payment.record")
    assert order.called == []
    order.message("feedback.received", feedback_score=5)
    assert order.called == ["order.archive"]
    order.answer("order.archive")

    assert order.milestones[-1] == "closed"
    assert order.step.finished == "order_over"
    assert order.stuck == []


def test_an_order_that_went_badly_is_closed_by_a_person() -> None:
    order = _delivered(complete=False)
    order.message("payment.received")
    order.answer("payment.record")
    order.message("feedback.received", feedback_score=4)

    closing = order.task("decide_closing")
    assert (closing.candidate_groups, closing.inputs["reason"]) == (("sales",), "Not complete")
    order.complete("decide_closing", close_now=False)
    assert order.tasks == []
    order.advance(days=7)
    order.complete("decide_closing", close_now=True)
    order.answer("order.archive")

    assert order.milestones[-1] == "closed"


def test_a_customer_who_says_nothing_is_reminded_once_and_then_left_alone() -> None:
    order = _delivered()
    order.message("payment.received")
    order.answer("payment.record")

    order.advance(days=7)
    assert order.called == ["mail.send"]
    order.answer("mail.send")
    order.advance(days=14)

    assert order.called == ["order.archive"]


def test_a_late_payment_is_reminded_of_and_then_decided_by_finance() -> None:
    order = _delivered()
    order.message("feedback.received", feedback_score=4)

    for _ in range(4):
        order.advance(days=14)
        assert order.called == ["mail.send"]
        order.answer("mail.send")
    order.advance(days=14)
    assert order.task("decide_debt").candidate_groups == ("finance",)
    order.complete("decide_debt", more_time=True)
    assert order.called == ["mail.send"]
    order.answer("mail.send")
    order.advance(days=14)
    order.complete("decide_debt", more_time=False)

    assert order.task("decide_closing").inputs["reason"] == "Not paid"


def test_a_payment_that_is_declined_is_decided_by_finance() -> None:
    order = _delivered()
    order.message("payment.received")

    order.fail("payment.record", "payment.declined")

    assert order.tasks == ["decide_debt"]


def test_a_state_of_a_waiting_approval_is_small() -> None:
    order = Order()
    order.submit(LARGE)

    assert len(order.step.state) <= 1536
