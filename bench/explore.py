"""How long exploring a million needs takes: grouped, added up, and put across, as pages ask."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import median

import psycopg

from app.accounts.actor import Actor
from app.accounts.models import Role
from app.database import reading
from app.needs import board, commands, explore, funnel
from app.needs.explore import Measure, Question, Side
from app.needs.queries import Filter
from bench import business, results
from bench.business import Business
from bench.harness import installation
from tasks.embedded.postgres import SUPERUSER

NEEDS = 1_000_000
ROUNDS = 5
_BY = Question(currency="EUR")
QUESTIONS = {
    "type": _BY,
    "channel_worth": replace(_BY, rows=Side.CHANNEL, measure=Measure.VALUE),
    "time": replace(_BY, rows=Side.TIME),
    "type_by_time": replace(_BY, columns=Side.TIME, measure=Measure.MEAN_VALUE),
    "segment": replace(_BY, rows=Side.SEGMENT),
    "product_by_channel": replace(_BY, rows=Side.PRODUCT, columns=Side.CHANNEL),
}
_FILL = """
insert into needs (id, org_id, number, need_type, customer_id, customer_name, text, channel, quantity, value,
  currency, status, lost_reason, owner_id, version, created_at, updated_at, next_step)
select uuidv7(), org_id, 'B-' || n, 'type ' || (n * 7919 %% 25), null, 'Customer ' || n %% 5000,
  'Something that a customer asked for, number ' || n || ', with words about what, why and until when',
  (array['web', 'email', 'phone', 'fair', 'import', 'partner'])[1 + n %% 6], 1 + n %% 50, (n * 31 %% 90000),
  case when n %% 20 = 0 then 'USD' else 'EUR' end,
  case when n %% 10 < 8 then 'new' else 'qualified' end, '', owner_id, 1,
  timestamptz '2026-11-01' - (n %% 730) * interval '1 day' - (n %% 86400) * interval '1 second',
  created_at, ''
from (select * from needs where org_id = %s limit 1) as kept, generate_series(1, %s::bigint) as n
"""


def measure(needs: int = NEEDS) -> dict[str, float]:
    with installation() as place, business.application(place.settings):
        firm = business.open_business("benchexplore")
        actor = Actor(org_id=firm.org_id, person_id=firm.person_id, roles=frozenset({Role.SALES}))
        commands.create(actor, {"need_type": "type 0", "text": "The first", "currency": "EUR"})
        with psycopg.connect(place.postgres.conninfo(SUPERUSER, "placet"), autocommit=True) as connection:
            connection.execute(_FILL, (firm.org_id, needs))
            connection.execute("vacuum analyze")
        figures = {f"needs.explore_{name}_ms": _ask(firm, question) for name, question in QUESTIONS.items()}
        figures["needs.explore_month_ms"] = _ask(
            firm, _BY, Filter(since=date(2026, 3, 1), until=date(2026, 3, 31))
        )
        figures["needs.board_ms"] = _time(firm, lambda tx: board.columns(tx, Filter()))
        figures["needs.funnel_ms"] = _time(firm, lambda tx: funnel.funnel(tx, Filter()))
        return figures


def _ask(firm: Business, question: Question, wanted: Filter = Filter()) -> float:  # noqa: B008 # frozen
    def ask(tx: object) -> object:
        return explore.explore(tx, wanted, question, (40, 8))  # type: ignore[arg-type] # an open read

    return _time(firm, ask)


def _time(firm: Business, ask: Callable[..., object]) -> float:
    """Return the median time of a read in milliseconds, its transaction included."""
    times = []
    for number in range(1 + ROUNDS):
        began = time.perf_counter()
        with reading(firm.org_id) as tx:
            ask(tx)
        if number:
            times.append((time.perf_counter() - began) * 1000)
    return round(median(times), 1)


if __name__ == "__main__":
    results.record(measure(int(sys.argv[1]) if len(sys.argv) > 1 else NEEDS))
