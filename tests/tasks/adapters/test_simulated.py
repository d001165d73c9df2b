"""Simulated parties keep to what they said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.columns import new_id
from app.moments import utc_now
from app.orders.fulfilment import Parcel
from app.orders.payments import Movement
from tasks.adapters import DeclinedError, Tracking, chance
from tasks.adapters.simulated import SimulatedCarrier, SimulatedCustomer, SimulatedPayments

ORDER, KEY = new_id(), new_id()
PARCEL = Parcel(ORDER, "O-1", "A", "", "", "", "", ())


def test_the_same_call_books_the_same_parcel() -> None:
    carrier, now = SimulatedCarrier(), utc_now()

    assert carrier.book(PARCEL, KEY, now) == carrier.book(PARCEL, KEY, now)


def test_a_parcel_arrives_around_its_time() -> None:
    now = utc_now()

    booking = SimulatedCarrier(seconds=10).book(PARCEL, KEY, now)

    assert booking.arrives_at is not None
    assert 5 <= (booking.arrives_at - now).total_seconds() <= 15


def test_a_parcel_that_will_be_lost_is_never_delivered() -> None:
    carrier = SimulatedCarrier(lost_percent=100)

    booking = carrier.book(PARCEL, KEY, utc_now())

    assert booking.arrives_at is None
    assert carrier.track(booking.tracking_number) is Tracking.LOST


def test_about_as_much_goes_wrong_as_is_set() -> None:
    wrong = sum(chance.happens(10, "order", number) for number in range(2000))

    assert 120 < wrong < 280


def test_a_declined_payment_is_declined_again() -> None:
    bank = SimulatedPayments(declined_percent=100)
    movement = Movement(ORDER, "O-1", "INV-1", Decimal(1), "EUR")

    for _ in range(2):
        with pytest.raises(DeclinedError):
            bank.collect(movement, KEY)


def test_a_simulated_customer_is_content_more_often_than_not() -> None:
    scores = [SimulatedCustomer().score(ORDER, new_id()) for _ in range(50)]

    assert set(scores) <= {3, 4, 5}
