"""Real parties: what is sent, what is understood, and what is said when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from app.catalogue.stock import Short
from app.columns import new_id
from app.moments import utc_now
from app.orders.fulfilment import Parcel, Wish
from app.orders.invoicing import Bill
from app.orders.payments import Movement
from tasks.adapters import DeclinedError, PurchaseRefusedError, Tracking
from tasks.adapters.over_http import Connection, HttpCarrier, HttpPayments, HttpSupplier, PartyFailedError
from tests.tasks.adapters.party import Party, a_party

KEY = UUID("0199c0de-0000-7000-8000-000000000001")
PARCEL = Parcel(new_id(), "O-1001", "Northwind", "1 Quay", "20457", "Hamburg", "DE", (("CHR", Decimal(2)),))
WISH = Wish(new_id(), "O-1001", (Short(new_id(), "CHR", Decimal("2.5")),))
MOVEMENT = Movement(new_id(), "O-1001", "INV-1001", Decimal("238.00"), "EUR")


@pytest.fixture
def party() -> Iterator[Party]:
    with a_party() as made:
        yield made


def _connection(party: Party) -> Connection:
    return Connection("Swift Parcels", party.url, "secret-token")


def test_a_parcel_is_booked_under_the_calls_key(party: Party) -> None:
    party.answers["POST", "/v1/shipments"] = (201, {"tracking_number": "SP1", "expected_on": "2026-12-01"})

    booking = HttpCarrier(_connection(party)).book(PARCEL, KEY, utc_now())

    assert (booking.carrier, booking.tracking_number) == ("Swift Parcels", "SP1")
    assert booking.expected_on == date(2026, 12, 1)
    assert not booking.is_simulated
    assert booking.arrives_at is None
    asked = party.asked[0]
    assert asked.headers["idempotency-key"] == str(KEY)
    assert asked.headers["authorization"] == "Bearer secret-token"
    assert asked.body["goods"] == [{"sku": "CHR", "quantity": "2"}]


@pytest.mark.parametrize("status", list(Tracking))
def test_a_parcel_is_tracked(party: Party, status: Tracking) -> None:
    party.answers["GET", "/v1/shipments/SP%2F1"] = (200, {"status": str(status)})

    assert HttpCarrier(_connection(party)).track("SP/1") is status


def test_a_parcel_that_cannot_be_recalled_any_more_is_let_go(party: Party) -> None:
    party.answers["POST", "/v1/shipments/SP1/recall"] = (409, {"message": "delivered"})

    HttpCarrier(_connection(party)).recall("SP1", KEY)

    assert [asked.path for asked in party.asked] == ["/v1/shipments/SP1/recall"]


def test_goods_are_asked_of_a_supplier(party: Party) -> None:
    party.answers["POST", "/v1/purchases"] = (200, {"reference": "PO-7", "expected_on": "2026-12-03"})

    promise = HttpSupplier(_connection(party)).request(WISH, KEY, utc_now())

    assert (promise.reference, promise.expected_on) == ("PO-7", date(2026, 12, 3))
    assert party.asked[0].body == {"order_number": "O-1001", "goods": [{"sku": "CHR", "quantity": "2.5"}]}


def test_a_suppliers_refusal_says_why(party: Party) -> None:
    party.answers["POST", "/v1/purchases"] = (422, {"message": "discontinued"})

    with pytest.raises(PurchaseRefusedError, match="discontinued"):
        HttpSupplier(_connection(party)).request(WISH, KEY, utc_now())


def test_an_invoice_is_presented_and_money_collected_and_refunded(party: Party) -> None:
    party.answers["POST", "/v1/invoices"] = (201, {})
    party.answers["POST", "/v1/payments"] = (200, {"reference": "P-1"})
    party.answers["POST", "/v1/refunds"] = (200, {"reference": "R-1"})
    bank = HttpPayments(_connection(party))
    bill = Bill(new_id(), "O-1001", "INV-1001", Decimal("238.00"), "EUR", date(2026, 12, 24))

    pays_at = bank.present(bill, KEY, utc_now())
    references = bank.collect(MOVEMENT, KEY), bank.refund(MOVEMENT, KEY)

    assert pays_at is None
    assert references == ("P-1", "R-1")
    assert party.asked[0].body["due_on"] == "2026-12-24"
    assert party.asked[1].body["amount"] == "238.00"


@pytest.mark.parametrize("status", [402, 409, 422])
def test_declined_money_does_not_move(party: Party, status: int) -> None:
    party.answers["POST", "/v1/payments"] = (status, {"message": "insufficient funds"})

    with pytest.raises(DeclinedError, match="insufficient funds"):
        HttpPayments(_connection(party)).collect(MOVEMENT, KEY)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param((500, {}), "answered 500", id="broken"),
        pytest.param((302, {}), "answered 302", id="sent elsewhere"),
        pytest.param((200, {"expected_on": "2026-12-01"}), "without tracking_number", id="no number"),
        pytest.param((200, {"tracking_number": "1", "expected_on": "soon"}), "no date", id="no date"),
        pytest.param((200, [1]), "without tracking_number", id="a list"),
        pytest.param((200, b"<html>"), "without tracking_number", id="no JSON"),
        pytest.param((200, {"tracking_number": "x" * 81}), "without tracking_number", id="too long"),
    ],
)
def test_what_cannot_be_used_is_a_failure_that_names_the_party(
    party: Party, answer: tuple[int, object], said: str
) -> None:
    party.answers["POST", "/v1/shipments"] = answer

    with pytest.raises(PartyFailedError, match=said) as failed:
        HttpCarrier(_connection(party)).book(PARCEL, KEY, utc_now())

    assert "Swift Parcels" in str(failed.value)


def test_an_unknown_status_is_a_failure(party: Party) -> None:
    party.answers["GET", "/v1/shipments/SP1"] = (200, {"status": "eaten"})

    with pytest.raises(PartyFailedError, match="eaten"):
        HttpCarrier(_connection(party)).track("SP1")


def test_a_party_that_is_not_there_is_a_failure() -> None:
    with a_party() as gone:
        url = gone.url

    with pytest.raises(PartyFailedError, match="could not be reached"):
        HttpCarrier(Connection("Swift Parcels", url)).track("SP1")
