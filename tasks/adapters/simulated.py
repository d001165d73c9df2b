"""Parties that are not there: quick, mostly reliable, and marked as simulated wherever their work shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.orders.fulfilment import Booking, Parcel, Promise, Wish
from app.orders.invoicing import Bill
from app.orders.payments import Movement, Provider
from tasks.adapters import chance
from tasks.adapters.parties import DeclinedError, PurchaseRefusedError, Tracking


@dataclass(frozen=True, slots=True)
class SimulatedCarrier:
    """Delivers after about `seconds`; a parcel that it loses is never reported."""

    seconds: float = 4.0
    lost_percent: float = 0.0

    def book(self, parcel: Parcel, key: UUID, now: datetime) -> Booking:
        tracking_number = f"SIM{chance.digits(10, parcel.order_id, key)}"
        arrives_at = now + chance.about(self.seconds, tracking_number)
        return Booking(
            carrier="Simulated carrier",
            tracking_number=tracking_number,
            expected_on=arrives_at.date(),
            is_simulated=True,
            arrives_at=None if self._loses(tracking_number) else arrives_at,
        )

    def recall(self, tracking_number: str, key: UUID) -> None:
        """A simulated parcel comes back by itself."""

    def track(self, tracking_number: str) -> Tracking:
        return Tracking.LOST if self._loses(tracking_number) else Tracking.IN_TRANSIT

    def _loses(self, tracking_number: str) -> bool:
        return chance.happens(self.lost_percent, tracking_number)


@dataclass(frozen=True, slots=True)
class SimulatedSupplier:
    """Delivers after about `seconds`."""

    seconds: float = 6.0
    refused_percent: float = 0.0

    def request(self, wish: Wish, key: UUID, now: datetime) -> Promise:
        if chance.happens(self.refused_percent, wish.order_id, key):
            raise PurchaseRefusedError("the simulated supplier has none left")
        arrives_at = now + chance.about(self.seconds, wish.order_id, key)
        return Promise(
            supplier="Simulated supplier",
            reference=f"PO{chance.digits(8, wish.order_id, key)}",
            expected_on=arrives_at.date(),
            is_simulated=True,
            arrives_at=arrives_at,
        )


@dataclass(frozen=True, slots=True)
class SimulatedPayments:
    """Customers pay about `seconds` after the invoice; some cards are declined."""

    seconds: float = 5.0
    declined_percent: float = 0.0

    @property
    def provider(self) -> Provider:
        return Provider("Simulated payments", is_simulated=True)

    def present(self, bill: Bill, key: UUID, now: datetime) -> datetime | None:
        return now + chance.about(self.seconds, bill.order_id, key)

    def collect(self, movement: Movement, key: UUID) -> str:
        return self._move("PAY", movement, key)

    def refund(self, movement: Movement, key: UUID) -> str:
        return self._move("REF", movement, key)

    def _move(self, kind: str, movement: Movement, key: UUID) -> str:
        if chance.happens(self.declined_percent, kind, movement.order_id, key):
            raise DeclinedError("the simulated bank declined")
        return f"{kind}{chance.digits(10, movement.order_id, key)}"


@dataclass(frozen=True, slots=True)
class SimulatedCustomer:
    """Answers the question about an order after about `seconds`, content more often than not."""

    seconds: float = 6.0

    def answers_at(self, order_id: UUID, key: UUID, now: datetime) -> datetime:
        return now + chance.about(self.seconds, order_id, key)

    def score(self, order_id: UUID, key: UUID) -> int:
        return chance.pick(3, 5, order_id, key)
