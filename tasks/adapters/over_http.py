"""Real parties over HTTP: JSON, the service call's id as idempotency key, and clear words when it fails.

What a party must offer stands in docs/reference/parties.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from app.orders.fulfilment import Booking, Parcel, Promise, Wish
from app.orders.invoicing import Bill
from app.orders.payments import Movement, Provider
from tasks.adapters.parties import DeclinedError, PurchaseRefusedError, Tracking
from tasks.reaching import ForbiddenAddressError, Gate

# A call's worker ends at 20 s: a party that is slower is tried again.
TIMEOUT = httpx.Timeout(10.0, connect=4.0)
REFUSALS = (402, 409, 422)


class PartyFailedError(Exception):
    """A party could not be reached, or answered what we cannot use; it is tried again."""


class SaidNoError(PartyFailedError):
    """A party answered no; where a no is no answer, it counts as a failure."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a party is reached."""

    name: str
    url: str
    token: str = ""
    gate: Gate | None = None

    def post(self, path: str, body: Mapping[str, Any], key: UUID) -> dict[str, Any]:
        return self._send("POST", path, key, dict(body))

    def get(self, path: str) -> dict[str, Any]:
        return self._send("GET", path, None, None)

    def _send(self, method: str, path: str, key: UUID | None, body: Any) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        url = f"{self.url.rstrip('/')}{path}"
        self._refuse_forbidden(url)
        try:
            with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
                answer = client.request(method, url, json=body, headers=headers)
        except httpx.HTTPError as error:
            raise PartyFailedError(f"{self.name} could not be reached: {error}") from error
        return self._read(answer)

    def _refuse_forbidden(self, url: str) -> None:
        """An administrator of one business must not reach into the installation's own network."""
        try:
            if self.gate:
                self.gate.address_of(httpx.URL(url))
        except (ForbiddenAddressError, OSError, httpx.InvalidURL) as error:
            raise PartyFailedError(f"{self.name} could not be reached: {error}") from error

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        content = _json(answer)
        if answer.status_code in REFUSALS:
            raise SaidNoError(str(content.get("message") or f"{self.name} answered {answer.status_code}"))
        if not answer.is_success:
            raise PartyFailedError(f"{self.name} answered {answer.status_code}")
        return content


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _text(connection: Connection, content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 80:
        raise PartyFailedError(f"{connection.name} answered without {name}")
    return value


def _day(connection: Connection, content: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(connection, content, name))
    except ValueError:
        raise PartyFailedError(f"{connection.name} answered a {name} that is no date") from None


@dataclass(frozen=True, slots=True)
class HttpCarrier:
    """POST /shipments, GET /shipments/{tracking_number}, POST /shipments/{tracking_number}/recall."""

    connection: Connection

    def book(self, parcel: Parcel, key: UUID, now: datetime) -> Booking:
        body = {
            "order_number": parcel.order_number,
            "recipient": parcel.recipient,
            "street": parcel.street,
            "postcode": parcel.postcode,
            "city": parcel.city,
            "country": parcel.country,
            "goods": [{"sku": sku, "quantity": f"{quantity:f}"} for sku, quantity in parcel.goods],
        }
        content = self.connection.post("/shipments", body, key)
        return Booking(
            carrier=self.connection.name,
            tracking_number=_text(self.connection, content, "tracking_number"),
            expected_on=_day(self.connection, content, "expected_on"),
            is_simulated=False,
        )

    def recall(self, tracking_number: str, key: UUID) -> None:
        with suppress(SaidNoError):  # it has arrived, or left: nothing can be done any more
            self.connection.post(f"/shipments/{quote(tracking_number, safe='')}/recall", {}, key)

    def track(self, tracking_number: str) -> Tracking:
        content = self.connection.get(f"/shipments/{quote(tracking_number, safe='')}")
        status = _text(self.connection, content, "status")
        if status not in Tracking.__members__.values():
            raise PartyFailedError(f"{self.connection.name} answered the unknown status {status}")
        return Tracking(status)


@dataclass(frozen=True, slots=True)
class HttpSupplier:
    """POST /purchases; 409 or 422 with a `message` is a refusal."""

    connection: Connection

    def request(self, wish: Wish, key: UUID, now: datetime) -> Promise:
        goods = [{"sku": short.sku, "quantity": f"{short.missing:f}"} for short in wish.goods]
        body = {"order_number": wish.order_number, "goods": goods}
        try:
            content = self.connection.post("/purchases", body, key)
        except SaidNoError as error:
            raise PurchaseRefusedError(str(error)) from error
        return Promise(
            supplier=self.connection.name,
            reference=_text(self.connection, content, "reference"),
            expected_on=_day(self.connection, content, "expected_on"),
            is_simulated=False,
        )


@dataclass(frozen=True, slots=True)
class HttpPayments:
    """POST /invoices, /payments and /refunds; 402, 409 or 422 with a `message` is a refusal."""

    connection: Connection

    @property
    def provider(self) -> Provider:
        return Provider(self.connection.name, is_simulated=False)

    def present(self, bill: Bill, key: UUID, now: datetime) -> datetime | None:
        body = {
            "invoice_number": bill.invoice_number,
            "order_number": bill.order_number,
            "amount": f"{bill.amount:f}",
            "currency": bill.currency,
            "due_on": bill.due_on.isoformat(),
        }
        self.connection.post("/invoices", body, key)
        return None

    def collect(self, movement: Movement, key: UUID) -> str:
        return self._move("/payments", movement, key)

    def refund(self, movement: Movement, key: UUID) -> str:
        return self._move("/refunds", movement, key)

    def _move(self, path: str, movement: Movement, key: UUID) -> str:
        body = {
            "invoice_number": movement.invoice_number,
            "order_number": movement.order_number,
            "amount": f"{movement.amount:f}",
            "currency": movement.currency,
        }
        try:
            content = self.connection.post(path, body, key)
        except SaidNoError as error:
            raise DeclinedError(str(error)) from error
        return _text(self.connection, content, "reference")
