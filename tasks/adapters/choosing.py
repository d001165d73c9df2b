"""Which party an organisation works with: `parties` in its settings, simulators unless it says otherwise.

{"parties": {"carrier": {"kind": "http", "name": "DHL", "url": "https://…", "token": "…"},
             "supplier": {"kind": "simulator", "seconds": 6, "refused_percent": 5},
             "payments": {"kind": "simulator", "seconds": 5, "declined_percent": 2},
             "customer": {"kind": "simulator", "seconds": 6}}}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.accounts.models import Organisation
from app.config import settings
from app.database import reading
from tasks.adapters.over_http import Connection, HttpCarrier, HttpPayments, HttpSupplier
from tasks.adapters.parties import Carrier, PaymentProvider, Supplier
from tasks.adapters.simulated import (
    SimulatedCarrier,
    SimulatedCustomer,
    SimulatedPayments,
    SimulatedSupplier,
)
from tasks.reaching import Gate

SIMULATOR, HTTP = "simulator", "http"


class PartySettingError(Exception):
    """An organisation's settings name a party that cannot be used."""

    def __init__(self, party: str, problem: str) -> None:
        super().__init__(f"the setting parties.{party} {problem}")
        self.party = party


def carrier_of(org_id: UUID) -> Carrier:
    said = _settings(org_id, "carrier")
    if _kind(said, "carrier") == HTTP:
        return HttpCarrier(_connection(said, "carrier"))
    return SimulatedCarrier(**_figures(said, "carrier", "seconds", "lost_percent"))


def supplier_of(org_id: UUID) -> Supplier:
    said = _settings(org_id, "supplier")
    if _kind(said, "supplier") == HTTP:
        return HttpSupplier(_connection(said, "supplier"))
    return SimulatedSupplier(**_figures(said, "supplier", "seconds", "refused_percent"))


def payment_provider_of(org_id: UUID) -> PaymentProvider:
    said = _settings(org_id, "payments")
    if _kind(said, "payments") == HTTP:
        return HttpPayments(_connection(said, "payments"))
    return SimulatedPayments(**_figures(said, "payments", "seconds", "declined_percent"))


def customer_of(org_id: UUID) -> SimulatedCustomer | None:
    """Return the customer who answers by themselves; None where customers are real, as usual."""
    said = _settings(org_id, "customer")
    if said.get("kind") != SIMULATOR:
        return None
    return SimulatedCustomer(**_figures(said, "customer", "seconds"))


def _settings(org_id: UUID, party: str) -> Mapping[str, Any]:
    with reading(org_id) as tx:
        business = tx.session.get_one(Organisation, org_id).settings
    said = business.get("parties", {}).get(party, {})
    if not isinstance(said, Mapping):
        raise PartySettingError(party, "is not an object")
    return said


def _kind(said: Mapping[str, Any], party: str) -> str:
    kind = said.get("kind", SIMULATOR)
    if kind not in (SIMULATOR, HTTP):
        raise PartySettingError(party, f"has the kind {kind!r}, which is neither simulator nor http")
    return str(kind)


def _connection(said: Mapping[str, Any], party: str) -> Connection:
    url = said.get("url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise PartySettingError(party, "has no url")
    name, token = str(said.get("name") or party), str(said.get("token") or "")
    return Connection(name, url, token, Gate.of(settings()))


def _figures(said: Mapping[str, Any], party: str, *names: str) -> dict[str, float]:
    figures = {}
    for name in names:
        if name in said:
            value = said[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise PartySettingError(party, f"has a {name} that is no number from 0 up")
            figures[name] = float(value)
    return figures
