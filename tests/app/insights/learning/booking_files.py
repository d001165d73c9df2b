"""Hotel bookings made up by chance, with a risk that is known: agents and lead time make it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

MONTHS = [date(2000, month, 1).strftime("%B") for month in range(1, 13)]


def write_bookings(file: Path, count: int, *, seed: int = 1, first: date = date(2016, 1, 1)) -> Path:
    """Write bookings of a year from a day on, placed in order, each with the outcome that became known."""
    dice = np.random.default_rng(seed)
    rows = []
    for at in range(count):
        placed = first + timedelta(days=int(at * 365 / count))
        lead, agent = int(dice.integers(0, 90)), int(dice.integers(1, 6))
        arrives, nights = placed + timedelta(days=lead), int(dice.integers(1, 5))
        odds = -2.5 + lead / 30 + (2.0 if agent == 3 else 0.0)
        cancelled = bool(dice.random() < 1 / (1 + np.exp(-odds)))
        cancelled_on = placed + timedelta(days=int(dice.integers(0, lead + 1)))
        known = cancelled_on if cancelled else arrives + timedelta(days=nights)
        rows.append(
            {
                "booking_date": placed.isoformat(),
                "hotel": str(dice.choice(["City", "Resort"])),
                "is_canceled": int(cancelled),
                "lead_time": lead,
                "arrival_date_year": arrives.year,
                "arrival_date_month": MONTHS[arrives.month - 1],
                "arrival_date_day_of_month": arrives.day,
                "stays_in_weekend_nights": 0,
                "stays_in_week_nights": nights,
                "adults": int(dice.integers(1, 4)),
                "children": 0.0,
                "babies": 0,
                "meal": "BB",
                "country": "PRT",
                "market_segment": "Direct",
                "distribution_channel": "Direct",
                "is_repeated_guest": 0,
                "previous_cancellations": 0,
                "previous_bookings_not_canceled": 0,
                "reserved_room_type": "A",
                "assigned_room_type": "A",
                "booking_changes": 0,
                "deposit_type": "No Deposit",
                "agent": f"{agent}.0",
                "days_in_waiting_list": 0,
                "customer_type": "Transient",
                "required_car_parking_spaces": int(not cancelled and dice.random() < 0.3),
                "total_of_special_requests": 0,
                "reservation_status": "Canceled" if cancelled else "Check-Out",
                "reservation_status_date": known.isoformat(),
            }
        )
    pd.DataFrame(rows).to_csv(file, index=False)
    return file
