"""What a diagram may ask machines to do: the handlers that workers have, and what each must be told.

Workers sign their functions up under these names (`tasks.handlers`); they load what web processes must not.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_OF_AN_ORDER = frozenset({"order_id"})

# By name, the inputs without which a call cannot be performed.
HANDLERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "stock.reserve": _OF_AN_ORDER,
        "stock.release": _OF_AN_ORDER,
        "purchase.request": _OF_AN_ORDER,
        "shipping.create": _OF_AN_ORDER,
        "shipping.track": _OF_AN_ORDER,
        "invoice.create": _OF_AN_ORDER,
        "payment.record": _OF_AN_ORDER,
        "payment.refund": _OF_AN_ORDER,
        "evaluation.compute": _OF_AN_ORDER | {"promised_on", "delivered_on"},
        "feedback.request": _OF_AN_ORDER,
        "order.archive": _OF_AN_ORDER,
        "need.remind": frozenset({"need_id"}),
        "mail.send": frozenset({"template", "to"}),
        "http.call": frozenset({"url"}),
    }
)
# Placet asks these of its workers itself; a diagram cannot.
INTERNAL = frozenset(
    {
        "mail.deliver",
        "process.message",
        "party.report",
        "simulator.event",
        "experiments.look",
        "surveys.estimate",
        "needs.import",
        "needs.unpack",
        "insights.group_table",
    }
)
