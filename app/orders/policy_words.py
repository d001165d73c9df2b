"""What the tables that decide about orders are given, in words: the editor offers it for a new column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.wording import Wording, translated, worded


@dataclass(frozen=True, slots=True)
class TableInput:
    """A name that a table may ask; `kind` is a type of DMN, `values` are all of it where they are few."""

    name: str
    label: Wording
    kind: str
    meaning: Wording
    values: tuple[str, ...] = ()

    def in_readers_language(self) -> dict[str, Any]:
        """Return it for the editor; `values` are written as a table writes them."""
        return {
            "name": self.name,
            "label": translated(self.label),
            "type": self.kind,
            "meaning": translated(self.meaning),
            "values": [f'"{value}"' for value in self.values],
        }


_AMOUNT = TableInput(
    "amount",
    worded("Amount"),
    "number",
    worded("What the customer pays, with tax, in the currency of the business."),
)
_MARGIN = TableInput(
    "margin_percent", worded("Margin %"), "number", worded("What is left of the net after cost, in percent.")
)
# The first are the fields of PolicyInputs; the others what the flow of closing has when it asks its table.
_OF_TABLES = {
    "approval_policy.dmn": (
        _AMOUNT,
        TableInput(
            "discount_percent",
            worded("Discount %"),
            "number",
            worded("The discount over all lines, in percent."),
        ),
        _MARGIN,
        TableInput(
            "customer_risk",
            worded("Customer risk"),
            "string",
            worded("How sales judge the customer."),
            ("low", "medium", "high"),
        ),
        TableInput(
            "credit_used_percent",
            worded("Credit used %"),
            "number",
            worded(
                "How much of the customer's credit line is used with this order; 1000 where they have none."
            ),
        ),
        TableInput(
            "new_customer", worded("New customer"), "boolean", worded("The customer has no closed order yet.")
        ),
        TableInput(
            "order_risk",
            worded("Order risk"),
            "number",
            worded(
                "How likely the order is cancelled, returned, late or not paid in time, from 0 to 1. "
                "Nothing, so that no row matches, while no model is in use."
            ),
        ),
        TableInput(
            "order_risk_level",
            worded("Order risk level"),
            "string",
            worded(
                "Whether the order's risk is lower or higher than usual for the business. "
                "Nothing, so that no row matches, while no model is in use."
            ),
            ("lower", "usual", "higher"),
        ),
    ),
    "closing_policy.dmn": (
        _AMOUNT,
        TableInput("paid", worded("Paid"), "boolean", worded("The money has come.")),
        TableInput(
            "complete", worded("Complete"), "boolean", worded("Everything that was ordered was delivered.")
        ),
        TableInput(
            "on_time", worded("On time"), "boolean", worded("Delivered by the day that was promised.")
        ),
        TableInput(
            "days_late",
            worded("Days late"),
            "number",
            worded("Days after the promised one; 0 where it was kept."),
        ),
        _MARGIN,
        TableInput(
            "feedback_score",
            worded("Feedback, 1 to 5"),
            "number",
            worded("The score that the customer gave; nothing where they gave none."),
        ),
    ),
}


def inputs_of(table: str) -> list[dict[str, Any]]:
    """Return what this file's table is given when an order is decided; of other tables nothing is known."""
    return [each.in_readers_language() for each in _OF_TABLES.get(table, ())]
