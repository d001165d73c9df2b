"""What we ask of the parties outside; every request carries the service call's id, so that it counts once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.orders.fulfilment import Booking, Parcel, Promise, Wish
from app.orders.invoicing import Bill
from app.orders.payments import Movement, Provider


class Tracking(StrEnum):
    """Where a parcel is, as its carrier says."""

    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    LOST = "lost"


class PurchaseRefusedError(Exception):
    """The supplier will not deliver; the message says why."""


class DeclinedError(Exception):
    """The money does not move; the message says why."""


class Carrier(Protocol):
    def book(self, parcel: Parcel, key: UUID, now: datetime) -> Booking: ...

    def recall(self, tracking_number: str, key: UUID) -> None:
        """Call a parcel back that the order no longer wants."""

    def track(self, tracking_number: str) -> Tracking: ...


class Supplier(Protocol):
    def request(self, wish: Wish, key: UUID, now: datetime) -> Promise:
        """Raise PurchaseRefusedError where the supplier will not deliver."""


class PaymentProvider(Protocol):
    @property
    def provider(self) -> Provider: ...

    def present(self, bill: Bill, key: UUID, now: datetime) -> datetime | None:
        """Present an invoice; a simulator says when it will be paid."""

    def collect(self, movement: Movement, key: UUID) -> str:
        """Return the provider's reference; raise DeclinedError."""

    def refund(self, movement: Movement, key: UUID) -> str:
        """Return the provider's reference; raise DeclinedError."""
